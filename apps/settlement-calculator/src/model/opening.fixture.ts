import type { EventData } from '@qingfen/contracts';
import { payeeIds, type Deck } from './deck.fixture.js';
import { Player } from './player.fixture.js';
import type { Tally } from './tally.fixture.js';
import type { Workshop } from './workshop.fixture.js';
import { World } from './world.fixture.js';

/** Shops whose payees have an account each, and whose two teams a leader each; no plan as yet. */
export async function openShops(
  workshop: Workshop,
  { deck, shops }: { readonly deck: Deck; readonly shops: number },
  tally: Tally,
): Promise<Player> {
  const { day, hour } = deck.start;
  const shopIds = await workshop.newShops(shops);
  const world = new World(deck, shopIds, Date.UTC(2026, 0, day, hour - 8));
  const player = new Player(workshop, world, tally);
  await player.hear(
    'shop-upserted',
    shopIds.map((shopId) => world.shopFact(shopId, '50000.00')),
  );
  const payees = shopIds.flatMap((shopId) =>
    payeeIds.map((payeeId, place) => payeeFact(world, { shopId, payeeId, place })),
  );
  await player.hear('payee-upserted', payees);
  return player;
}

function payeeFact(
  world: World,
  {
    shopId,
    payeeId,
    place,
  }: { readonly shopId: string; readonly payeeId: string; readonly place: number },
): EventData['payee-upserted'] {
  const isLeader = place < 2;
  return {
    shopId,
    payeeId,
    name: payeeId,
    roles: isLeader ? ['distributor', 'team-leader'] : ['supplier'],
    tasks: place === 2 ? [] : ['kyc'],
    ...(isLeader ? { teamId: `t-${place + 1}` } : {}),
    alipay: world.accountOf(payeeId, 'a'),
  };
}
