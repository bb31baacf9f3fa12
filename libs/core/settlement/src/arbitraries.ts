import fc from 'fast-check';
import { minor, ppm, ZERO } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import type { LineKind } from './split-line.js';
import type { ReferencePlan } from './reference/split-reference.js';

/** A line with the people around it, for properties. */
export interface LineCase {
  readonly plan: Plan;
  readonly baseMinor: bigint;
  readonly kind: LineKind;
  readonly distributors: readonly (string | null)[];
  readonly buyerPayeeId: string | undefined;
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

/**
 * Plans, those that readPlan refuses as `exceeds-base` among them: splitting caps whatever comes.
 */
export const plan: fc.Arbitrary<Plan> = fc
  .record({
    rounding: fc.constantFrom('half-up' as const, 'half-even' as const, 'down' as const),
    fee: rate,
    bounds,
    basis: fc.constantFrom('cascade' as const, 'flat' as const, 'gross' as const),
    levels: fc.array(rate, { minLength: 1, maxLength: 5 }),
    selfPurchase: fc.constantFrom('allow' as const, 'skip' as const),
    hasCommission: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
    hasSupplier: fc.boolean(),
    delayDays: fc.nat({ max: 30 }),
    returnWindowDays: fc.nat({ max: 30 }),
  })
  .map((given) => ({
    currency: 'CNY',
    rounding: given.rounding,
    returnWindowDays: given.returnWindowDays,
    platformFee: { ratePpm: ppm(given.fee), ...given.bounds },
    ...(given.hasCommission && {
      commission: {
        basis: given.basis,
        levels: given.levels.map((ratePpm) => ({ kind: 'rate' as const, ratePpm: ppm(ratePpm) })),
        selfPurchase: given.selfPurchase,
        cycle: { every: 'day' as const, at: '02:00' },
        minPayoutMinor: minor(10n),
        payVia: 'transfer' as const,
      },
    }),
    ...(given.hasSupplier && {
      supplier: {
        delayDays: given.delayDays,
        cycle: { every: 'week' as const, on: 'monday' as const, at: '02:00' },
        minPayoutMinor: minor(10n),
        payVia: 'transfer' as const,
      },
    }),
    conditions: [],
  }));

export const distributors = fc.array(fc.constantFrom('d-1', 'd-2', 'd-3', null), { maxLength: 6 });
export const buyerPayeeId = fc.constantFrom(undefined, 'd-1', 'd-2');
export const lineKind: fc.Arbitrary<LineKind> = fc
  .integer({ min: 0, max: 9 })
  .map((dice) => (dice === 0 ? 'shipping' : 'goods'));

export const lineCase: fc.Arbitrary<LineCase> = fc.record({
  plan,
  baseMinor,
  kind: lineKind,
  distributors,
  buyerPayeeId,
});

/** The same plan in the words of the reference. */
export function referencePlanOf(given: Plan): ReferencePlan {
  const { platformFee, commission } = given;
  return {
    rounding: given.rounding,
    fee: {
      rate: decimal(platformFee.ratePpm, 6),
      ...(platformFee.minMinor !== ZERO && { min: decimal(platformFee.minMinor, 2) }),
      ...(platformFee.maxMinor !== null && { max: decimal(platformFee.maxMinor, 2) }),
    },
    basis: commission?.basis ?? 'cascade',
    levels: (commission?.levels ?? []).map((share) => ({ rate: decimal(share.ratePpm, 6) })),
    selfPurchase: commission?.selfPurchase ?? 'allow',
  };
}

/** Not formatAmount: what tests compare with does not lean on what they test. */
export function decimal(value: bigint, digits: number): string {
  const padded = value.toString().padStart(digits + 1, '0');
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}
