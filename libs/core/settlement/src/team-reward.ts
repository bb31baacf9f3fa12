import { divideRounded, minor, ONE_PPM, type Minor, type Rounding } from '@qingfen/money';
import type { TeamRewardPart } from '@qingfen/core-plan';

/** What a run counts of a team: the lines' change since they were last counted, and what was carried. */
export interface TeamPerformance {
  readonly changeMinor: bigint;
  /** What earlier runs left below zero; never above. */
  readonly carriedMinor: bigint;
}

export interface TeamResult {
  readonly performanceMinor: bigint;
  readonly rewardMinor: Minor;
  /** Taken into the next period: the performance where it is negative, else nothing. */
  readonly carryMinor: bigint;
}

/**
 * The reward of one team for one run (domain.md 6): a negative performance is carried, a positive one that reaches
 * no tier is spent. `whole`: the highest tier reached prices all of it; `marginal`: each slice at its own tier.
 * Rounded once, to the minor unit; a tier's `fixed` is never prorated.
 */
export function teamReward(
  { changeMinor, carriedMinor }: TeamPerformance,
  part: Pick<TeamRewardPart, 'method' | 'tiers'>,
  rounding: Rounding,
): TeamResult {
  const performanceMinor = changeMinor + carriedMinor;
  if (performanceMinor <= 0n) {
    return { performanceMinor, rewardMinor: minor(0n), carryMinor: performanceMinor };
  }
  const exact = part.method === 'whole' ? wholePpm : marginalPpm;
  const rewardMinor = minor(divideRounded(exact(performanceMinor, part.tiers), ONE_PPM, rounding));
  return { performanceMinor, rewardMinor, carryMinor: 0n };
}

type Tiers = TeamRewardPart['tiers'];

/** Minor units times a million, unrounded. */
function wholePpm(amount: bigint, tiers: Tiers): bigint {
  const reached = tiers.filter(({ fromMinor }) => amount >= fromMinor).at(-1);
  if (reached === undefined) return 0n;
  return amount * reached.ratePpm + reached.fixedMinor * ONE_PPM;
}

function marginalPpm(amount: bigint, tiers: Tiers): bigint {
  return tiers.reduce((sum, tier, index) => {
    if (amount < tier.fromMinor) return sum;
    const next = tiers[index + 1]?.fromMinor;
    const until = next === undefined || amount < next ? amount : next;
    return sum + (until - tier.fromMinor) * tier.ratePpm + tier.fixedMinor * ONE_PPM;
  }, 0n);
}
