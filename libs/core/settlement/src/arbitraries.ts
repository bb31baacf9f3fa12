import fc from 'fast-check';
import { minor, ppm, ZERO } from '@qingfen/money';
import type { Condition, Plan, Rate, Share, Tier } from '@qingfen/core-plan';
import { rateFactKey, type Chain } from './chain.js';
import type { Line, LineKind } from './split-line.js';
import type { ReferenceLine, ReferencePlan, ReferenceShare } from './reference/split-reference.js';

/** A line with the people around it, for properties. */
export interface LineCase {
  readonly plan: Plan;
  readonly baseMinor: bigint;
  /** What refunds took of the line, and what the rest of the order was paid. */
  readonly refundedMinor: bigint;
  readonly othersMinor: bigint;
  readonly kind: LineKind;
  readonly distributors: readonly (string | null)[];
  readonly buyerPayeeId: string | undefined;
  /** The value of every fact, by payee. */
  readonly facts: Readonly<Record<string, bigint>>;
}

/** Rates as people write them, and all others. */
const rate = fc.oneof(
  fc.constantFrom(0n, 50_000n, 100_000n, 200_000n, 300_000n, 333_333n, 500_000n, 1_000_000n),
  fc.bigInt({ min: 0n, max: 1_000_000n }),
);

/** Small bases most of all: rounding and bounds decide there. */
export const baseMinor = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 10_000_000n }),
  fc.bigInt({ min: 0n, max: 99_999_999_999_999n }),
);

const bounds = fc
  .tuple(
    fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2_000n })),
    fc.option(fc.bigInt({ min: 0n, max: 20_000n }), { nil: null }),
  )
  .map(([min, more]) => ({
    minMinor: minor(min),
    maxMinor: more === null ? null : minor(min + more),
  }));

const amount = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 0n, max: 2_000n }),
  fc.bigInt({ min: 0n, max: 2_000_000n }),
);

/** Steps that ascend from 0. */
const froms = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: 200_000n }), { maxLength: 4 })
  .map((values) => [0n, ...values.sort((a, b) => (a < b ? -1 : 1))]);

const tiers: fc.Arbitrary<readonly Tier[]> = fc
  .tuple(froms, fc.array(rate, { minLength: 5 }), fc.array(amount, { minLength: 5 }))
  .map(([steps, rates, fixed]) =>
    steps.map((from, index) => ({
      fromMinor: minor(from),
      ratePpm: ppm(rates[index] ?? 0n),
      fixedMinor: minor(fixed[index] ?? 0n),
    })),
  );

const dynamicRate: fc.Arbitrary<Rate> = fc
  .tuple(
    froms,
    fc.array(rate, { minLength: 5 }),
    fc.constantFrom('payee-level', 'payee-month-volume', 'payee-refund-rate'),
  )
  .map(([steps, rates, by]) => ({
    kind: 'dynamic' as const,
    by,
    tiers: steps.map((from, index) => ({ from, ratePpm: ppm(rates[index] ?? 0n) })),
  }));

const plainRate: fc.Arbitrary<Rate> = rate.map((value) => ({
  kind: 'plain' as const,
  ratePpm: ppm(value),
}));

const plainShare: fc.Arbitrary<Share> = plainRate.map((given) => shareOf({ rate: given }));

/** Every form of a share: fixed, rated, tiered, dynamic, mixed, bounded. */
const anyShare: fc.Arbitrary<Share> = fc
  .record({
    fixedMinor: amount.map(minor),
    rate: fc.oneof(plainRate, plainRate, dynamicRate),
    tiers: fc.oneof(fc.constant([]), tiers),
    method: fc.constantFrom('whole' as const, 'marginal' as const),
    bounds,
  })
  .map(({ bounds: within, ...share }) => shareOf({ ...share, ...within }));

function shareOf(given: Partial<Share>): Share {
  return {
    fixedMinor: ZERO,
    rate: { kind: 'plain', ratePpm: ppm(0n) },
    tiers: [],
    method: 'whole',
    minMinor: ZERO,
    maxMinor: null,
    ...given,
  };
}

const conditions: fc.Arbitrary<readonly Condition[]> = fc.array(
  amount.map((atLeast) => ({
    when: 'order-amount' as const,
    for: 'commission' as const,
    atLeastMinor: minor(atLeast),
  })),
  { maxLength: 1 },
);

/**
 * Plans, those that readPlan refuses as `exceeds-base` among them: splitting caps whatever comes. Half of
 * them have plain rates alone, which are split by a short cut.
 */
const terms = {
  payeeCycles: [],
  onHoliday: 'run' as const,
  minPayoutMinor: minor(10n),
  payVia: 'transfer' as const,
};

export const plan: fc.Arbitrary<Plan> = fc
  .record({
    rounding: fc.constantFrom('half-up' as const, 'half-even' as const, 'down' as const),
    fee: rate,
    bounds,
    basis: fc.constantFrom('cascade' as const, 'flat' as const, 'gross' as const),
    levels: fc.oneof(
      fc.array(plainShare, { minLength: 1, maxLength: 5 }),
      fc.array(anyShare, { minLength: 1, maxLength: 5 }),
    ),
    selfPurchase: fc.constantFrom('allow' as const, 'skip' as const),
    hasCommission: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
    hasSupplier: fc.boolean(),
    delayDays: fc.nat({ max: 30 }),
    returnWindowDays: fc.nat({ max: 30 }),
    conditions,
  })
  .map((given) => ({
    currency: 'CNY',
    rounding: given.rounding,
    returnWindowDays: given.returnWindowDays,
    platformFee: { ratePpm: ppm(given.fee), ...given.bounds },
    ...(given.hasCommission && {
      commission: {
        basis: given.basis,
        levels: given.levels,
        selfPurchase: given.selfPurchase,
        cycle: { every: 'day' as const, at: '02:00' },
        ...terms,
      },
    }),
    ...(given.hasSupplier && {
      supplier: {
        delayDays: given.delayDays,
        cycle: { every: 'week' as const, on: 'monday' as const, at: '02:00' },
        ...terms,
      },
    }),
    conditions: given.conditions,
  }));

export const distributors = fc.array(fc.constantFrom('d-1', 'd-2', 'd-3', null), { maxLength: 6 });
export const buyerPayeeId = fc.constantFrom(undefined, 'd-1', 'd-2');
export const lineKind: fc.Arbitrary<LineKind> = fc
  .integer({ min: 0, max: 9 })
  .map((dice) => (dice === 0 ? 'shipping' : 'goods'));

const payeeIds = ['d-1', 'd-2', 'd-3'];

export const facts: fc.Arbitrary<LineCase['facts']> = fc
  .array(fc.bigInt({ min: 0n, max: 250_000n }), { minLength: 3, maxLength: 3 })
  .map((values) => Object.fromEntries(payeeIds.map((id, index) => [id, values[index] ?? 0n])));

export const lineCase: fc.Arbitrary<LineCase> = fc.record({
  plan,
  baseMinor,
  refundedMinor: fc.oneof(fc.constant(0n), baseMinor),
  othersMinor: amount,
  kind: lineKind,
  distributors,
  buyerPayeeId,
  facts,
});

export function lineOf({ baseMinor: base, refundedMinor, kind }: LineCase): Line {
  return { baseMinor: minor(base), paidMinor: minor(base + refundedMinor), kind };
}

/** The chain of a case: what an order would have told of it. */
export function chainOfCase(
  given: Pick<LineCase, 'distributors' | 'buyerPayeeId' | 'facts'> &
    Partial<Pick<LineCase, 'baseMinor' | 'refundedMinor' | 'othersMinor'>>,
): Chain {
  const by = ['payee-level', 'payee-month-volume', 'payee-refund-rate'] as const;
  const values = Object.entries(given.facts);
  return {
    distributors: given.distributors,
    ...(given.buyerPayeeId !== undefined && { buyerPayeeId: given.buyerPayeeId }),
    orderPaidMinor: minor(
      (given.baseMinor ?? 0n) + (given.refundedMinor ?? 0n) + (given.othersMinor ?? 0n),
    ),
    rateFacts: new Map(
      values.flatMap(([id, value]) =>
        by.map((fact): [string, bigint] => [rateFactKey(fact, id), value]),
      ),
    ),
  };
}

/** The same line in the words of the reference. */
export function referenceLineOf(given: LineCase): ReferenceLine {
  const paid = given.baseMinor + given.refundedMinor;
  return {
    base: decimal(given.baseMinor, 2),
    paid: decimal(paid, 2),
    orderPaid: decimal(paid + given.othersMinor, 2),
    kind: given.kind,
    digits: 2,
    distributors: given.distributors,
    ...(given.buyerPayeeId !== undefined && { buyerPayeeId: given.buyerPayeeId }),
  };
}

/** The same plan in the words of the reference; facts are compared as the numbers that they are. */
export function referencePlanOf(given: Plan, values: LineCase['facts'] = {}): ReferencePlan {
  const { platformFee, commission } = given;
  return {
    rounding: given.rounding,
    fee: { rate: decimal(platformFee.ratePpm, 6), ...boundsOf(platformFee) },
    basis: commission?.basis ?? 'cascade',
    levels: (commission?.levels ?? []).map((share) => referenceShareOf(share, values)),
    selfPurchase: commission?.selfPurchase ?? 'allow',
    orderAtLeast: given.conditions.flatMap((condition) =>
      condition.when === 'order-amount' && condition.for === 'commission'
        ? [decimal(condition.atLeastMinor, 2)]
        : [],
    ),
  };
}

function referenceShareOf(share: Share, values: LineCase['facts']): ReferenceShare {
  const { rate: given } = share;
  return {
    fixed: decimal(share.fixedMinor, 2),
    rate:
      given.kind === 'plain'
        ? decimal(given.ratePpm, 6)
        : {
            tiers: given.tiers.map(({ from, ratePpm }) => ({
              from: from.toString(),
              rate: decimal(ratePpm, 6),
            })),
            values: Object.fromEntries(
              Object.entries(values).map(([id, value]) => [id, value.toString()]),
            ),
          },
    tiers: share.tiers.map(({ fromMinor, ratePpm, fixedMinor }) => ({
      from: decimal(fromMinor, 2),
      rate: decimal(ratePpm, 6),
      fixed: decimal(fixedMinor, 2),
    })),
    method: share.method,
    ...boundsOf(share),
  };
}

function boundsOf(within: Pick<Share, 'minMinor' | 'maxMinor'>): { min?: string; max?: string } {
  return {
    ...(within.minMinor !== ZERO && { min: decimal(within.minMinor, 2) }),
    ...(within.maxMinor !== null && { max: decimal(within.maxMinor, 2) }),
  };
}

/** Not formatAmount: what tests compare with does not lean on what they test. */
export function decimal(value: bigint, digits: number): string {
  const padded = value.toString().padStart(digits + 1, '0');
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}
