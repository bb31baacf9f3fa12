export { invariant, InvariantError } from './invariant.js';
export { formatFraction, fraction, isLess, minus, plus, rounded, times } from './fraction.js';
export type { Fraction } from './fraction.js';
export { minorDigits } from './currency.js';
export {
  AmountError,
  formatAmount,
  formatExact,
  minor,
  parseAmount,
  parseSignedAmount,
  sumMinor,
  ZERO,
} from './minor.js';
export type { Minor } from './minor.js';
export { formatRate, ONE_PPM, parseRate, ppm, RateError } from './rate.js';
export type { Ppm } from './rate.js';
export { divideRounded, ROUNDINGS } from './rounding.js';
export type { Rounding } from './rounding.js';
