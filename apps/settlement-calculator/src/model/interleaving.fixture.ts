import type { EventData } from '@qingfen/contracts';
import { fenOf, yuanOf } from '@qingfen/testing';
import fc from 'fast-check';
import type { HeardTopic } from '../books.fixture.js';
import { deck, ordersMax, type Deck } from './deck.fixture.js';
import { reason } from './hand-commands.fixture.js';
import { openShops } from './opening.fixture.js';
import type { Player } from './player.fixture.js';
import type { Tally } from './tally.fixture.js';
import { cut } from './wishes.fixture.js';
import type { Cut, Workshop } from './workshop.fixture.js';
import type { World } from './world.fixture.js';

const order = fc.nat({ max: ordersMax - 1 });

/** A part of a line, in quarters of what was paid for it; what is left may be less. */
const refund = fc.record({
  order,
  line: fc.nat({ max: 2 }),
  quarters: fc.constantFrom(1, 2, 4),
  hoursAgo: fc.nat({ max: 90 }),
  isReversed: fc.constantFrom(false, false, true),
});

const plan = fc.nat({ max: 3 });

/** The first version takes effect before the others, and is not withdrawn: it binds what no other does. */
const firstVersion = fc.record({
  plan,
  hours: fc.constantFrom(-400, -200, -72),
  isWithdrawn: fc.constant(false),
});

const laterVersion = fc.record({
  plan,
  hours: fc.constantFrom(-60, -40, -20, -3, 0, 30),
  isWithdrawn: fc.constantFrom(false, false, false, true),
});

/** When something is told, in hours from the beginning; mostly several things between two runs. */
const telling = fc.record({ hour: fc.nat({ max: 60 }), cut });

const factsMax = 80;

/** What happens in a shop, and two ways in which the calculator may come to hear of it. */
export interface Interleavings {
  readonly deck: Deck;
  readonly refunds: readonly Sampled<typeof refund>[];
  readonly versions: readonly {
    readonly plan: number;
    readonly hours: number;
    readonly isWithdrawn: boolean;
  }[];
  readonly disputes: readonly number[];
  readonly tellings: readonly (readonly Sampled<typeof telling>[])[];
}

type Sampled<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** Not small numbers first, as usual: what is told in one hour is told in one order. */
const tellings = fc.noBias(fc.array(telling, { minLength: factsMax, maxLength: factsMax }));

export const interleavings: fc.Arbitrary<Interleavings> = fc.record({
  deck,
  refunds: fc.array(refund, { minLength: 4, maxLength: 14, size: 'max' }),
  versions: fc
    .tuple(firstVersion, fc.array(laterVersion, { maxLength: 3, size: 'max' }))
    .map(([first, later]) => [first, ...later]),
  disputes: fc.array(order, { minLength: 1, maxLength: 4 }),
  tellings: fc.tuple(tellings, tellings),
});

/** A fact as it is told of a shop, and which one is told before it. */
interface Fact {
  readonly tell: (player: Player, shopId: string, cut: Cut | null) => Promise<unknown>;
  /** Rules says of a shop's plans one thing after the other: the first version, and no withdrawal at once. */
  readonly behind?: Fact;
}

/**
 * Has two shops hear the same facts, each in an order and at instants of its own, with runs between, and
 * compares what parties are owed at the end, line by line; then all of it goes back to the buyers.
 * @throws Error where it differs, or differs from the model
 */
export async function tellTwice(
  workshop: Workshop,
  told: Interleavings,
  tally: Tally,
): Promise<void> {
  const player = await openShops(workshop, { deck: told.deck, shops: 2 }, tally);
  const { world } = player;
  const facts = factsOf(world, told);
  const startMs = world.nowMs;
  for (const { hour, place, shopId } of timeline(facts, told, world.shopIds)) {
    await player.pass(hour - (world.nowMs - startMs) / 3_600_000);
    await facts[place]?.tell(
      player,
      shopId,
      told.tellings[world.shopIds.indexOf(shopId)]?.[place]?.cut ?? null,
    );
  }
  await player.pass(24);
  await player.look('after the same facts in two orders');
  const [one = '', other = ''] = await Promise.all(
    world.shopIds.map((shopId) => totalsOf(workshop, shopId)),
  );
  if (one !== other) throw new Error(`the order of events matters:\n${one}\nand\n${other}`);
  tally.count('besides', 'pairs of interleavings compared');
  await player.refundAll();
  await workshop.retire(world.shopIds);
}

function timeline(
  facts: readonly Fact[],
  { tellings: ofShops }: Interleavings,
  shopIds: readonly string[],
): readonly { readonly hour: number; readonly place: number; readonly shopId: string }[] {
  const told = shopIds.flatMap((shopId, shop) => {
    const hourOf = (place: number): number => {
      const { behind } = facts[place] ?? {};
      const before = behind === undefined ? 0 : hourOf(facts.indexOf(behind));
      return Math.max(ofShops[shop]?.[place]?.hour ?? 0, before);
    };
    return facts.map((_, place) => ({ hour: hourOf(place), place, shopId }));
  });
  return told.sort((one, another) => one.hour - another.hour || one.place - another.place);
}

/** Everything that happens, dated from the beginning; who hears of it when is another matter. */
function factsOf(world: World, told: Interleavings): readonly Fact[] {
  const ofVersions = versionFacts(world, told);
  const ofOrders = Array.from({ length: ordersMax }, (_, card) =>
    fact('order-completed', world.orderOf('', card)),
  );
  const ofDisputes = told.disputes.flatMap((card, index) => {
    const of = { shopId: '', orderId: world.orderId(card), disputeId: `x-${index}` };
    return [
      fact('order-disputed', { ...of, openedAt: world.hours(-2), reason }),
      fact('order-dispute-resolved', { ...of, resolvedAt: world.hours(-1) }),
    ];
  });
  return [...ofVersions, ...ofOrders, ...ofDisputes, ...refundFacts(world, told)];
}

function versionFacts(world: World, { versions }: Interleavings): readonly Fact[] {
  let first: Fact | undefined;
  return versions.flatMap((wanted, index) => {
    const data = world.versionOf('', { ...wanted, number: index + 1 });
    const publication = {
      ...fact('settlement-plan-published', data),
      ...(first === undefined ? {} : { behind: first }),
    };
    first ??= publication;
    if (!wanted.isWithdrawn) return [publication];
    const withdrawnAt = new Date(Date.parse(data.effectiveFrom) - 1).toISOString();
    const withdrawal = fact('settlement-plan-published', { ...data, withdrawnAt });
    return [publication, { ...withdrawal, behind: publication }];
  });
}

/** Refunds that all fit, whatever is heard first, and reversals of some. */
function refundFacts(world: World, { refunds }: Interleavings): readonly Fact[] {
  const takenQuarters = new Map<string, number>();
  return refunds.flatMap((wanted, index) => {
    const { items } = world.cardOf(world.orderId(wanted.order));
    const item = items[wanted.line % items.length];
    if (item === undefined) return [];
    const place = `${wanted.order} ${item.itemId}`;
    const taken = takenQuarters.get(place) ?? 0;
    const until = Math.min(4, taken + wanted.quarters);
    takenQuarters.set(place, until);
    const part = (paid: string): bigint => quarters(paid, until) - quarters(paid, taken);
    const [amount, subsidy] = [part(item.amount), part(item.subsidy ?? '0')];
    if (amount + subsidy === 0n) return [];
    const of = { shopId: '', orderId: world.orderId(wanted.order), refundId: `r-${index}` };
    const row = { itemId: item.itemId, amount: yuanOf(amount), subsidy: yuanOf(subsidy) };
    const refundedAt = world.hours(-wanted.hoursAgo);
    const back = fact('order-refunded', { ...of, refundedAt, items: [row] });
    const reversal = fact('order-refund-reversed', { ...of, at: world.hours(-1) });
    return wanted.isReversed ? [back, reversal] : [back];
  });
}

function quarters(paid: string, count: number): bigint {
  return (fenOf(paid) * BigInt(count)) / 4n;
}

function fact<T extends HeardTopic>(topic: T, data: EventData[T]): Fact {
  return {
    tell: (player, shopId, at) => player.hear(topic, [{ ...data, shopId }], at),
  };
}

/** What parties are owed of every line, on statements or not, by which version, and the shop's accounts. */
async function totalsOf({ database }: Workshop, shopId: string): Promise<string> {
  const rows = await database.query<{ line: string }>(totalsSql, [shopId]);
  return rows.map(({ line }) => line).join('\n');
}

const totalsSql = `
SELECT concat_ws(' ', e.order_id, e.item_id, e.kind, e.level, e.payee_id,
                 sum(e.amount_minor + coalesce(a.sum, 0))) AS line
  FROM entry e
  LEFT JOIN (SELECT entry_id, sum(amount_minor) AS sum FROM entry_adjustment WHERE shop_id = $1
              GROUP BY entry_id) a USING (entry_id)
 WHERE e.shop_id = $1 AND e.cause IN ('order', 'refund', 'refund-reversal', 'rebinding')
 GROUP BY e.order_id, e.item_id, e.kind, e.level, e.payee_id
HAVING sum(e.amount_minor + coalesce(a.sum, 0)) <> 0
UNION ALL
SELECT order_id || ' v' || coalesce(plan_version::text, '-') FROM completed_order WHERE shop_id = $1
UNION ALL
SELECT account || ' ' || sum(amount_minor) FROM posting
 WHERE shop_id = $1 AND account !~ '^(payable|payout-in-transit|alipay-cash|expense:team-reward)'
 GROUP BY account HAVING sum(amount_minor) <> 0
 ORDER BY 1`;
