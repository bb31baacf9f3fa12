import fc from 'fast-check';
import { deedOf } from './commands.fixture.js';
import { deck, payeeIds, type Deck } from './deck.fixture.js';
import { Player, type Tally } from './player.fixture.js';
import { cut, wish, type Wish } from './wishes.fixture.js';
import type { Cut, Workshop } from './workshop.fixture.js';
import { World } from './world.fixture.js';

const wishesMax = 60;
/** The first version takes effect so many hours before a sequence begins. */
const planAgeHours = 72;
/** Of the deck so many have come when a sequence begins. */
const ordersOfOpening = 5;

/** A wish as fast-check runs it, and leaves it out while it looks for a shorter sequence. */
class Command implements fc.AsyncCommand<World, Player> {
  constructor(
    private readonly wanted: Wish,
    private readonly cut: Cut | null,
  ) {}

  check(world: World): boolean {
    return deedOf(this.wanted, world) !== null;
  }

  async run(world: World, player: Player): Promise<void> {
    player.count(`wish ${this.wanted.what}`);
    await deedOf(this.wanted, world)?.(player, this.cut);
  }

  toString(): string {
    return JSON.stringify(this.cut === null ? this.wanted : { ...this.wanted, cut: this.cut });
  }
}

/** A world, and what is wished for in it. */
export interface Sequence {
  readonly deck: Deck;
  readonly shops: number;
  readonly commands: Iterable<fc.AsyncCommand<World, Player>>;
}

/** Sequences of up to 60 wishes; one in five plays in two shops at once. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  deck,
  shops: fc.constantFrom(1, 1, 1, 1, 2),
  commands: fc.commands([fc.tuple(wish, cut).map(([wanted, at]) => new Command(wanted, at))], {
    maxCommands: wishesMax,
    size: 'max',
  }),
});

/**
 * Plays a sequence and compares at its end; then everything is heard again, and all that is left of
 * every order is refunded. @throws Error where calculator and model differ
 */
export async function play(workshop: Workshop, sequence: Sequence, tally: Tally): Promise<void> {
  const player = await begin(workshop, sequence, tally);
  const { world } = player;
  await fc.asyncModelRun(() => ({ model: world, real: player }), sequence.commands);
  await player.pass(0, { away: false, replicas: 1, cut: null });
  await player.look('at the end');
  await player.hearAllAgain();
  await player.look('after everything was heard again');
  await player.refundAll();
  await workshop.retire(world.shopIds);
}

/** Shops with a version in force and payees with an account each; both teams have a leader. */
async function begin(workshop: Workshop, sequence: Sequence, tally: Tally): Promise<Player> {
  const { day, hour } = sequence.deck.start;
  const startMs = Date.UTC(2026, 0, day, hour - 8);
  const shopIds = await workshop.newShops(sequence.shops);
  const world = new World(sequence.deck, shopIds, startMs);
  const player = new Player(workshop, world, tally);
  await player.hear(
    'shop-upserted',
    shopIds.map((shopId) => world.shopFact(shopId, '50000.00')),
  );
  await player.hear(
    'settlement-plan-published',
    shopIds.map((shopId) => world.versionOf(shopId, { number: 1, plan: 0, hours: -planAgeHours })),
  );
  await player.hear(
    'payee-upserted',
    shopIds.flatMap((shopId) =>
      payeeIds.map((payeeId, index) => ({
        shopId,
        payeeId,
        name: payeeId,
        roles:
          index < 2 ? (['distributor', 'team-leader'] as const).slice() : ['supplier' as const],
        tasks: index === 2 ? [] : ['kyc'],
        ...(index < 2 ? { teamId: `t-${index + 1}` } : {}),
        alipay: world.accountOf(payeeId, 'a'),
      })),
    ),
  );
  const ofOpening = Array.from({ length: ordersOfOpening }, (_, card) => card);
  await player.hear(
    'order-completed',
    shopIds.flatMap((shopId) => ofOpening.map((card) => world.orderOf(shopId, card))),
  );
  return player;
}
