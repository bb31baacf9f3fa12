import {
  fraction,
  invariant,
  minor,
  minus,
  ONE_PPM,
  rounded,
  times,
  ZERO,
  type Fraction,
  type Minor,
} from '@qingfen/money';
import { shareParts, type CommissionPart, type Plan, type PlatformFee } from '@qingfen/core-plan';
import { presentLevels, rateOf, type Chain } from './chain.js';
import { roundedPart, splitRuleOf, type SplitRule } from './split-rule.js';

export type LineKind = 'goods' | 'shipping';

/** What is split: the part of a line that the buyer and the platform paid and did not get back. */
export interface Line {
  /** `paid` (amount + subsidy) less all refunds of the line so far; not negative. */
  readonly baseMinor: Minor;
  /** Before any refund. */
  readonly paidMinor: Minor;
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
 * supplier, who keeps what remains. Level i goes to the chain's i-th distributor; null, absent, a
 * buyer that the plan skips or an order below a condition's amount is a missing level, which takes
 * nothing from the next.
 *
 * Each amount is computed exactly and rounded once, as the plan says; the amounts add up to the
 * base, to the minor unit, and none is negative. Pure: same input, same result.
 *
 * @throws InvariantError on a negative base: a bug of the caller.
 */
export function splitLine(line: Line, chain: Chain, plan: Plan): LineSplit {
  const { baseMinor } = line;
  invariant(baseMinor >= 0n, 'the base of a line is never negative');
  if (line.kind === 'shipping') {
    return { feeMinor: ZERO, levels: NO_LEVELS, supplierMinor: baseMinor, cappedMinor: ZERO };
  }
  const rule = splitRuleOf(plan);
  const ratedFee = roundedPart(baseMinor, rule.fee, rule.rounding);
  const fee = boundedFee(ratedFee, baseMinor, plan.platformFee);
  const present = presentLevels(chain, plan);
  const step = { line, chain, rule, plan, fee, isRated: fee === ratedFee };
  return rule.isPlain ? splitPlainly(step, present) : splitByShares(step, present);
}

/** A line of which the fee is known. */
interface Step {
  readonly line: Line;
  readonly chain: Chain;
  readonly rule: SplitRule;
  readonly plan: Plan;
  readonly fee: bigint;
  /** Whether the fee is its plain rate: no bound changed it. */
  readonly isRated: boolean;
}

/** Where every share is a plain rate, each is a fraction of the whole line, known beforehand. */
function splitPlainly({ line, chain, rule, fee, isRated }: Step, present: number): LineSplit {
  const { baseMinor } = line;
  const amount = isRated || rule.basis === 'gross' ? baseMinor : baseMinor - fee;
  const sheet = new Sheet(baseMinor, fee);
  for (const level of rule.levelsFor(present)) {
    const payeeId = chain.distributors[level.index];
    if (payeeId === undefined || payeeId === null) continue;
    const part = isRated ? level.ofBase : level.ofRest;
    sheet.owe(level.index + 1, payeeId, roundedPart(amount, part, rule.rounding));
  }
  return sheet.close();
}

/** Any other shares, level by level as domain.md 3 tells it. */
function splitByShares(
  { line, chain, rule, plan, fee, isRated }: Step,
  present: number,
): LineSplit {
  const { baseMinor, paidMinor } = line;
  const sheet = new Sheet(baseMinor, fee);
  const base = fraction(baseMinor);
  const kept = fraction(ONE_PPM - plan.platformFee.ratePpm, ONE_PPM);
  const firstRest = isRated ? times(base, kept) : fraction(baseMinor - fee);
  let rest = firstRest;
  for (const [index, share] of (plan.commission?.levels ?? []).entries()) {
    const payeeId = chain.distributors[index];
    if ((present & (1 << index)) === 0 || payeeId === undefined || payeeId === null) continue;
    const levelBase = levelBaseOf(rule.basis, { base, firstRest, rest });
    const ratePpm = rateOf(share.rate, payeeId, chain.rateFacts);
    const { amount } = shareParts(share, { levelBase, baseMinor, paidMinor }, ratePpm);
    rest = atLeastNothing(minus(rest, amount));
    sheet.owe(index + 1, payeeId, rounded(amount, rule.rounding));
  }
  return sheet.close();
}

/** What a level is computed on: what the ones before left, what the fee left, or the whole base. */
export function levelBaseOf(
  basis: CommissionPart['basis'],
  of: { readonly base: Fraction; readonly firstRest: Fraction; readonly rest: Fraction },
): Fraction {
  switch (basis) {
    case 'cascade':
      return of.rest;
    case 'flat':
      return of.firstRest;
    case 'gross':
      return of.base;
    default: {
      const never: never = basis;
      return never;
    }
  }
}

export function atLeastNothing(amount: Fraction): Fraction {
  return amount.numerator < 0n ? fraction(0n) : amount;
}

/** Hands out a line: nobody gets more than is left, and whoever comes last gets all of that. */
class Sheet {
  private readonly levels: LevelSplit[] = [];
  private left: bigint;
  private sum: bigint;
  private capped = 0n;

  constructor(
    private readonly base: Minor,
    private readonly fee: bigint,
  ) {
    this.left = base - fee;
    this.sum = fee;
  }

  owe(level: number, payeeId: string, wanted: bigint): void {
    const owed = wanted > this.left ? this.left : wanted;
    if (wanted - owed > this.capped) this.capped = wanted - owed;
    this.left -= owed;
    this.sum += owed;
    this.levels.push({ level, payeeId, owedMinor: minor(owed) });
  }

  close(): LineSplit {
    const { base, fee, left, sum, capped, levels } = this;
    invariant(left >= 0n && fee >= 0n && sum + left === base, 'a line must add up');
    return {
      feeMinor: minor(fee),
      levels,
      supplierMinor: minor(left),
      cappedMinor: minor(capped),
    };
  }
}

/** The rounded fee within its bounds, never above the base; nothing of a base of nothing. */
function boundedFee(ratedFee: bigint, base: bigint, bounds: PlatformFee): bigint {
  let fee = ratedFee;
  if (bounds.maxMinor !== null && fee > bounds.maxMinor) fee = bounds.maxMinor;
  if (fee < bounds.minMinor) fee = bounds.minMinor;
  return fee > base ? base : fee;
}
