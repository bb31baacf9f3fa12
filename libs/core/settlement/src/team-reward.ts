import { divideRounded, minor, ONE_PPM, type Minor, type Rounding } from '@qingfen/money';
import { tierAmount, type TeamRewardPart } from '@qingfen/core-plan';

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
  const { ratedPpm, fixedMinor } = tierAmount(part.tiers, part.method, performanceMinor);
  const rewardMinor = minor(divideRounded(ratedPpm + fixedMinor * ONE_PPM, ONE_PPM, rounding));
  return { performanceMinor, rewardMinor, carryMinor: 0n };
}
