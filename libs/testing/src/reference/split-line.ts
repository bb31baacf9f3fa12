import { Big, type RoundingMode } from 'big.js';

import type { ReferencePlan, ShareTerms, TierTerms } from './plan-in-force.js';

/** One line of an order as the event has it. */
export interface ReferenceLine {
  readonly itemId: string;
  readonly supplierId: string;
  readonly amount: string;
  readonly subsidy?: string | undefined;
  readonly kind?: 'goods' | 'shipping' | undefined;
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

const minorDigits = 2;
const feeMaxUsual = '999999.00';
const roundings: Readonly<Record<'half-up' | 'half-even' | 'down', RoundingMode>> = {
  down: 0,
  'half-up': 1,
  'half-even': 2,
};

/**
 * domain.md 3 for a line without refunds, in arbitrary-precision decimals and in the page's own
 * order of steps. It shares no line with the product and is kept slow and plain on purpose.
 */
export function splitLine(
  plan: ReferencePlan,
  line: ReferenceLine,
  distributors: readonly (string | null)[],
): ReferenceSplit {
  const base = new Big(line.amount).plus(line.subsidy ?? '0');
  if (line.kind === 'shipping') {
    return { feeMinor: 0n, commissions: [], supplierMinor: minorOf(base) };
  }
  const mode = roundings[plan.rounding ?? 'half-up'];
  const rate = new Big(plan.platformFee?.rate ?? '0');
  const rounded = base.times(rate).round(minorDigits, mode);
  const bounded = clamp(
    rounded,
    plan.platformFee?.min ?? '0',
    plan.platformFee?.max ?? feeMaxUsual,
  );
  const fee = smaller(bounded, base);
  let rest = fee.eq(rounded) ? base.minus(base.times(rate)) : base.minus(fee);
  let left = base.minus(fee);
  const firstRest = rest;
  const basis = plan.commission?.basis ?? 'cascade';
  const commissions = [];
  for (const [index, share] of (plan.commission?.levels ?? []).entries()) {
    const payeeId = distributors[index] ?? null;
    if (payeeId === null) continue;
    const levelBase = { cascade: rest, flat: firstRest, gross: base }[basis];
    const amount = shareOf(share, levelBase, base);
    if (basis === 'cascade') rest = larger(new Big(0), rest.minus(amount));
    const owed = smaller(amount.round(minorDigits, mode), left);
    left = left.minus(owed);
    commissions.push({ level: index + 1, payeeId, owedMinor: minorOf(owed) });
  }
  return { feeMinor: minorOf(fee), commissions, supplierMinor: minorOf(left) };
}

function shareOf(share: ShareTerms, levelBase: Big, base: Big): Big {
  // fixed × base ÷ paid: without refunds base is paid, and of a line of 0.00 there is no part.
  const fixed = (text: string | undefined): Big => (base.eq(0) ? new Big(0) : new Big(text ?? '0'));
  const sum = fixed(share.fixed)
    .plus(levelBase.times(share.rate ?? '0'))
    .plus(tierAmount(share.tiers ?? [], share.method ?? 'whole', base));
  return clamp(sum, share.min ?? '0', share.max);
}

function tierAmount(tiers: readonly TierTerms[], method: 'whole' | 'marginal', base: Big): Big {
  const reached = tiers.filter(({ from }) => base.gt(0) && base.gte(from));
  const last = reached.at(-1);
  if (last === undefined) return new Big(0);
  if (method === 'whole') return base.times(last.rate ?? '0').plus(last.fixed ?? '0');
  return reached.reduce((sum, tier, index) => {
    const end = reached[index + 1]?.from ?? base;
    const slice = new Big(end).minus(tier.from);
    return sum.plus(slice.times(tier.rate ?? '0')).plus(tier.fixed ?? '0');
  }, new Big(0));
}

function clamp(amount: Big, min: string, max: string | undefined): Big {
  const atLeast = larger(amount, new Big(min));
  return max === undefined ? atLeast : smaller(atLeast, new Big(max));
}

function smaller(one: Big, other: Big): Big {
  return one.lt(other) ? one : other;
}

function larger(one: Big, other: Big): Big {
  return one.gt(other) ? one : other;
}

function minorOf(amount: Big): bigint {
  return BigInt(amount.times(100).toFixed(0));
}
