import {
  divideRounded,
  fraction,
  invariant,
  ONE_PPM,
  times,
  type Fraction,
  type Rounding,
} from '@qingfen/money';
import type { Basis, CommissionPart, Plan, Share } from '@qingfen/core-plan';

/**
 * What one level that is present gets, as fractions of the whole line: nothing is left to multiply
 * up.
 */
export interface LevelRule {
  /** 0 for level 1. */
  readonly index: number;
  /** Of the base, where the fee is its plain rate. */
  readonly ofBase: Fraction;
  /** Of the base less the fee, where the fee's bounds changed it; of the base for `gross`. */
  readonly ofRest: Fraction;
}

/** A plan as splitting a line needs it. */
export interface SplitRule {
  readonly fee: Fraction;
  readonly basis: Basis;
  readonly rounding: Rounding;
  /** Whether every share is a plain rate and nothing else. */
  readonly isPlain: boolean;
  /** Of plain shares, the rules of the levels in `present`, a set of bits: bit 0 is level 1. */
  levelsFor(present: number): readonly LevelRule[];
}

/**
 * Rules by plan: a pure memo of an immutable document, gone with it. Lines of one plan come by the
 * thousand, and all that depends on the plan alone is worked out once.
 */
const rules = new WeakMap<Plan, SplitRule>();

export function splitRuleOf(plan: Plan): SplitRule {
  const known = rules.get(plan);
  if (known !== undefined) return known;
  const made = createSplitRule(plan);
  rules.set(plan, made);
  return made;
}

/** Rounds `amount × fraction`, once. Amounts are never negative here. */
export function roundedPart(amount: bigint, part: Fraction, rounding: Rounding): bigint {
  return divideRounded(amount * part.numerator, part.denominator, rounding);
}

function createSplitRule(plan: Plan): SplitRule {
  const { commission, platformFee, rounding } = plan;
  const fee = fraction(platformFee.ratePpm, ONE_PPM);
  const kept = fraction(ONE_PPM - platformFee.ratePpm, ONE_PPM);
  const byPresent = new Map<number, readonly LevelRule[]>();
  return {
    fee,
    basis: commission?.basis ?? 'cascade',
    rounding,
    isPlain: commission?.levels.every(isPlain) ?? true,
    levelsFor(present) {
      const known = byPresent.get(present);
      if (known !== undefined) return known;
      const made = commission === undefined ? [] : levelRules(commission, kept, present);
      byPresent.set(present, made);
      return made;
    },
  };
}

function levelRules(
  commission: CommissionPart,
  kept: Fraction,
  present: number,
): readonly LevelRule[] {
  const made: LevelRule[] = [];
  let rest = fraction(1n, 1n); // what the levels before left of the base less the fee
  for (const [index, share] of commission.levels.entries()) {
    if ((present & (1 << index)) === 0) continue; // takes nothing away from the next
    const rate = plainRate(share);
    switch (commission.basis) {
      case 'cascade': {
        const part = times(rest, rate);
        made.push({ index, ofBase: times(kept, part), ofRest: part });
        rest = times(rest, fraction(rate.denominator - rate.numerator, rate.denominator));
        break;
      }
      case 'flat':
        made.push({ index, ofBase: times(kept, rate), ofRest: rate });
        break;
      case 'gross':
        made.push({ index, ofBase: rate, ofRest: rate });
        break;
      default: {
        const never: never = commission.basis;
        return never;
      }
    }
  }
  return made;
}

function isPlain({ fixedMinor, rate, tiers, minMinor, maxMinor }: Share): boolean {
  const isRate = rate.kind === 'plain' && tiers.length === 0;
  return isRate && fixedMinor === 0n && minMinor === 0n && maxMinor === null;
}

function plainRate({ rate }: Share): Fraction {
  invariant(rate.kind === 'plain', 'fractions of a line are of plain rates');
  return fraction(rate.ratePpm, ONE_PPM);
}
