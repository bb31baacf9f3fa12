import { invariant } from './invariant.js';
import { formatExact } from './minor.js';
import { divideRounded, type Rounding } from './rounding.js';

/** An exact number in lowest terms, the denominator positive: what no decimal can hold, it does. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const NOTHING: Fraction = { numerator: 0n, denominator: 1n };

/** `numerator / denominator` in lowest terms. @throws InvariantError unless the denominator is positive */
export function fraction(numerator: bigint, denominator = 1n): Fraction {
  invariant(denominator > 0n, 'a denominator must be positive');
  if (numerator === 0n) return NOTHING;
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 1n
    ? { numerator, denominator }
    : { numerator: numerator / a, denominator: denominator / a };
}

export function plus(one: Fraction, other: Fraction): Fraction {
  const numerator = one.numerator * other.denominator + other.numerator * one.denominator;
  return fraction(numerator, one.denominator * other.denominator);
}

export function minus(one: Fraction, other: Fraction): Fraction {
  return plus(one, { numerator: -other.numerator, denominator: other.denominator });
}

export function times(one: Fraction, other: Fraction): Fraction {
  return fraction(one.numerator * other.numerator, one.denominator * other.denominator);
}

/** Whether one is less than the other. */
export function isLess(one: Fraction, other: Fraction): boolean {
  return one.numerator * other.denominator < other.numerator * one.denominator;
}

/** Rounds to a whole number, once. */
export function rounded({ numerator, denominator }: Fraction, rounding: Rounding): bigint {
  return divideRounded(numerator, denominator, rounding);
}

/**
 * Writes `value / 10^scale` exactly: as a decimal of at least `scale` digits where one can hold it
 * (`"27.00"`, `"12.345"`), else as a fraction in lowest terms (`"5/3"`).
 */
export function formatFraction(value: Fraction, scale: number): string {
  const { numerator, denominator } = fraction(
    value.numerator,
    value.denominator * 10n ** BigInt(scale),
  );
  let [rest, twos, fives] = [denominator, 0, 0];
  while (rest % 2n === 0n) [rest, twos] = [rest / 2n, twos + 1];
  while (rest % 5n === 0n) [rest, fives] = [rest / 5n, fives + 1];
  if (rest !== 1n) return `${numerator}/${denominator}`;
  const digits = Math.max(twos, fives);
  return formatExact((numerator * 10n ** BigInt(digits)) / denominator, digits, scale);
}
