import { readPlan } from '@qingfen/core-plan';
import {
  yuanOf,
  type ConditionTerms,
  type CycleTerms,
  type ReferencePlan,
  type ShareTerms,
  type TierTerms,
} from '@qingfen/testing';
import fc from 'fast-check';

/** An order as it will be told; when it is paid and completed depends on when that is. */
export interface OrderCard {
  /** Hours before (or after) now. */
  readonly completedHoursAgo: number;
  readonly paidHoursBefore: number;
  readonly items: readonly {
    readonly itemId: string;
    readonly supplierId: string;
    readonly amount: string;
    readonly subsidy?: string;
    readonly kind?: 'goods' | 'shipping';
  }[];
  readonly distributors: readonly (string | null)[];
  readonly buyerPayeeId?: string;
  readonly teamId?: string;
  readonly alipayTradeNo?: string;
  readonly currency: string;
  /** What `order` says of its return window: in time, too early, or nothing. */
  readonly window: 'told' | 'early' | 'untold';
}

/** What the commands of a sequence draw from. */
export class Deck {
  constructor(
    readonly orders: readonly OrderCard[],
    readonly plans: readonly ReferencePlan[],
    /** Hour of the day at which the sequence begins, and on which day of a month. */
    readonly start: { readonly day: number; readonly hour: number },
  ) {}

  /** Plans go by their place in the deck. */
  hashOf(place: number): string {
    return `plan-${place % this.plans.length}`;
  }

  planOf(hash: string): ReferencePlan {
    const plan = this.plans[Number(hash.replace('plan-', ''))];
    if (plan === undefined) throw new Error(`${hash} is not in the deck`);
    return plan;
  }

  toString(): string {
    return JSON.stringify({ start: this.start, plans: this.plans, orders: this.orders });
  }
}

export const distributorIds = ['d-1', 'd-2', 'd-3', 's-1'] as const;
export const supplierIds = ['s-1', 's-2'] as const;
export const kinds = ['commission', 'supplier', 'team-reward'] as const;
export const teamIds = ['t-1', 't-2'] as const;
export const payeeIds = ['d-1', 'd-2', 'd-3', 's-1', 's-2'] as const;

export const ordersMax = 10;
const levelsMax = 3;

const amount = fc
  .oneof(
    { weight: 5, arbitrary: fc.integer({ min: 100, max: 60_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 1, arbitrary: fc.constantFrom(1_999, 2_000, 4_999, 5_000, 30_000, 1_234_567) },
  )
  .map((fen) => yuanOf(BigInt(fen)));

const smallAmount = fc.constantFrom('0.01', '0.05', '0.33', '1.00', '2.50');

/** Bounds that mostly do not bind. */
const lowerBound = fc.constantFrom('0.00', '0.00', '0.00', '0.00', '0.05', '1.00', '2.50');
const upperBound = fc.constantFrom('999999.00', '999999.00', '999999.00', '999999.00', '5.00');

const item = fc.record(
  {
    supplierId: fc.constantFrom(...supplierIds),
    amount,
    subsidy: fc.constantFrom('0.00', '0.00', '0.01', '0.33', '5.00'),
    kind: fc.constantFrom(
      'goods' as const,
      'goods' as const,
      'goods' as const,
      'shipping' as const,
    ),
  },
  { requiredKeys: ['supplierId', 'amount'] },
);

const orderCard: fc.Arbitrary<OrderCard> = fc.record(
  {
    completedHoursAgo: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 72 }) },
      { weight: 2, arbitrary: fc.integer({ min: 73, max: 400 }) },
      { weight: 1, arbitrary: fc.integer({ min: -30, max: -1 }) },
    ),
    paidHoursBefore: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: 61, max: 500 }) },
    ),
    items: fc
      .array(item, { minLength: 1, maxLength: 3 })
      .map((items) => items.map((one, index) => ({ ...one, itemId: `i-${index + 1}` }))),
    distributors: fc.array(fc.option(fc.constantFrom(...distributorIds), { freq: 6 }), {
      maxLength: levelsMax,
      size: 'max',
    }),
    buyerPayeeId: fc.constantFrom(...distributorIds),
    teamId: fc.constantFrom(...teamIds),
    alipayTradeNo: fc.constant('trade-1'),
    currency: fc.constantFrom(...Array.from({ length: 19 }, () => 'CNY'), 'USD'),
    window: fc.constantFrom('told', 'told', 'told', 'told', 'told', 'told', 'early', 'untold'),
  },
  {
    requiredKeys: [
      'completedHoursAgo',
      'paidHoursBefore',
      'items',
      'distributors',
      'currency',
      'window',
    ],
  },
);

const rate = fc.constantFrom('0.30', '0.20', '0.10', '0.05', '0.333333', '0.015', '0');

const tier = fc.record(
  { rate: fc.constantFrom('0.05', '0.10', '0.25'), fixed: smallAmount },
  { requiredKeys: ['rate'] },
);
const tiers: fc.Arbitrary<readonly TierTerms[]> = fc
  .array(tier, { minLength: 1, maxLength: 3 })
  .map((steps) =>
    steps.map((step, index) => ({ from: ['0', '20.00', '300.00'][index] ?? '', ...step })),
  );

const rateByLevel = {
  by: 'payee-level',
  tiers: [
    { from: '0', rate: '0.05' },
    { from: '2', rate: '0.15' },
  ],
} as const;

const bounds = { min: lowerBound, max: upperBound };

/** Fixed amounts, rates plain and dynamic, tiers, and several of them together. */
const share: fc.Arbitrary<ShareTerms> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ rate }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { fixed: smallAmount, rate: fc.oneof(rate, fc.constant(rateByLevel)), ...bounds },
      { requiredKeys: ['rate'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ fixed: smallAmount, ...bounds }, { requiredKeys: ['fixed'] }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        fixed: smallAmount,
        rate,
        tiers,
        method: fc.constantFrom('whole' as const, 'marginal' as const),
        ...bounds,
      },
      { requiredKeys: ['tiers'] },
    ),
  },
);

const at = fc.constantFrom('02:00', '05:30');
const daily: fc.Arbitrary<CycleTerms> = at.map((time) => ({ every: 'day', at: time }));
const weekly: fc.Arbitrary<CycleTerms> = fc
  .tuple(fc.constantFrom('monday', 'thursday'), at)
  .map(([on, time]) => ({ every: 'week', on, at: time }));
const monthly: fc.Arbitrary<CycleTerms> = fc
  .constantFrom('last-day', 28, 5)
  .map((on) => ({ every: 'month', on, at: '23:30' }));

const minPayout = fc.constantFrom('0.10', '0.10', '0.10', '1.00', '20.00');

const condition: fc.Arbitrary<ConditionTerms> = fc.oneof(
  fc.record({
    for: fc.constantFrom('commission' as const, 'team-reward' as const),
    when: fc.constant('order-amount' as const),
    atLeast: fc.constantFrom('5.00', '100.00'),
  }),
  fc.record({
    for: fc.constantFrom('commission' as const, 'supplier' as const, 'team-reward' as const),
    when: fc.constant('payee-task' as const),
    task: fc.constant('kyc'),
  }),
);

const commission = fc.record(
  {
    basis: fc.constantFrom('cascade' as const, 'flat' as const, 'gross' as const),
    levels: fc.array(share, { minLength: 1, maxLength: levelsMax, size: 'max' }),
    selfPurchase: fc.constantFrom('allow' as const, 'skip' as const),
    cycle: fc.oneof({ weight: 4, arbitrary: daily }, { weight: 1, arbitrary: weekly }),
    minPayout,
  },
  { requiredKeys: ['levels', 'cycle'] },
);

const supplier = fc.record(
  {
    delayDays: fc.constantFrom(0, 2, 7),
    cycle: fc.oneof({ weight: 1, arbitrary: daily }, { weight: 2, arbitrary: weekly }),
    minPayout,
  },
  { requiredKeys: ['delayDays', 'cycle'] },
);

const teamTiers: readonly (readonly TierTerms[])[] = [
  [{ from: '0', rate: '0.01' }],
  [
    { from: '0', rate: '0' },
    { from: '50.00', rate: '0.02', fixed: '1.00' },
    { from: '400.00', rate: '0.033333' },
  ],
];

const teamReward = fc.record(
  {
    method: fc.constantFrom('whole' as const, 'marginal' as const),
    tiers: fc.constantFrom(...teamTiers),
    cycle: fc.oneof(
      { weight: 1, arbitrary: daily },
      { weight: 3, arbitrary: weekly },
      { weight: 2, arbitrary: monthly },
    ),
    minPayout,
  },
  { requiredKeys: ['tiers', 'cycle'] },
);

const plan: fc.Arbitrary<ReferencePlan> = fc
  .record(
    {
      rounding: fc.constantFrom('half-up' as const, 'half-even' as const, 'down' as const),
      returnWindowDays: fc.constantFrom(0, 1, 3, 7),
      platformFee: fc.record({ rate, ...bounds }, { requiredKeys: ['rate'] }),
      commission,
      supplier,
      teamReward,
      conditions: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(condition, { minLength: 1, maxLength: 2 }) },
      ),
    },
    { requiredKeys: ['returnWindowDays'] },
  )
  .filter((document) => readPlan(document, { levelsMax }).kind === 'ok');

export const deck: fc.Arbitrary<Deck> = fc
  .record({
    orders: fc.array(orderCard, { minLength: ordersMax, maxLength: ordersMax }),
    plans: fc.array(plan, { minLength: 4, maxLength: 4 }),
    start: fc.record({
      day: fc.constantFrom(5, 12, 20, 26),
      hour: fc.constantFrom(0, 1, 10, 23),
    }),
  })
  .map(({ orders, plans, start }) => new Deck(orders, plans, start));
