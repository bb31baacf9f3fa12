import fc from 'fast-check';
import { deedOf } from './commands.fixture.js';
import { deck, type Deck } from './deck.fixture.js';
import { openShops } from './opening.fixture.js';
import type { Player } from './player.fixture.js';
import type { Tally } from './tally.fixture.js';
import { cut, wish, type Wish } from './wishes.fixture.js';
import type { Cut, Workshop } from './workshop.fixture.js';
import type { World } from './world.fixture.js';

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
    player.tally.count('wished for', this.wanted.what);
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
  await player.pass(0);
  await player.look('at the end');
  await player.hearAllAgain();
  await player.look('after everything was heard again');
  await player.refundAll();
  await workshop.retire(world.shopIds);
}

/** Shops with a version in force, and orders that have come. */
async function begin(workshop: Workshop, sequence: Sequence, tally: Tally): Promise<Player> {
  const player = await openShops(workshop, sequence, tally);
  const { world } = player;
  const { shopIds } = world;
  if (shopIds.length > 1) tally.count('besides', 'sequences in two shops');
  await player.hear(
    'settlement-plan-published',
    shopIds.map((shopId) => world.versionOf(shopId, { number: 1, plan: 0, hours: -planAgeHours })),
  );
  const ofOpening = Array.from({ length: ordersOfOpening }, (_, card) => card);
  await player.hear(
    'order-completed',
    shopIds.flatMap((shopId) => ofOpening.map((card) => world.orderOf(shopId, card))),
  );
  return player;
}
