import { formatExact } from './minor.js';

declare const ppmBrand: unique symbol;

/** A rate in millionths: 1_000_000 is 1 (the whole), 100_000 is 0.10. Exact to 6 decimals. */
export type Ppm = bigint & { readonly [ppmBrand]: true };

/** A text that is not a rate. The message is a sentence that can be shown. */
export class RateError extends Error {
  override readonly name = 'RateError';
}

/** Calls a whole number of millionths by its name. */
export function ppm(value: bigint): Ppm {
  return value as Ppm;
}

/** The rate 1: the whole of something. */
export const ONE_PPM: Ppm = ppm(1_000_000n);

const RATE_DIGITS = 6;
const RATE = /^(?:0|[1-9][0-9]{0,11})(?:\.([0-9]+))?$/;

/**
 * Reads a rate such as `"0.10"`: not negative, at most 6 decimals. Exact, nothing is rounded; a
 * rate above 1 is read as it is, whoever asked decides whether it may be.
 *
 * @throws RateError when the text is no such rate.
 */
export function parseRate(text: string): Ppm {
  const match = RATE.exec(text);
  if (match === null) {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new RateError(`"${shown}" is not a rate: write it like "0.10"`);
  }
  const fraction = match[1] ?? '';
  if (fraction.length > RATE_DIGITS) {
    throw new RateError(`"${text}" is finer than ${RATE_DIGITS} decimals`);
  }
  const whole = fraction === '' ? text : text.slice(0, text.length - fraction.length - 1);
  return ppm(BigInt(whole + fraction.padEnd(RATE_DIGITS, '0')));
}

/** Writes a rate as a decimal without needless zeros: `"0.1"`, `"0"`, `"1"`. */
export function formatRate(ratePpm: Ppm): string {
  return formatExact(ratePpm, RATE_DIGITS, 0);
}
