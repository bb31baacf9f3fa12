import fc from 'fast-check';
import { kinds, payeeIds, teamIds } from './deck.fixture.js';
import type { Cut } from './workshop.fixture.js';

const orders = fc.nat({ max: 9 });
const shop = fc.nat({ max: 1 });
const number = fc.nat({ max: 7 });
const payee = fc.constantFrom(...payeeIds);
const kind = fc.constantFrom(...kinds);

/** How much of a line goes back: of what is left of it, or more than that. */
export type Portion = 'all' | 'half' | 'fen' | 'subsidy' | 'too-much' | 'unknown-line';

const portion: fc.Arbitrary<Portion> = fc.constantFrom(
  'all',
  'all',
  'half',
  'half',
  'half',
  'fen',
  'subsidy',
  'too-much',
  'unknown-line',
);

const refund = fc.record({
  order: orders,
  refund: fc.nat({ max: 3 }),
  lines: fc.array(fc.tuple(fc.nat({ max: 2 }), portion), { minLength: 1, maxLength: 3 }),
  /** Hours before now. */
  ago: fc.constantFrom(0, 0, 5, 100, -3),
});

const outcome = fc.constantFrom(
  'succeeded' as const,
  'succeeded' as const,
  'succeeded' as const,
  'failed' as const,
  'account' as const,
  'cancelled' as const,
  'returned' as const,
  'none' as const,
);

/** What may be wished for, each with its weight; what it comes to depends on how things stand. */
export const wish = fc.oneof(
  wishFor(
    'complete',
    8,
    fc.record({ shop, orders: fc.array(orders, { minLength: 1, maxLength: 4 }) }),
  ),
  wishFor(
    'refund',
    9,
    fc.record({ shop, refunds: fc.array(refund, { minLength: 1, maxLength: 3 }) }),
  ),
  wishFor(
    'reverse',
    4,
    fc.record({
      shop,
      order: orders,
      refund: fc.nat({ max: 3 }),
      /** Of a refund that has come, if any has. */
      isLate: fc.constantFrom(true, true, true, false),
      isAgain: fc.boolean(),
    }),
  ),
  wishFor('dispute', 3, fc.record({ shop, order: orders, dispute: fc.nat({ max: 1 }) })),
  wishFor('resolve', 3, fc.record({ shop, order: orders, dispute: fc.nat({ max: 1 }) })),
  wishFor(
    'closeWindow',
    2,
    fc.record({ shop, order: orders, hours: fc.constantFrom(-1, 0, 0, 48) }),
  ),
  wishFor(
    'pass',
    15,
    fc.record({
      hours: fc.constantFrom(1, 6, 13, 24, 24, 30, 48, 72, 168),
      isAway: fc.constantFrom(false, false, true),
      replicas: fc.constantFrom(1, 1, 1, 2),
    }),
  ),
  wishFor(
    'publish',
    3,
    fc.record({
      shop,
      plan: fc.nat({ max: 3 }),
      /** When it takes effect, from now; a past one comes late. */
      hours: fc.constantFrom(0, 0, 10, 40, -3, -20, -60, -200),
      isBoundAtOnce: fc.boolean(),
    }),
  ),
  wishFor('withdraw', 1, fc.record({ shop, version: number, isBoundAtOnce: fc.boolean() })),
  wishFor(
    'payee',
    3,
    fc.record({
      shop,
      payee,
      account: fc.constantFrom('a', 'a', 'a', 'b', 'b', null),
      team: fc.option(fc.constantFrom(...teamIds)),
      isLeader: fc.boolean(),
      isKnownCustomer: fc.constantFrom(true, true, false),
      level: fc.constantFrom(undefined, '1', '2', '3.5'),
    }),
  ),
  wishFor('holdPayee', 1, fc.record({ shop, payee })),
  wishFor('releasePayee', 2, fc.record({ shop, payee, isMended: fc.boolean() })),
  wishFor('holdOrder', 1, fc.record({ shop, order: orders })),
  wishFor('releaseOrder', 2, fc.record({ shop, order: orders })),
  wishFor(
    'adjust',
    2,
    fc.record({
      shop,
      payee,
      kind,
      amount: fc.constantFrom('5.00', '0.01', '-3.00', '-40.00', '120.00'),
      order: fc.option(orders, { freq: 2 }),
    }),
  ),
  wishFor('bind', 2, fc.record({ shop, order: orders, version: number, isOutside: fc.boolean() })),
  wishFor(
    'results',
    10,
    fc.record({ shop, outcomes: fc.array(outcome, { minLength: 1, maxLength: 6 }) }),
  ),
  wishFor('contradictResult', 1, fc.record({ shop, payout: number, outcome })),
  wishFor('retry', 3, fc.record({ shop, payout: number })),
  wishFor('demand', 4, fc.record({ shop, debt: number, isAll: fc.boolean() })),
  wishFor('endDemand', 5, fc.record({ shop, recovery: number, isReceived: fc.boolean() })),
  wishFor(
    'limit',
    1,
    fc.record({ shop, transferMax: fc.constantFrom('50000.00', '25.00', '73.21', '1.05') }),
  ),
  wishFor('bindAnew', 1, fc.record({})),
  wishFor('restart', 1, fc.record({})),
  wishFor('look', 2, fc.record({})),
);

/** One thing that is wished for. */
export type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never;

/** A wish of one kind. */
export type WishOf<K extends Wish['what']> = Extract<Wish, { readonly what: K }>;

function wishFor<K extends string, T extends object>(
  what: K,
  weight: number,
  wanted: fc.Arbitrary<T>,
): { readonly weight: number; readonly arbitrary: fc.Arbitrary<{ readonly what: K } & T> } {
  return { weight, arbitrary: wanted.map((given) => ({ what, ...given })) };
}

/** Runs take several transactions of some ten messages each, the rest mostly one. */
const place = fc.oneof(
  fc.record({
    at: fc.constant('commit' as const),
    behind: fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 8),
  }),
  fc.record({ at: fc.constant('message' as const), behind: fc.nat({ max: 60 }) }),
);

export const cut: fc.Arbitrary<Cut | null> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.boolean()).map(([at, isHeard]) => ({ ...at, isHeard })),
  },
);
