import { ONE_PPM } from '@qingfen/money';
import type { CommissionPart, PlatformFee } from './plan.js';

/**
 * Can fee and commissions of one line, all levels present, come to more than its base? Exact and
 * unrounded, for every base; the fee's `min` is left out, because what a bound adds on a small line
 * is capped (domain.md 2.5).
 *
 * Fee and shares are straight lines of the base with at most one bend, where the fee reaches its
 * `max`. So it is enough to look at the stretch before the bend and at the one behind it. In both
 * the excess of flat and gross is found by comparing the slopes, and what stands at the bend
 * decides where they are equal.
 */
export function exceedsBase(fee: PlatformFee, commission: CommissionPart): boolean {
  const ratesPpm = commission.levels.reduce((sum, share) => sum + share.ratePpm, 0n);
  const restPpm = ONE_PPM - fee.ratePpm;
  // The fee stays below its bound for some bases unless the bound is 0; without a rate it never
  // reaches it.
  const below = fee.maxMinor !== 0n || fee.ratePpm === 0n;
  const above = fee.maxMinor !== null && fee.ratePpm > 0n;
  switch (commission.basis) {
    case 'cascade':
      return false; // Each level takes a part, at most the whole, of what the ones before it left.
    case 'flat':
      // Shares are parts of what the fee leaves; they exceed it where together they are above the
      // whole of it.
      return ratesPpm > ONE_PPM && ((below && restPpm > 0n) || above);
    case 'gross':
      if (below && ratesPpm > restPpm) return true;
      // Behind the bend the fee stands still: only shares of the whole base leave nothing for it.
      return above && (ratesPpm > ONE_PPM || (ratesPpm === ONE_PPM && fee.maxMinor !== 0n));
    default: {
      const never: never = commission.basis;
      return never;
    }
  }
}
