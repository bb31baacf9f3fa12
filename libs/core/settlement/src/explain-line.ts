import {
  formatAmount,
  formatFraction,
  formatRate,
  fraction,
  invariant,
  minorDigits,
  minus,
  ONE_PPM,
  rounded,
  times,
  type Fraction,
  type Minor,
  type Rounding,
} from '@qingfen/money';
import { shareParts, type Plan, type Share, type ShareParts } from '@qingfen/core-plan';
import { rateOf, type Chain } from './chain.js';
import { atLeastNothing, levelBaseOf, splitLine, type Line, type LineSplit } from './split-line.js';
import { termsOf, termsText, type ShareTerms } from './share-terms.js';

/**
 * How one amount came about, so that anyone can compute it again: exact, in the currency's major unit; what
 * no decimal can hold is a fraction such as `5/3`.
 */
export interface How {
  /** What was split: paid less refunds. */
  readonly base: string;
  /** What was paid for the line before any refund. */
  readonly paid: string;
  /** The platform's fee of the line. */
  readonly fee: string;
  /** What the share was computed on, unrounded. */
  readonly before: string;
  /** The share's terms, such as `0.3` or `2.00 + 0.05`; `rest` for the supplier, who gets what remains. */
  readonly share: string;
  /** The terms one by one, each with what it came to; null for the fee's rate and the supplier's rest. */
  readonly terms: ShareTerms | null;
  /** The share, unrounded and within its bounds. */
  readonly exact: string;
  readonly rounding: Rounding;
  /** What is owed: rounded, bounded, at most what was left. */
  readonly owed: string;
  /** By how much a bound of the fee or what was left changed the rounded amount; `0.00` for nothing. */
  readonly cappedBy: string;
  /** What held the amount: a bound, or what the ones before it had left. */
  readonly bound: 'min' | 'max' | 'left' | null;
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

/** What one amount of a line is explained from. */
interface Told {
  readonly before: Fraction;
  readonly share: string;
  readonly terms: ShareTerms | null;
  readonly exact: Fraction;
  readonly owed: Minor;
  readonly cut: bigint;
  readonly bound: How['bound'];
}

/**
 * Explains a split step by step, as domain.md 3 tells it, apart from the short cuts of {@link
 * splitLine}, and checks that both come to the same amounts.
 *
 * @throws InvariantError when they do not.
 */
export function explainLine(line: Line, chain: Chain, plan: Plan): LineExplanation {
  const split = splitLine(line, chain, plan);
  const tell = (told: Told): How => howOf(line, split, plan, told);
  const isShipping = line.kind === 'shipping';
  const base = fraction(line.baseMinor);
  const fee = explainFee(line, split, plan);
  const feePpm = isShipping ? 0n : plan.platformFee.ratePpm;
  const kept = fraction(ONE_PPM - feePpm, ONE_PPM);
  const firstRest = fee.cut === 0n ? times(base, kept) : fraction(line.baseMinor - split.feeMinor);
  let rest = firstRest;
  let taken: bigint = split.feeMinor;
  const levels: { level: number; payeeId: string; how: How }[] = [];
  for (const { level, payeeId, owedMinor } of split.levels) {
    const { commission } = plan;
    const share = commission?.levels[level - 1];
    invariant(commission !== undefined && share !== undefined, 'a level has a share');
    const before = levelBaseOf(commission.basis, { base, firstRest, rest });
    const told = explainShare(share, { line, chain, plan, payeeId, before, owedMinor });
    const isCut = told.cut > 0n && owedMinor === line.baseMinor - taken;
    invariant(told.cut === 0n || isCut, 'a share is cut to what is left');
    levels.push({ level, payeeId, how: tell(told) });
    rest = atLeastNothing(minus(rest, told.exact));
    taken += owedMinor;
  }
  invariant(taken + split.supplierMinor === line.baseMinor, 'an explained line must add up');
  const left = fraction(line.baseMinor - taken);
  const supplier = tell({
    before: left,
    share: 'rest',
    terms: null,
    exact: left,
    owed: split.supplierMinor,
    cut: 0n,
    bound: null,
  });
  return { fee: tell(fee), levels, supplier };
}

function explainFee(line: Line, split: LineSplit, plan: Plan): Told {
  const { ratePpm, minMinor, maxMinor } = plan.platformFee;
  const base = fraction(line.baseMinor);
  const isShipping = line.kind === 'shipping';
  const exact = isShipping ? fraction(0n) : times(base, fraction(ratePpm, ONE_PPM));
  const roundedMinor = rounded(exact, plan.rounding);
  const cut = roundedMinor - split.feeMinor;
  const held = split.feeMinor === maxMinor ? 'max' : split.feeMinor === minMinor ? 'min' : 'left';
  return {
    before: base,
    share: isShipping ? '0' : formatRate(ratePpm),
    terms: null,
    exact,
    owed: split.feeMinor,
    cut,
    bound: cut === 0n ? null : held,
  };
}

function explainShare(
  share: Share,
  of: {
    readonly line: Line;
    readonly chain: Chain;
    readonly plan: Plan;
    readonly payeeId: string;
    readonly before: Fraction;
    readonly owedMinor: Minor;
  },
): Told {
  const { line, chain, plan, payeeId, before, owedMinor } = of;
  const ratePpm = rateOf(share.rate, payeeId, chain.rateFacts);
  const parts: ShareParts = shareParts(share, { levelBase: before, ...line }, ratePpm);
  const cut = rounded(parts.amount, plan.rounding) - owedMinor;
  const terms = termsOf(share, { parts, ratePpm, line, payeeId, chain, plan });
  return {
    before,
    share: termsText(terms),
    terms,
    exact: parts.amount,
    owed: owedMinor,
    cut,
    bound: cut === 0n ? parts.bound : 'left',
  };
}

function howOf(line: Line, split: LineSplit, plan: Plan, told: Told): How {
  const { currency, rounding } = plan;
  const digits = minorDigits(currency);
  invariant(digits !== undefined, `"${currency}" is a currency of a plan`);
  const cut = told.cut < 0n ? -told.cut : told.cut;
  return {
    base: formatAmount(line.baseMinor, currency),
    paid: formatAmount(line.paidMinor, currency),
    fee: formatAmount(split.feeMinor, currency),
    before: formatFraction(told.before, digits),
    share: told.share,
    terms: told.terms,
    exact: formatFraction(told.exact, digits),
    rounding,
    owed: formatAmount(told.owed, currency),
    cappedBy: formatFraction(fraction(cut), digits),
    bound: told.bound,
  };
}
