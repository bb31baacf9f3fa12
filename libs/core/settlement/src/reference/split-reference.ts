import Big from 'big.js';

/**
 * A transcription of domain.md 3 (and of the shares of 2.1) in big.js, kept for tests and
 * measurements only. It imports nothing of the product and takes no short cuts: where the two
 * differ, one of them is a defect.
 *
 * Amounts are decimals in the major unit (yuan), as a reader of domain.md would write them.
 */
export interface ReferenceTier {
  readonly from: string;
  readonly rate?: string;
  readonly fixed?: string;
}

/** A rate by a fact about the payee: the highest tier that its value reaches. */
export interface ReferenceDynamicRate {
  readonly tiers: readonly { readonly from: string; readonly rate: string }[];
  readonly values: Readonly<Record<string, string>>;
}

export interface ReferenceShare {
  readonly rate?: string | ReferenceDynamicRate;
  readonly fixed?: string;
  readonly tiers?: readonly ReferenceTier[];
  readonly method?: 'whole' | 'marginal';
  readonly min?: string;
  readonly max?: string;
}

export interface ReferencePlan {
  readonly rounding: 'half-up' | 'half-even' | 'down';
  readonly fee: { readonly rate: string; readonly min?: string; readonly max?: string };
  readonly basis: 'cascade' | 'flat' | 'gross';
  readonly levels: readonly ReferenceShare[];
  readonly selfPurchase: 'allow' | 'skip';
  /** The least order amounts for commissions. */
  readonly orderAtLeast?: readonly string[];
}

export interface ReferenceLine {
  /** After all refunds so far. */
  readonly base: string;
  /** Before any refund; the base where there was none. */
  readonly paid?: string;
  readonly kind: 'goods' | 'shipping';
  readonly digits: number;
  readonly distributors: readonly (string | null)[];
  readonly buyerPayeeId?: string;
  /** What was paid for the whole order; compared with the plan's conditions. */
  readonly orderPaid?: string;
}

export interface ReferenceSplit {
  readonly fee: string;
  readonly levels: readonly {
    readonly level: number;
    readonly payeeId: string;
    readonly owed: string;
  }[];
  readonly supplier: string;
}

/** A constructor of our own: `DP` is set on it and nobody else sees that. */
const Exact = Big();
Exact.DP = 80;

const ROUNDING = {
  'half-up': Exact.roundHalfUp,
  'half-even': Exact.roundHalfEven,
  down: Exact.roundDown,
} as const;

export function referenceSplit(line: ReferenceLine, plan: ReferencePlan): ReferenceSplit {
  const base = new Exact(line.base);
  const paid = new Exact(line.paid ?? line.base);
  const round = (exact: Big): Big => exact.round(line.digits, ROUNDING[plan.rounding]);
  const text = (amount: Big): string => amount.toFixed(line.digits);
  if (line.kind === 'shipping')
    return { fee: text(new Exact(0)), levels: [], supplier: text(base) };

  // 1. fee = round(base × rate), clamped to [min, max], at most base.
  const rounded = round(base.times(plan.fee.rate));
  const fee = least(clamped(rounded, plan.fee), base);
  // 2. rest = base − base × rate, unrounded; where clamp or cap changed the rounded fee, rest =
  // base − fee.
  const firstRest = fee.eq(rounded) ? base.minus(base.times(plan.fee.rate)) : base.minus(fee);
  let rest = firstRest;
  let left = base.minus(fee);
  // 3. each level with a distributor present.
  const levels: { level: number; payeeId: string; owed: string }[] = [];
  const orderPaid = new Exact(line.orderPaid ?? line.paid ?? line.base);
  const isTooSmall = (plan.orderAtLeast ?? []).some((least) => orderPaid.lt(least));
  plan.levels.forEach((share, index) => {
    const payeeId = line.distributors[index] ?? null;
    if (payeeId === null || isTooSmall) return;
    if (plan.selfPurchase === 'skip' && payeeId === line.buyerPayeeId) return;
    const levelBase = { cascade: rest, flat: firstRest, gross: base }[plan.basis];
    const rate = typeof share.rate === 'object' ? dynamicRate(share.rate, payeeId) : share.rate;
    const exact = shareOf({ ...share, rate: rate ?? '0' }, levelBase, base, paid);
    if (plan.basis === 'cascade') rest = most(new Exact(0), rest.minus(exact));
    const owed = least(round(exact), left);
    left = left.minus(owed);
    levels.push({ level: index + 1, payeeId, owed: text(owed) });
  });
  // 4. the supplier is owed what is left.
  return { fee: text(fee), levels, supplier: text(left) };
}

/**
 * fixed + rate × level's base + tier amount, clamped; every fixed counts as fixed × base / paid.
 */
function shareOf(
  share: ReferenceShare & { readonly rate: string },
  levelBase: Big,
  base: Big,
  paid: Big,
): Big {
  const prorated = (fixed: string | undefined): Big =>
    fixed === undefined || paid.eq(0) ? new Exact(0) : new Exact(fixed).times(base).div(paid);
  let sum = prorated(share.fixed).plus(levelBase.times(share.rate));
  const tiers = share.tiers ?? [];
  const reached = tiers.filter((tier) => base.gt(0) && base.gte(tier.from));
  if (share.method === 'marginal') {
    reached.forEach((tier, index) => {
      const end = reached[index + 1]?.from ?? base;
      const slice = new Exact(end).minus(tier.from);
      sum = sum.plus(slice.times(tier.rate ?? '0')).plus(prorated(tier.fixed));
    });
  } else {
    const top = reached.at(-1);
    if (top !== undefined) {
      sum = sum.plus(base.times(top.rate ?? '0')).plus(prorated(top.fixed));
    }
  }
  return clamped(sum, share);
}

function dynamicRate({ tiers, values }: ReferenceDynamicRate, payeeId: string): string {
  const value = new Exact(values[payeeId] ?? '0');
  const reached = tiers.filter(({ from }) => value.gte(from));
  return reached.at(-1)?.rate ?? '0';
}

function clamped(amount: Big, bounds: { readonly min?: string; readonly max?: string }): Big {
  let bounded = amount;
  if (bounds.max !== undefined) bounded = least(bounded, new Exact(bounds.max));
  if (bounds.min !== undefined) bounded = most(bounded, new Exact(bounds.min));
  return bounded;
}

function least(one: Big, other: Big): Big {
  return one.lt(other) ? one : other;
}

function most(one: Big, other: Big): Big {
  return one.gt(other) ? one : other;
}
