import { Big } from 'big.js';

/** A number that no decimal need hold; the denominator is above zero. */
export interface Rational {
  readonly over: Big;
  readonly under: Big;
}

export const nothing: Rational = { over: new Big(0), under: new Big(1) };

/** Reads `12.5`, `-3` or `5/3`. @throws Error for anything else */
export function rationalOf(text: string): Rational {
  const [over = '', under = '1', ...more] = text.split('/');
  const rational = { over: new Big(over), under: new Big(under) };
  if (more.length > 0 || rational.under.lte(0)) throw new Error(`"${text}" is no number`);
  return rational;
}

export function plus(one: Rational, other: Rational): Rational {
  const over = one.over.times(other.under).plus(other.over.times(one.under));
  return { over, under: one.under.times(other.under) };
}

export function minus(one: Rational, other: Rational): Rational {
  return plus(one, { over: other.over.neg(), under: other.under });
}

export function times(one: Rational, other: Rational): Rational {
  return { over: one.over.times(other.over), under: one.under.times(other.under) };
}

/** @throws RangeError for a division by what is not above zero */
export function dividedBy(one: Rational, other: Rational): Rational {
  if (other.over.lte(0)) throw new RangeError('only what is above zero divides here');
  return { over: one.over.times(other.under), under: one.under.times(other.over) };
}

export function isLess(one: Rational, other: Rational): boolean {
  return one.over.times(other.under).lt(other.over.times(one.under));
}

export function isSame(one: Rational, other: Rational): boolean {
  return one.over.times(other.under).eq(other.over.times(one.under));
}
