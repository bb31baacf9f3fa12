import { Big } from 'big.js';

import {
  clamp,
  fenOfAmount,
  larger,
  roundedAmount,
  roundedQuotient,
  smaller,
  type RoundingTerms,
} from './exact.js';
import type { RateTerms, ReferencePlan, ShareTerms, TierTerms } from './plan-in-force.js';

/** One line of an order as the event has it, or what refunds have left of it. */
export interface ReferenceLine {
  readonly itemId: string;
  readonly supplierId: string;
  readonly amount: string;
  readonly subsidy?: string | undefined;
  readonly kind?: 'goods' | 'shipping' | undefined;
  /** What was paid for the line before any refund; what stands here where there was none. */
  readonly paid?: string | undefined;
  /** What dynamic rates follow, by `<fact> <payee>`; a fact that is missing is 0. */
  readonly facts?: ReadonlyMap<string, string> | undefined;
}

/** Who is owed what of one line, in fen. */
export interface ReferenceSplit {
  readonly feeMinor: bigint;
  readonly commissions: readonly {
    readonly level: number;
    readonly payeeId: string;
    readonly owedMinor: bigint;
  }[];
  readonly supplierMinor: bigint;
}

const feeMaxUsual = '999999.00';

/**
 * domain.md 3 for one line, in arbitrary-precision decimals and in the page's own order of steps. It
 * shares no line with the product and is kept slow and plain on purpose.
 *
 * Shares are calculated as multiples of 1 ÷ paid: every `fixed` counts as fixed × base ÷ paid, which no
 * decimal need hold, and nothing else is ever divided.
 */
export function splitLine(
  plan: ReferencePlan,
  line: ReferenceLine,
  distributors: readonly (string | null)[],
): ReferenceSplit {
  const base = new Big(line.amount).plus(line.subsidy ?? '0');
  if (line.kind === 'shipping') {
    return { feeMinor: 0n, commissions: [], supplierMinor: fenOfAmount(base) };
  }
  const rounding = plan.rounding ?? 'half-up';
  const { fee, firstRest } = feeOf(plan, base, rounding);
  const paid = line.paid === undefined ? base : new Big(line.paid);
  // Of a line that nobody paid anything for every share is nothing, whatever its bounds.
  const unit = paid.eq(0) ? new Big(1) : paid;
  let rest = firstRest.times(unit);
  let left = base.minus(fee);
  const { basis = 'cascade', levels = [] } = plan.commission ?? {};
  const commissions = [];
  for (const [index, share] of levels.entries()) {
    const payeeId = distributors[index] ?? null;
    if (payeeId === null) continue;
    const levelBase = { cascade: rest, flat: firstRest.times(unit), gross: base.times(unit) }[
      basis
    ];
    const rate = rateOf(share.rate, payeeId, line.facts);
    const amount = shareOf(share, { levelBase, base, unit, rate });
    if (basis === 'cascade') rest = larger(new Big(0), rest.minus(amount));
    const owed = smaller(roundedQuotient(amount, unit, rounding), left);
    left = left.minus(owed);
    commissions.push({ level: index + 1, payeeId, owedMinor: fenOfAmount(owed) });
  }
  return { feeMinor: fenOfAmount(fee), commissions, supplierMinor: fenOfAmount(left) };
}

/** Steps 1 and 2: the fee, and what is left for the first level, unrounded. */
function feeOf(
  { platformFee = {} }: ReferencePlan,
  base: Big,
  rounding: RoundingTerms,
): { readonly fee: Big; readonly firstRest: Big } {
  const { rate = '0', min = '0', max = feeMaxUsual } = platformFee;
  const rounded = roundedAmount(base.times(rate), rounding);
  const fee = smaller(clamp(rounded, new Big(min), new Big(max)), base);
  return { fee, firstRest: base.minus(fee.eq(rounded) ? base.times(rate) : fee) };
}

function rateOf(
  rate: string | RateTerms | undefined,
  payeeId: string,
  facts: ReadonlyMap<string, string> | undefined,
): string {
  if (typeof rate !== 'object') return rate ?? '0';
  const value = new Big(facts?.get(`${rate.by} ${payeeId}`) ?? '0');
  return rate.tiers.findLast(({ from }) => value.gte(from))?.rate ?? '0';
}

/** A share × `unit`: its `fixed` × base, its rate of the level's base, its tiers of the line's base. */
function shareOf(
  share: ShareTerms,
  on: { readonly levelBase: Big; readonly base: Big; readonly unit: Big; readonly rate: string },
): Big {
  const { levelBase, base, unit, rate } = on;
  const tier = pricedByTiers(share.tiers ?? [], share.method ?? 'whole', base);
  const sum = new Big(share.fixed ?? '0')
    .plus(tier.fixed)
    .times(base)
    .plus(levelBase.times(rate))
    .plus(tier.rated.times(unit));
  const max = share.max === undefined ? undefined : new Big(share.max).times(unit);
  return clamp(sum, new Big(share.min ?? '0').times(unit), max);
}

/**
 * What tiers give on an amount: a tier is reached by an amount of at least its `from` and above zero;
 * `whole` prices all of it at the highest one reached, `marginal` each slice at its own.
 */
export function pricedByTiers(
  tiers: readonly TierTerms[],
  method: 'whole' | 'marginal',
  amount: Big,
): { readonly rated: Big; readonly fixed: Big } {
  const reached = tiers.filter(({ from }) => amount.gt(0) && amount.gte(from));
  if (method === 'whole') {
    const last = reached.at(-1);
    return { rated: amount.times(last?.rate ?? '0'), fixed: new Big(last?.fixed ?? '0') };
  }
  let [rated, fixed] = [new Big(0), new Big(0)];
  for (const [index, tier] of reached.entries()) {
    const end = reached[index + 1]?.from ?? amount;
    rated = rated.plus(new Big(end).minus(tier.from).times(tier.rate ?? '0'));
    fixed = fixed.plus(tier.fixed ?? '0');
  }
  return { rated, fixed };
}
