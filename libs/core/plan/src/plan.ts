import { minor, type Minor, type Ppm, type Rounding } from '@qingfen/money';
import type { BusinessCalendar, Cycle } from '@qingfen/calendar';

/** The three kinds of money that runs state and payouts pay. */
export type PartKind = 'commission' | 'supplier' | 'team-reward';

/** How a kind is paid. */
export type PayVia = 'transfer' | 'batch' | 'royalty';

/** What the levels of a commission are computed on (domain.md 3). */
export type Basis = 'cascade' | 'flat' | 'gross';

/** How tiers price an amount: all of it at the tier reached, or each slice at its own. */
export type TierMethod = 'whole' | 'marginal';

/**
 * What one level gets (domain.md 2.1): `fixed`, the rate of the level's base and the tier amount, added up
 * and then held within the bounds. 固定金额, 固定比例, 阶梯分润, 混合模式.
 */
export interface Share {
  /** Prorated with the line's base, as every `fixed` of its tiers is. */
  readonly fixedMinor: Minor;
  readonly rate: Rate;
  /** Empty where there are none; chosen by and priced on the line's base, whatever the basis. */
  readonly tiers: readonly Tier[];
  readonly method: TierMethod;
  readonly minMinor: Minor;
  /** null: no upper bound. */
  readonly maxMinor: Minor | null;
}

/** A rate that stands in the plan, or one that follows a fact about the payee (R-RUL-6). */
export type Rate =
  | { readonly kind: 'plain'; readonly ratePpm: Ppm }
  | { readonly kind: 'dynamic'; readonly by: RateFact; readonly tiers: readonly RateTier[] };

/** Facts that a rate may follow, each with the unit of {@link RateTier.from}. */
export type RateFact =
  /** The payee's level, in millionths. */
  | 'payee-level'
  /** What its lines of the kind were paid in the calendar month before, in minor units. */
  | 'payee-month-volume'
  /** Of these lines, what was refunded of what was paid, in millionths. */
  | 'payee-refund-rate';

/** From this value of the fact on the rate holds, until the next tier. */
export interface RateTier {
  readonly from: bigint;
  readonly ratePpm: Ppm;
}

export interface Tier {
  /** Reached by amounts of at least this. The first is 0, the others ascend strictly. */
  readonly fromMinor: Minor;
  readonly ratePpm: Ppm;
  readonly fixedMinor: Minor;
}

/** The platform's fee of a line: rounded rate, clamped to the bounds, at most the base. */
export interface PlatformFee {
  readonly ratePpm: Ppm;
  readonly minMinor: Minor;
  /** null: no upper bound. */
  readonly maxMinor: Minor | null;
}

/** When and how a kind is paid. */
export interface PartTerms {
  readonly cycle: Cycle;
  /** Payees that are paid by another cycle than the part's own. */
  readonly payeeCycles: readonly PayeeCycle[];
  /** What a run does whose day is not worked on. */
  readonly onHoliday: OnHoliday;
  readonly minPayoutMinor: Minor;
  readonly payVia: PayVia;
}

/** It takes place all the same, or on the next day that the plan's calendar has worked on. */
export type OnHoliday = 'run' | 'next-business-day';

/** Payees with a cycle of their own; nobody is in two of them. */
export interface PayeeCycle {
  readonly payeeIds: readonly string[];
  readonly cycle: Cycle;
}

export interface CommissionPart extends PartTerms {
  readonly basis: Basis;
  /** Level 1 first; at least one. */
  readonly levels: readonly Share[];
  /** skip: a level whose payee is the order's buyer counts as missing. */
  readonly selfPurchase: 'allow' | 'skip';
}

export interface SupplierPart extends PartTerms {
  /** Days of 24 hours after the order was completed. */
  readonly delayDays: number;
}

export interface TeamRewardPart extends PartTerms {
  readonly method: TierMethod;
  readonly tiers: readonly Tier[];
}

/** A shop's settlement rules as parsed by readPlan: immutable, every default filled in. */
export interface Plan {
  readonly currency: string;
  readonly rounding: Rounding;
  /** Days of 24 hours after the order was completed. */
  readonly returnWindowDays: number;
  readonly platformFee: PlatformFee;
  /** Absent: nobody is owed a commission. */
  readonly commission?: CommissionPart;
  /** Absent: the shop sells its own goods and keeps what remains. */
  readonly supplier?: SupplierPart;
  /** Absent: no team is owed a reward. */
  readonly teamReward?: TeamRewardPart;
  readonly conditions: readonly Condition[];
  /** Days off beside Saturdays and Sundays, and weekend days that are worked on; for `onHoliday`. */
  readonly calendar?: BusinessCalendar;
}

/** What must hold before something is owed, or paid (domain.md 2.3). */
export type Condition =
  | {
      readonly when: 'order-amount';
      readonly for: 'commission' | 'team-reward';
      /** Compared with what was paid for the whole order, once and for ever. */
      readonly atLeastMinor: Minor;
    }
  | {
      readonly when: 'payee-task';
      readonly for: PartKind;
      /** Asked at each run: what is owed to a payee that has not done it waits. */
      readonly task: string;
    };

/**
 * The least that each way moves at once. Sources: `alipay.fund.trans.uni.transfer`, trans_amount ≥ 0.10
 * yuan; `alipay.fund.batch.create`, details ≥ 1.00 yuan; `alipay.trade.order.settle`, shares ≥ 0.01 yuan.
 */
export const wayMinimum: Readonly<Record<PayVia, Minor>> = {
  transfer: minor(10n),
  batch: minor(100n),
  royalty: minor(1n),
};

/** When and how this plan pays a kind; undefined where the plan lacks it. */
export function partOf(plan: Plan, kind: PartKind): PartTerms | undefined {
  switch (kind) {
    case 'commission':
      return plan.commission;
    case 'supplier':
      return plan.supplier;
    case 'team-reward':
      return plan.teamReward;
    default: {
      const never: never = kind;
      return never;
    }
  }
}
