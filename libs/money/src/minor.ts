import { minorDigits } from './currency.js';
import { invariant } from './invariant.js';

declare const minorBrand: unique symbol;

/**
 * An integer of a currency's minor units (fen 分 for CNY); may be negative. Never mixed across
 * currencies.
 */
export type Minor = bigint & { readonly [minorBrand]: true };

/** A text that is not an amount of its currency. The message is a sentence that can be shown. */
export class AmountError extends Error {
  override readonly name = 'AmountError';
}

/** Calls a whole number of minor units by its name. */
export function minor(value: bigint): Minor {
  return value as Minor;
}

export const ZERO: Minor = minor(0n);

const UNSIGNED = /^(?:0|[1-9][0-9]{0,11})(?:\.([0-9]+))?$/;

/**
 * Reads an amount as it stands on the wire: not negative, at most 12 digits before the point and at
 * most the currency's minor digits behind it (`"128.5"` CNY is 12850 fen). Exact, nothing is
 * rounded.
 *
 * @throws AmountError when the text is no such amount or the currency is unknown.
 */
export function parseAmount(text: string, currency: string): Minor {
  const digits = digitsOf(currency);
  const match = UNSIGNED.exec(text);
  if (match === null) {
    throw new AmountError(`"${shown(text)}" is not an amount: write it like "128.50"`);
  }
  const fraction = match[1] ?? '';
  if (fraction.length > digits) {
    throw new AmountError(`"${text}" has more than the ${digits} decimals of ${currency}`);
  }
  const whole = fraction === '' ? text : text.slice(0, text.length - fraction.length - 1);
  return minor(BigInt(whole + fraction.padEnd(digits, '0')));
}

/**
 * Reads an amount that may be negative (`"-3.20"`), as adjustments have it.
 *
 * @throws AmountError as {@link parseAmount}; `"-0.00"` is zero.
 */
export function parseSignedAmount(text: string, currency: string): Minor {
  if (!text.startsWith('-')) return parseAmount(text, currency);
  return minor(-parseAmount(text.slice(1), currency));
}

/**
 * Writes an amount with all minor digits of its currency and a sign when negative: `"-0.05"`.
 *
 * @throws AmountError for an unknown currency.
 */
export function formatAmount(amountMinor: Minor, currency: string): string {
  const digits = digitsOf(currency);
  if (digits === 0) return amountMinor.toString();
  if (amountMinor < 0n) return `-${unsignedText(-amountMinor, digits)}`;
  return unsignedText(amountMinor, digits);
}

/** Adds up amounts of one currency. */
export function sumMinor(amountsMinor: Iterable<Minor>): Minor {
  let sum = 0n;
  for (const amountMinor of amountsMinor) sum += amountMinor;
  return minor(sum);
}

/**
 * Writes `value / 10^scale` exactly, with at least `digitsMin` decimals and no more zeros than
 * that: (6363n, scale 2 → "63.63"), (270000n, scale 4, digitsMin 2 → "27.00").
 *
 * @throws InvariantError when scale or digitsMin is negative.
 */
export function formatExact(value: bigint, scale: number, digitsMin: number): string {
  invariant(scale >= 0 && digitsMin >= 0, 'a decimal has no negative number of digits');
  const sign = value < 0n ? '-' : '';
  const unsigned = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = unsigned.slice(0, unsigned.length - scale);
  const fraction = unsigned.slice(unsigned.length - scale).replace(/0+$/, '');
  const padded = fraction.padEnd(digitsMin, '0');
  return padded === '' ? `${sign}${whole}` : `${sign}${whole}.${padded}`;
}

function unsignedText(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  const point = text.length - digits;
  return `${text.slice(0, point)}.${text.slice(point)}`;
}

function digitsOf(currency: string): number {
  const digits = minorDigits(currency);
  if (digits === undefined) {
    throw new AmountError(`"${shown(currency)}" is not a currency that Qingfen knows`);
  }
  return digits;
}

/** Foreign text is cut, so that no message grows with what somebody sent. */
function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
