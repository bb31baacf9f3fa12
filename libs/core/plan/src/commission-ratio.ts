import { fraction, isLess, plus, times, type Fraction } from '@qingfen/money';
import { bendsOf } from './bends.js';
import { caseAt, LARGEST_BASE } from './exceeds-base.js';
import type { CommissionPart, PlatformFee } from './plan.js';

/**
 * The greatest part of a line that commissions can come to, as a fraction of its base, over every base that
 * the wire has: all levels present, `fixed` and `min` left out, of a dynamic rate the greatest. Exact; at
 * most 1, because nobody is owed more than the line.
 */
export function commissionRatioMax(fee: PlatformFee, commission: CommissionPart): Fraction {
  const whole = fraction(1n);
  let greatest = fraction(0n);
  for (const baseMinor of basesBeside(bendsOf(fee, commission))) {
    const { shares } = caseAt(baseMinor, fee, commission);
    const ratio = times(shares.reduce(plus, fraction(0n)), fraction(1n, baseMinor));
    if (isLess(greatest, ratio)) greatest = ratio;
  }
  return isLess(whole, greatest) ? whole : greatest;
}

/** The whole bases on both sides of each bend, with the smallest and the largest that there are. */
function basesBeside(bends: readonly Fraction[]): ReadonlySet<bigint> {
  const bases = new Set<bigint>([1n, LARGEST_BASE]);
  for (const { numerator, denominator } of bends) {
    const from = (numerator + denominator - 1n) / denominator;
    for (const base of [from - 1n, from]) if (base > 0n && base <= LARGEST_BASE) bases.add(base);
  }
  return bases;
}
