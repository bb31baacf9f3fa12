import {
  formatAmount,
  formatFraction,
  formatRate,
  invariant,
  minor,
  minorDigits,
  ppm,
  type Ppm,
} from '@qingfen/money';
import type { Plan, RateFact, Share, ShareParts, TierMethod } from '@qingfen/core-plan';
import { rateFactKey, type Chain } from './chain.js';
import type { Line } from './split-line.js';

/** The terms of a share and what each came to, in the currency's major unit; absent ones are null. */
export interface ShareTerms {
  readonly fixed: { readonly fixed: string; readonly amount: string } | null;
  readonly rate: {
    readonly rate: string;
    readonly amount: string;
    /** The fact that the rate follows, and its value when the order came. */
    readonly by: RateFact | null;
    readonly value: string | null;
  } | null;
  readonly tiers: {
    readonly method: TierMethod;
    /** The tiers that price the line's base. */
    readonly reached: { readonly from: string; readonly rate: string; readonly fixed: string }[];
    readonly amount: string;
  } | null;
  readonly min: string | null;
  readonly max: string | null;
}

/** What terms are told from. */
export interface TermsSource {
  readonly parts: ShareParts;
  readonly ratePpm: Ppm;
  readonly line: Line;
  readonly payeeId: string;
  readonly chain: Chain;
  readonly plan: Plan;
}

export function termsOf(share: Share, source: TermsSource): ShareTerms {
  const { parts, plan } = source;
  const digits = minorDigits(plan.currency);
  invariant(digits !== undefined, `"${plan.currency}" is a currency of a plan`);
  const amount = (units: bigint): string => formatAmount(minor(units), plan.currency);
  const { fixedMinor, minMinor, maxMinor } = share;
  return {
    fixed:
      fixedMinor === 0n
        ? null
        : { fixed: amount(fixedMinor), amount: formatFraction(parts.fixed, digits) },
    rate: rateTerms(share, source, digits),
    tiers: share.tiers.length === 0 ? null : tierTerms(share, source, digits),
    min: minMinor === 0n ? null : amount(minMinor),
    max: maxMinor === null ? null : amount(maxMinor),
  };
}

function rateTerms(
  { rate }: Share,
  { parts, ratePpm, payeeId, chain, plan }: TermsSource,
  digits: number,
): ShareTerms['rate'] {
  if (rate.kind === 'plain' && rate.ratePpm === 0n) return null;
  const told = { rate: formatRate(ratePpm), amount: formatFraction(parts.rated, digits) };
  if (rate.kind === 'plain') return { ...told, by: null, value: null };
  const value = chain.rateFacts?.get(rateFactKey(rate.by, payeeId)) ?? 0n;
  return { ...told, by: rate.by, value: factText(rate.by, value, plan.currency) };
}

/** A fact's value as people read it: an amount, or a decimal. */
export function factText(by: RateFact, value: bigint, currency: string): string {
  return by === 'payee-month-volume'
    ? formatAmount(minor(value), currency)
    : formatRate(ppm(value));
}

function tierTerms(
  { tiers, method }: Share,
  { parts, line, plan }: TermsSource,
  digits: number,
): ShareTerms['tiers'] {
  const all =
    line.baseMinor > 0n ? tiers.filter(({ fromMinor }) => line.baseMinor >= fromMinor) : [];
  const reached = method === 'whole' ? all.slice(-1) : all;
  return {
    method,
    reached: reached.map(({ fromMinor, ratePpm, fixedMinor }) => ({
      from: formatAmount(fromMinor, plan.currency),
      rate: formatRate(ratePpm),
      fixed: formatAmount(fixedMinor, plan.currency),
    })),
    amount: formatFraction(parts.tiered, digits),
  };
}

/** The terms in one line: `2.00 + 0.3 + tiers 0.05 from 100.00, at least 1.00, at most 50.00`. */
export function termsText({ fixed, rate, tiers, min, max }: ShareTerms): string {
  const added = [
    ...(fixed === null ? [] : [fixed.fixed]),
    ...(rate === null ? [] : [rate.rate]),
    ...(tiers === null ? [] : [tiersText(tiers)]),
  ];
  const bounds = [
    ...(min === null ? [] : [`at least ${min}`]),
    ...(max === null ? [] : [`at most ${max}`]),
  ];
  return [added.length === 0 ? '0' : added.join(' + '), ...bounds].join(', ');
}

function tiersText({ method, reached }: NonNullable<ShareTerms['tiers']>): string {
  if (reached.length === 0) return 'no tier';
  const steps = reached.map(({ from, rate, fixed }) => {
    const plus = /[1-9]/.test(fixed) ? ` and ${fixed}` : '';
    return `${rate}${plus} from ${from}`;
  });
  return `${method === 'whole' ? 'tier' : 'tiers'} ${steps.join('; ')}`;
}
