import {
  fraction,
  isLess,
  ONE_PPM,
  plus,
  times,
  type Fraction,
  type Minor,
  type Ppm,
} from '@qingfen/money';
import type { RateTier, Share, Tier, TierMethod } from './plan.js';

/** What a share is computed on, in minor units. */
export interface ShareBase {
  /** The level's own base: what its basis says. */
  readonly levelBase: Fraction;
  /** The line's base, which tiers are chosen by and priced on. */
  readonly baseMinor: bigint;
  /** What was paid for the line before any refund: every `fixed` counts as `fixed × base / paid`. */
  readonly paidMinor: bigint;
}

/** A share step by step, exact, in minor units. */
export interface ShareParts {
  readonly fixed: Fraction;
  readonly rated: Fraction;
  readonly tiered: Fraction;
  /** The three together, within the bounds. */
  readonly amount: Fraction;
  readonly bound: 'min' | 'max' | null;
}

/**
 * What a share comes to (domain.md 2.1), unrounded. `ratePpm` is its plain rate, or what its dynamic rate
 * is for the payee.
 */
export function shareParts(share: Share, on: ShareBase, ratePpm: Ppm): ShareParts {
  const { baseMinor, paidMinor } = on;
  // Of a line for which nothing was paid there is nothing to prorate.
  const prorated = paidMinor === 0n ? fraction(0n) : fraction(baseMinor, paidMinor);
  const tier = tierAmount(share.tiers, share.method, baseMinor);
  const fixed = times(fraction(share.fixedMinor), prorated);
  const rated = times(on.levelBase, fraction(ratePpm, ONE_PPM));
  const ofTiers = fraction(tier.ratedPpm, ONE_PPM);
  const tiered = plus(ofTiers, times(fraction(tier.fixedMinor), prorated));
  const sum = plus(plus(fixed, rated), tiered);
  const { minMinor, maxMinor } = share;
  const [min, max] = [fraction(minMinor), maxMinor === null ? null : fraction(maxMinor)];
  if (max !== null && isLess(max, sum)) return { fixed, rated, tiered, amount: max, bound: 'max' };
  if (isLess(sum, min)) return { fixed, rated, tiered, amount: min, bound: 'min' };
  return { fixed, rated, tiered, amount: sum, bound: null };
}

/** What tiers give on an amount: the rated part in minor units times a million, and the fixed part. */
export interface TierAmount {
  readonly ratedPpm: bigint;
  readonly fixedMinor: bigint;
}

/**
 * Prices an amount at its tiers. A tier is reached by an amount of at least its `from`, and above zero.
 * `whole`: the highest tier reached prices all of it; `marginal`: each slice at its own tier, with the
 * `fixed` of every tier reached.
 */
export function tierAmount(
  tiers: readonly Tier[],
  method: TierMethod,
  amountMinor: bigint,
): TierAmount {
  let [ratedPpm, fixedMinor] = [0n, 0n];
  if (amountMinor <= 0n) return { ratedPpm, fixedMinor };
  for (const [index, tier] of tiers.entries()) {
    if (amountMinor < tier.fromMinor) break;
    if (method === 'whole') {
      [ratedPpm, fixedMinor] = [amountMinor * tier.ratePpm, tier.fixedMinor];
      continue;
    }
    const next: Minor | undefined = tiers[index + 1]?.fromMinor;
    const until = next === undefined || amountMinor < next ? amountMinor : next;
    ratedPpm += (until - tier.fromMinor) * tier.ratePpm;
    fixedMinor += tier.fixedMinor;
  }
  return { ratedPpm, fixedMinor };
}

/** The rate of a dynamic rate's tiers for a value of its fact. */
export function dynamicRate(tiers: readonly RateTier[], value: bigint): Ppm {
  let reached = tiers[0];
  for (const tier of tiers) if (value >= tier.from) reached = tier;
  if (reached === undefined) throw new Error('a dynamic rate has tiers');
  return reached.ratePpm;
}
