import {
  fraction,
  isLess,
  minor,
  minus,
  ONE_PPM,
  plus,
  ppm,
  times,
  ZERO,
  type Fraction,
  type Ppm,
} from '@qingfen/money';
import type { CommissionPart, PlatformFee, Rate, Share } from './plan.js';
import { shareParts } from './share-amount.js';

/** The greatest amount that the wire has, in minor units of a currency with two digits. */
export const LARGEST_BASE = 99_999_999_999_999n;

/** Fee and commissions of one line at one base, all levels present; exact, in minor units. */
export interface WorstCase {
  readonly baseMinor: bigint;
  readonly fee: Fraction;
  readonly shares: readonly Fraction[];
  readonly total: Fraction;
}

/**
 * Can fee and commissions of one line, all levels present, come to more than its base? `fixed` and `min`
 * are left out, because what they add on a small line is capped (domain.md 2.5); of a dynamic rate the
 * greatest counts. Exact and unrounded, at every tier's boundary and just below it, where the fee
 * reaches its upper bound, and on the greatest line.
 *
 * @returns the first base at which they do, or undefined
 */
export function exceedsBase(fee: PlatformFee, commission: CommissionPart): WorstCase | undefined {
  return criticalBases(fee, commission)
    .map((baseMinor) => caseAt(baseMinor, fee, commission))
    .find(({ baseMinor, total }) => isLess(fraction(baseMinor), total));
}

/** Where tiers begin and just below, where the fee's bound begins to hold, and the largest line. */
function criticalBases(fee: PlatformFee, commission: CommissionPart): readonly bigint[] {
  const bases = new Set<bigint>([LARGEST_BASE]);
  for (const { tiers } of commission.levels) {
    for (const { fromMinor } of tiers) bases.add(fromMinor).add(fromMinor - 1n);
  }
  if (fee.maxMinor !== null && fee.ratePpm > 0n) {
    const bend = (fee.maxMinor * ONE_PPM) / fee.ratePpm;
    bases.add(bend).add(bend + 1n);
  }
  return [...bases]
    .filter((base) => base > 0n && base <= LARGEST_BASE)
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Fee and commissions of a line at one base, all levels present, `fixed` and `min` left out. */
export function caseAt(baseMinor: bigint, fee: PlatformFee, commission: CommissionPart): WorstCase {
  const base = fraction(baseMinor);
  const rated = times(base, fraction(fee.ratePpm, ONE_PPM));
  const max = fee.maxMinor === null ? null : fraction(fee.maxMinor);
  const taken = max !== null && isLess(max, rated) ? max : rated;
  const firstRest = minus(base, taken);
  let rest = firstRest;
  const shares: Fraction[] = [];
  for (const share of commission.levels) {
    const levelBase = { cascade: rest, flat: firstRest, gross: base }[commission.basis];
    const on = { levelBase, baseMinor, paidMinor: baseMinor };
    const { amount } = shareParts(withoutFixedAndMin(share), on, greatestRate(share.rate));
    if (commission.basis === 'cascade') rest = atLeastNothing(minus(rest, amount));
    shares.push(amount);
  }
  return { baseMinor, fee: taken, shares, total: shares.reduce(plus, taken) };
}

/** What of a share grows with the line. */
export function withoutFixedAndMin(share: Share): Share {
  const tiers = share.tiers.map((tier) => ({ ...tier, fixedMinor: ZERO }));
  return { ...share, fixedMinor: ZERO, minMinor: minor(0n), tiers };
}

/** Of a rate that follows a fact, the greatest that it can be. */
export function greatestRate(rate: Rate): Ppm {
  if (rate.kind === 'plain') return rate.ratePpm;
  return rate.tiers.reduce((most, { ratePpm }) => (ratePpm > most ? ratePpm : most), ppm(0n));
}

function atLeastNothing(amount: Fraction): Fraction {
  return amount.numerator < 0n ? fraction(0n) : amount;
}
