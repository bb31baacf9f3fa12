import { invariant } from './invariant.js';

/** How an exact amount becomes whole minor units; a plan chooses, `half-up` is the default. */
export type Rounding = 'half-up' | 'half-even' | 'down';

export const ROUNDINGS: readonly Rounding[] = ['half-up', 'half-even', 'down'];

/**
 * Divides exactly and rounds once. `half-up` takes a half away from zero, `half-even` to the even
 * neighbour, `down` towards zero; negatives are the mirror image of positives, so a debt rounds
 * like the amount it undoes.
 *
 * @throws InvariantError unless the denominator is positive.
 */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  invariant(denominator > 0n, 'a denominator must be positive');
  if (numerator < 0n) return -divideRounded(-numerator, denominator, rounding);
  switch (rounding) {
    case 'half-up':
      return (numerator * 2n + denominator) / (denominator * 2n);
    case 'down':
      return numerator / denominator;
    case 'half-even': {
      const quotient = numerator / denominator;
      const twice = (numerator - quotient * denominator) * 2n;
      const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
      return up ? quotient + 1n : quotient;
    }
    default: {
      const never: never = rounding;
      return never;
    }
  }
}
