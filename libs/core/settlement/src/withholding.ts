import { createZone, localMonth } from '@qingfen/calendar';
import {
  taxCurrency,
  tierAmount,
  type PartKind,
  type Tier,
  type Withholding,
  type WithholdingPeriod,
} from '@qingfen/core-plan';
import { divideRounded, invariant, minor, ONE_PPM, sumMinor, type Minor } from '@qingfen/money';

/** What was stated to a payee in a period until now, of the kinds that are taxed, and still stands. */
export interface StatedBefore {
  /** Of its statements, tax included; less what was given back of them. */
  readonly grossMinor: Minor;
  /** What was withheld of them; less what was given back of it. */
  readonly withheldMinor: Minor;
}

/** By what the tax of one statement is decided. */
export interface TaxTerms {
  readonly tiers: readonly Tier[];
  readonly before: StatedBefore;
}

/** What a statement comes to: gross = net + withheld. */
export interface TaxedStatement {
  readonly grossMinor: Minor;
  readonly withheldMinor: Minor;
  /** What is paid. */
  readonly netMinor: Minor;
}

/**
 * Whether anything is withheld of what a payee is stated. A payee whose account type nobody told counts as
 * a person: whoever pays a person has to withhold, whether or not it was told so.
 */
export function isWithheldFrom(
  withholding: Pick<Withholding, 'kinds' | 'accountTypes'>,
  of: {
    readonly kind: PartKind;
    readonly currency: string;
    readonly accountType: string | null;
  },
): boolean {
  const type = (of.accountType ?? 'personal').toLowerCase();
  return (
    of.currency === taxCurrency &&
    withholding.kinds.includes(of.kind) &&
    withholding.accountTypes.includes(type)
  );
}

/** The instants between which the month or year of an instant lies in a shop's time zone. */
export function withholdingPeriod(
  period: WithholdingPeriod,
  at: Date,
  timezone: string,
): { readonly from: Date; readonly to: Date } {
  const zone = createZone(timezone);
  const local = localMonth(at, timezone);
  const [year, month] = [Number(local.slice(0, 4)), Number(local.slice(5))];
  const begin = (years: number, months: number): Date =>
    zone.instantOf({ year: years, month: months, day: 1, hour: 0, minute: 0 });
  if (period === 'year') return { from: begin(year, 1), to: begin(year + 1, 1) };
  const to = month === 12 ? begin(year + 1, 1) : begin(year, month + 1);
  return { from: begin(year, month), to };
}

/** The tax on the whole sum of a period, by marginal tiers; rounded once, half up, to the minor unit. */
export function taxOn(tiers: readonly Tier[], grossMinor: bigint): Minor {
  const { ratedPpm } = tierAmount(tiers, 'marginal', grossMinor);
  return minor(divideRounded(ratedPpm, ONE_PPM, 'half-up'));
}

/**
 * What is withheld of a statement: the tax on all that was stated in the period with it, less what is
 * withheld already; never less than nothing nor more than the statement. What a tax that was given back,
 * or a rate that was changed, leaves over is made good by the period's later statements, not paid out.
 *
 * Rounded where {@link taxOn} rounds and nowhere else; gross = net + withheld.
 */
export function withhold(grossMinor: Minor, { tiers, before }: TaxTerms): TaxedStatement {
  invariant(grossMinor > 0n, 'what is stated is more than nothing');
  const dueMinor = taxOn(tiers, before.grossMinor + grossMinor) - before.withheldMinor;
  const withheldMinor = minor(dueMinor < 0n ? 0n : dueMinor > grossMinor ? grossMinor : dueMinor);
  const netMinor = minor(grossMinor - withheldMinor);
  invariant(netMinor >= 0n && netMinor <= grossMinor, 'a net lies between nothing and its gross');
  return { grossMinor, withheldMinor, netMinor };
}

/** No sum of entries comes near it. */
const grossMost = 2n ** 62n;

/**
 * The least gross whose net reaches a minimum: what comes to less is not stated, and waits. No rate is
 * above 1, so a larger gross never has a smaller net and every gross above it reaches the minimum, too.
 * @returns null where no gross does: the rate of the last tier takes all of it.
 */
export function leastGross(leastNetMinor: Minor, terms: TaxTerms): Minor | null {
  const reaches = (gross: bigint): boolean =>
    withhold(minor(gross), terms).netMinor >= leastNetMinor;
  let [below, high] = [0n, leastNetMinor > 0n ? BigInt(leastNetMinor) : 1n];
  while (!reaches(high)) {
    [below, high] = [high, high * 2n];
    if (high > grossMost) return null;
  }
  while (high - below > 1n) {
    const middle = (below + high) / 2n;
    if (reaches(middle)) high = middle;
    else below = middle;
  }
  return minor(high);
}

/**
 * Which part of a statement's tax belongs to each of its payouts, in proportion, so that what is given
 * back of one gives back its own part; they add up to the tax.
 */
export function withheldShares(withheldMinor: Minor, payoutsMinor: readonly Minor[]): Minor[] {
  const netMinor = sumMinor(payoutsMinor);
  let sum = 0n;
  const shares = payoutsMinor.map((amountMinor) => {
    const before = withheldUpTo(withheldMinor, sum, netMinor);
    sum += amountMinor;
    return minor(withheldUpTo(withheldMinor, sum, netMinor) - before);
  });
  invariant(sumMinor(shares) === withheldMinor, 'the shares of a tax add up to it');
  return shares;
}

/** What of a payout's tax is given back by when so much of it has come back; all with the last fen. */
export function withheldBack(
  payout: { readonly amountMinor: bigint; readonly withheldMinor: bigint },
  returnedMinor: bigint,
): Minor {
  invariant(returnedMinor <= payout.amountMinor, 'no more comes back than was paid');
  return minor(withheldUpTo(payout.withheldMinor, returnedMinor, payout.amountMinor));
}

function withheldUpTo(withheldMinor: bigint, partMinor: bigint, wholeMinor: bigint): bigint {
  return divideRounded(withheldMinor * partMinor, wholeMinor, 'down');
}
