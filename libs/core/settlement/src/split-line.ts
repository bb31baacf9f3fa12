import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan, PlatformFee } from '@qingfen/core-plan';
import { roundedPart, splitRuleOf } from './split-rule.js';

export type LineKind = 'goods' | 'shipping';

/** What is split: the part of a line that the buyer and the platform paid and did not get back. */
export interface Line {
  /** `paid` (amount + subsidy) less all refunds of the line so far; not negative. */
  readonly baseMinor: Minor;
  readonly kind: LineKind;
}

/** What one level with a distributor present is owed; may be zero. */
export interface LevelSplit {
  /** 1 for level 1. */
  readonly level: number;
  readonly payeeId: string;
  readonly owedMinor: Minor;
}

/** `feeMinor + Σ levels + supplierMinor = baseMinor`, each ≥ 0. */
export interface LineSplit {
  readonly feeMinor: Minor;
  readonly levels: readonly LevelSplit[];
  /** What remains: the supplier's, or the shop's own where the plan has no supplier part. */
  readonly supplierMinor: Minor;
  /** The greatest amount by which one share was cut to what was left; above 1 is worth an alert. */
  readonly cappedMinor: Minor;
}

const NO_LEVELS: readonly LevelSplit[] = [];

/**
 * Splits one order line (domain.md 3): the platform's fee, then each level's share, then the
 * supplier, who keeps what remains. Level i goes to `distributors[i - 1]`; null, absent or, where
 * the plan says `skip`, the buyer itself is a missing level, which takes nothing from the next.
 *
 * Each amount is computed exactly and rounded once, as the plan says; the amounts add up to the
 * base, to the minor unit, and none is negative. Pure: same input, same result.
 *
 * @throws InvariantError on a negative base: a bug of the caller.
 */
export function splitLine(
  line: Line,
  distributors: readonly (string | null)[],
  plan: Plan,
  buyerPayeeId?: string,
): LineSplit {
  const { baseMinor } = line;
  invariant(baseMinor >= 0n, 'the base of a line is never negative');
  if (line.kind === 'shipping') {
    return { feeMinor: ZERO, levels: NO_LEVELS, supplierMinor: baseMinor, cappedMinor: ZERO };
  }
  const rule = splitRuleOf(plan);
  const { rounding } = rule;
  const ratedFee = roundedPart(baseMinor, rule.fee, rounding);
  const fee = boundedFee(ratedFee, baseMinor, plan.platformFee);
  const isRated = fee === ratedFee;
  const amount = isRated || rule.basis === 'gross' ? baseMinor : baseMinor - fee;
  let left = baseMinor - fee;
  let sum = fee;
  let capped = 0n;
  const levels: LevelSplit[] = [];
  for (const level of rule.levelsFor(presentLevels(distributors, plan, buyerPayeeId))) {
    const payeeId = distributors[level.index];
    if (payeeId === undefined || payeeId === null) continue;
    let owed = roundedPart(amount, isRated ? level.ofBase : level.ofRest, rounding);
    if (owed > left) {
      if (owed - left > capped) capped = owed - left;
      owed = left;
    }
    left -= owed;
    sum += owed;
    levels.push({ level: level.index + 1, payeeId, owedMinor: minor(owed) });
  }
  invariant(left >= 0n && fee >= 0n && sum + left === baseMinor, 'a line must add up');
  return {
    feeMinor: minor(fee),
    levels,
    supplierMinor: minor(left),
    cappedMinor: minor(capped),
  };
}

/** Which levels have a distributor, as bits: bit 0 is level 1. */
export function presentLevels(
  distributors: readonly (string | null)[],
  plan: Plan,
  buyerPayeeId: string | undefined,
): number {
  const { commission } = plan;
  if (commission === undefined) return 0;
  const skipped = commission.selfPurchase === 'skip' ? buyerPayeeId : undefined;
  const count = Math.min(commission.levels.length, distributors.length);
  let present = 0;
  for (let index = 0; index < count; index += 1) {
    const payeeId = distributors[index];
    if (payeeId === null || payeeId === undefined || payeeId === skipped) continue;
    present |= 1 << index;
  }
  return present;
}

/** The rounded fee within its bounds, never above the base; nothing of a base of nothing. */
function boundedFee(ratedFee: bigint, base: bigint, bounds: PlatformFee): bigint {
  let fee = ratedFee;
  if (bounds.maxMinor !== null && fee > bounds.maxMinor) fee = bounds.maxMinor;
  if (fee < bounds.minMinor) fee = bounds.minMinor;
  return fee > base ? base : fee;
}
