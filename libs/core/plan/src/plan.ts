import type { Minor, Ppm, Rounding } from '@qingfen/money';
import type { Cycle } from '@qingfen/calendar';

/** The three kinds of money that runs state and payouts pay. */
export type PartKind = 'commission' | 'supplier' | 'team-reward';

/** How a kind is paid; other ways are refused by readPlan until they exist. */
export type PayVia = 'transfer';

/** What the levels of a commission are computed on (domain.md 3). */
export type Basis = 'cascade' | 'flat' | 'gross';

/** How tiers price an amount: all of it at the tier reached, or each slice at its own. */
export type TierMethod = 'whole' | 'marginal';

/**
 * What one level gets of its base. Told apart by `kind`, so that richer forms become further
 * members and every `switch` over it stops compiling until it says what to do with them.
 */
export type Share = RateShare;

/** 固定比例: a plain rate of the level's base. */
export interface RateShare {
  readonly kind: 'rate';
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
  readonly minPayoutMinor: Minor;
  readonly payVia: PayVia;
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
  /** Conditions are refused by readPlan until they exist, so there is none. */
  readonly conditions: readonly never[];
}

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
