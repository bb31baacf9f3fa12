import {
  divideRounded,
  formatAmount,
  formatExact,
  formatRate,
  invariant,
  minorDigits,
  ONE_PPM,
  type Minor,
} from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import { presentLevels, splitLine, type Line } from './split-line.js';

/**
 * How one amount came about: exact decimals in the currency's major unit, so that anyone can
 * compute it again.
 */
export interface How {
  /** What was split. */
  readonly base: string;
  /** The platform's fee of the line. */
  readonly fee: string;
  /** What the share was computed on, unrounded. */
  readonly before: string;
  /** The rate of the share; `rest` for the supplier, who gets what remains. */
  readonly share: string;
  /** The share, unrounded. */
  readonly exact: string;
  /** What is owed: rounded, bounded, at most what was left. */
  readonly owed: string;
  /** By how much a bound or what was left changed the rounded share; `0.00` where nothing did. */
  readonly cappedBy: string;
}

export interface LineExplanation {
  readonly fee: How;
  readonly levels: readonly {
    readonly level: number;
    readonly payeeId: string;
    readonly how: How;
  }[];
  readonly supplier: How;
}

/** An exact amount: `value / 10^scale` minor units. */
interface Exact {
  readonly value: bigint;
  readonly scale: number;
}

const RATE_DIGITS = 6;

/**
 * Explains a split step by step, as domain.md 3 tells it, apart from the short cuts of {@link
 * splitLine}, and checks that both come to the same amounts.
 *
 * @throws InvariantError when they do not.
 */
export function explainLine(
  line: Line,
  distributors: readonly (string | null)[],
  plan: Plan,
  buyerPayeeId?: string,
): LineExplanation {
  const split = splitLine(line, distributors, plan, buyerPayeeId);
  const { currency, rounding } = plan;
  const base: Exact = { value: line.baseMinor, scale: 0 };
  const left = (taken: bigint): Exact => ({ value: line.baseMinor - taken, scale: 0 });
  const isShipping = line.kind === 'shipping';
  const explain = (before: Exact, share: string, exact: Exact, owed: Minor, cut: bigint): How => ({
    base: formatAmount(line.baseMinor, currency),
    fee: formatAmount(split.feeMinor, currency),
    before: decimal(before, currency),
    share,
    exact: decimal(exact, currency),
    owed: formatAmount(owed, currency),
    cappedBy: decimal({ value: cut < 0n ? -cut : cut, scale: 0 }, currency),
  });

  const feePpm = isShipping ? 0n : plan.platformFee.ratePpm;
  const ratedFee = times(base, feePpm);
  const roundedFee = rounded(ratedFee, rounding);
  let rest = roundedFee === split.feeMinor ? times(base, ONE_PPM - feePpm) : left(split.feeMinor);
  let taken: bigint = split.feeMinor;
  const levels: { level: number; payeeId: string; how: How }[] = [];
  const present = isShipping ? 0 : presentLevels(distributors, plan, buyerPayeeId);
  for (const { level, payeeId, owedMinor } of split.levels) {
    const share = plan.commission?.levels[level - 1];
    invariant(share !== undefined && (present & (1 << (level - 1))) !== 0, 'a level has a share');
    const before = plan.commission?.basis === 'gross' ? base : rest;
    const exact = times(before, share.ratePpm);
    const cut = rounded(exact, rounding) - owedMinor;
    invariant(cut === 0n || (cut > 0n && owedMinor === line.baseMinor - taken), 'a share is cut');
    const how = explain(before, formatRate(share.ratePpm), exact, owedMinor, cut);
    levels.push({ level, payeeId, how });
    if (plan.commission?.basis === 'cascade') rest = times(before, ONE_PPM - share.ratePpm);
    taken += owedMinor;
  }
  invariant(taken + split.supplierMinor === line.baseMinor, 'an explained line must add up');
  return {
    fee: explain(
      base,
      isShipping ? '0' : formatRate(plan.platformFee.ratePpm),
      ratedFee,
      split.feeMinor,
      roundedFee - split.feeMinor,
    ),
    levels,
    supplier: explain(left(taken), 'rest', left(taken), split.supplierMinor, 0n),
  };
}

function times(amount: Exact, ratePpm: bigint): Exact {
  return { value: amount.value * ratePpm, scale: amount.scale + RATE_DIGITS };
}

function rounded(amount: Exact, rounding: Plan['rounding']): bigint {
  return divideRounded(amount.value, 10n ** BigInt(amount.scale), rounding);
}

function decimal(amount: Exact, currency: string): string {
  const digits = minorDigits(currency);
  invariant(digits !== undefined, `"${currency}" is a currency of a plan`);
  return formatExact(amount.value, amount.scale + digits, digits);
}
