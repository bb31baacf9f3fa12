import { Big } from 'big.js';

/** How a plan rounds to the minor unit. */
export type RoundingTerms = 'half-up' | 'half-even' | 'down';

/** Yuan, fen. */
const minorDigits = 2;

const Whole = Big();
Whole.DP = 0;
Whole.RM = Whole.roundDown;

/**
 * The quotient of two decimals, neither negative, rounded once to the minor unit. What is left of the
 * division decides, so nothing is rounded on the way.
 */
export function roundedQuotient(numerator: Big, denominator: Big, rounding: RoundingTerms): Big {
  const scaled = numerator.times(new Big(10).pow(minorDigits));
  const whole = new Whole(scaled).div(denominator);
  const twiceLeft = scaled.minus(whole.times(denominator)).times(2);
  const isOdd = !whole.mod(2).eq(0);
  const isUp = {
    down: false,
    'half-up': twiceLeft.gte(denominator),
    'half-even': twiceLeft.gt(denominator) || (twiceLeft.eq(denominator) && isOdd),
  }[rounding];
  return new Big(whole.plus(isUp ? 1 : 0).toFixed(0)).div(new Big(10).pow(minorDigits));
}

/** A decimal that is not negative, rounded to the minor unit. */
export function roundedAmount(amount: Big, rounding: RoundingTerms): Big {
  return roundedQuotient(amount, new Big(1), rounding);
}

/** Yuan with at most two digits as fen. */
export function fenOfAmount(amount: Big): bigint {
  return BigInt(amount.times(100).toFixed(0));
}

export function smaller(one: Big, other: Big): Big {
  return one.lt(other) ? one : other;
}

export function larger(one: Big, other: Big): Big {
  return one.gt(other) ? one : other;
}

/** An amount held within bounds; without an upper one it has none. */
export function clamp(amount: Big, min: Big, max: Big | undefined): Big {
  const atMost = max === undefined ? amount : smaller(amount, max);
  return larger(atMost, min);
}
