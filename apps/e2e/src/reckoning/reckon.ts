import type { Entry, EntryExplanation } from '@qingfen/contracts';
import { roundedQuotient } from '@qingfen/testing';

import {
  dividedBy,
  isLess,
  isSame,
  minus,
  nothing,
  plus,
  type Rational,
  rationalOf,
  times,
} from './rational.js';

type Terms = NonNullable<EntryExplanation['terms']>;
type Tiers = NonNullable<Terms['tiers']>;

/**
 * Computes an entry's amount again from what is told of how it came about, as its payee would with
 * pencil and paper (domain.md 2.1 and 3).
 * @returns what does not add up; null where all does
 */
export function reckon({ amount, how }: Entry): string | null {
  if (how === null) return 'nobody says how it came about';
  const before = rationalOf(how.before);
  const exact = exactOf(how, before);
  if (typeof exact === 'string') return exact;
  if (!isSame(exact, rationalOf(how.exact))) return `${how.exact} is not what the terms come to`;
  if (how.rounding === undefined) return 'nobody says how it was rounded';
  const rounded = roundedQuotient(exact.over, exact.under, how.rounding);
  const change = minus(rationalOf(rounded.toFixed()), rationalOf(how.owed));
  const cut = isLess(change, nothing) ? minus(nothing, change) : change;
  if (!isSame(cut, rationalOf(how.cappedBy ?? '0'))) {
    return `${how.exact}, rounded and changed by ${how.cappedBy ?? 'nothing'}, is not ${how.owed}`;
  }
  if (!isSame(rationalOf(amount), rationalOf(how.owed))) return `it is ${amount}, not ${how.owed}`;
  return null;
}

/** The share before it is rounded, or which of its terms is off. */
function exactOf(how: EntryExplanation, before: Rational): Rational | string {
  const { terms, share } = how;
  if (terms == null) return share === 'rest' ? before : times(before, rationalOf(share));
  const base = rationalOf(how.base);
  const paid = rationalOf(how.paid ?? how.base);
  const part = isSame(paid, nothing) ? nothing : dividedBy(base, paid);
  const { fixed, rate, tiers, min, max } = terms;
  const parts: readonly (readonly [name: string, told: string, found: Rational])[] = [
    ...(fixed === null
      ? []
      : [['fixed', fixed.amount, times(rationalOf(fixed.fixed), part)] as const]),
    ...(rate === null
      ? []
      : [['rate', rate.amount, times(before, rationalOf(rate.rate))] as const]),
    ...(tiers === null ? [] : [['tiers', tiers.amount, tierAmount(tiers, base, part)] as const]),
  ];
  for (const [name, told, found] of parts) {
    if (!isSame(rationalOf(told), found)) return `the ${name} of ${share} is not ${told}`;
  }
  const sum = parts.reduce((total, [, , found]) => plus(total, found), nothing);
  if (max !== null && isLess(rationalOf(max), sum)) return rationalOf(max);
  if (min !== null && isLess(sum, rationalOf(min))) return rationalOf(min);
  return sum;
}

function tierAmount({ method, reached }: Tiers, base: Rational, part: Rational): Rational {
  const counted = method === 'whole' ? reached.slice(-1) : reached;
  return counted.reduce((total, { from, rate, fixed }, index) => {
    const begin = method === 'whole' ? nothing : rationalOf(from);
    const next = counted[index + 1];
    const end = next === undefined ? base : rationalOf(next.from);
    const slice = times(minus(end, begin), rationalOf(rate));
    return plus(total, plus(slice, times(rationalOf(fixed), part)));
  }, nothing);
}
