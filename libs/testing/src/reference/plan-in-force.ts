/** What runs state, kind by kind. */
export type ReferenceKind = 'commission' | 'supplier' | 'team-reward';

export const referenceKinds: readonly ReferenceKind[] = ['commission', 'supplier', 'team-reward'];

/** A rate that follows a fact about the payee: that of the highest step which the fact reaches. */
export interface RateTerms {
  readonly by: 'payee-level' | 'payee-month-volume' | 'payee-refund-rate';
  readonly tiers: readonly { readonly from: string; readonly rate: string }[];
}

/** A share of a commission level as the plan document has it. */
export interface ShareTerms {
  readonly fixed?: string;
  readonly rate?: string | RateTerms;
  readonly tiers?: readonly TierTerms[];
  readonly method?: 'whole' | 'marginal';
  readonly min?: string;
  readonly max?: string;
}

/** One tier of a share, or of a team reward. */
export interface TierTerms {
  readonly from: string;
  readonly rate?: string;
  readonly fixed?: string;
}

/** When runs of a kind take place. */
export interface CycleTerms {
  readonly every: 'day' | 'week' | 'month';
  /** A weekday; or a day of the month, 1 to 28, or `last-day`. */
  readonly on?: string | number;
  /** Local time, `HH:MM`. */
  readonly at: string;
}

/** What all kinds have. */
export interface KindTerms {
  readonly cycle?: CycleTerms;
  /** Payees with a cycle of their own; nobody is in two of them. */
  readonly payeeCycles?: readonly {
    readonly payees: readonly string[];
    readonly cycle: CycleTerms;
  }[];
  /** A run on a day that nobody works takes place all the same, or on the next that is worked on. */
  readonly onHoliday?: 'run' | 'next-business-day';
  readonly minPayout?: string;
  /** How it is paid changes nothing of what is owed. */
  readonly payVia?: 'transfer' | 'batch' | 'royalty';
}

/** Days off beside Saturdays and Sundays, and days of a weekend that are worked on, `YYYY-MM-DD`. */
export interface CalendarTerms {
  readonly holidays?: readonly string[];
  readonly workdays?: readonly string[];
}

/** What must hold before something is owed, or paid. */
export type ConditionTerms =
  | {
      readonly for: 'commission' | 'team-reward';
      readonly when: 'order-amount';
      readonly atLeast: string;
    }
  | { readonly for: ReferenceKind; readonly when: 'payee-task'; readonly task: string };

/** The rules that the reference understands. */
export interface ReferencePlan {
  readonly rounding?: 'half-up' | 'half-even' | 'down';
  readonly returnWindowDays?: number;
  readonly platformFee?: { readonly rate?: string; readonly min?: string; readonly max?: string };
  readonly commission?: KindTerms & {
    readonly basis?: 'cascade' | 'flat' | 'gross';
    readonly levels: readonly ShareTerms[];
    readonly selfPurchase?: 'allow' | 'skip';
  };
  readonly supplier?: KindTerms & { readonly delayDays?: number };
  readonly teamReward?: KindTerms & {
    readonly method?: 'whole' | 'marginal';
    readonly tiers: readonly TierTerms[];
  };
  readonly conditions?: readonly ConditionTerms[];
  readonly calendar?: CalendarTerms;
}

/** A version as the gateway answered its publication. */
export interface ReferenceVersion {
  readonly shopId: string;
  readonly version: number;
  readonly effectiveFrom: string;
  readonly plan: ReferencePlan;
  /** Of versions that take effect at one instant the one published last counts. */
  readonly publishedAt?: string;
  /** As if it had never been there. */
  readonly isWithdrawn?: boolean;
}

/** The version of a shop in force at an instant: the greatest `effectiveFrom`, then the last. */
export function inForce(
  versions: readonly ReferenceVersion[],
  shopId: string,
  atMs: number,
): ReferenceVersion | undefined {
  let found: ReferenceVersion | undefined;
  for (const version of versions) {
    if (version.shopId !== shopId || version.isWithdrawn === true) continue;
    if (Date.parse(version.effectiveFrom) > atMs) continue;
    if (found === undefined || isAfter(version, found)) found = version;
  }
  return found;
}

/**
 * The version whose cycle, minimum and tiers hold for a kind at an instant: the one in force or, where
 * that lacks the kind, the latest before it that had it (domain.md 6).
 */
export function termsInForce(
  versions: readonly ReferenceVersion[],
  shopId: string,
  question: { readonly kind: ReferenceKind; readonly atMs: number },
): { readonly version: ReferenceVersion; readonly terms: KindTerms } | undefined {
  const having = versions.filter(({ plan }) => termsOf(plan, question.kind) !== undefined);
  const version = inForce(having, shopId, question.atMs);
  const terms = version === undefined ? undefined : termsOf(version.plan, question.kind);
  return version === undefined || terms === undefined ? undefined : { version, terms };
}

/** The part of a plan for a kind. */
export function termsOf(plan: ReferencePlan, kind: ReferenceKind): KindTerms | undefined {
  return kind === 'team-reward' ? plan.teamReward : plan[kind];
}

function isAfter(one: ReferenceVersion, other: ReferenceVersion): boolean {
  const differences = [
    Date.parse(one.effectiveFrom) - Date.parse(other.effectiveFrom),
    Date.parse(one.publishedAt ?? '1970-01-01') - Date.parse(other.publishedAt ?? '1970-01-01'),
    one.version - other.version,
  ];
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
}
