/** A share of a commission level as the plan document has it. */
export interface ShareTerms {
  readonly fixed?: string;
  readonly rate?: string;
  readonly tiers?: readonly TierTerms[];
  readonly method?: 'whole' | 'marginal';
  readonly min?: string;
  readonly max?: string;
}

/** One tier of a share. */
export interface TierTerms {
  readonly from: string;
  readonly rate?: string;
  readonly fixed?: string;
}

/** When runs of a kind take place. */
export interface CycleTerms {
  readonly every: 'day' | 'week';
  readonly on?: string;
  /** Local time, `HH:MM`. */
  readonly at: string;
}

/** The rules that the reference understands: no dynamic rates, no team reward, no tasks. */
export interface ReferencePlan {
  readonly rounding?: 'half-up' | 'half-even' | 'down';
  readonly returnWindowDays?: number;
  readonly platformFee?: { readonly rate?: string; readonly min?: string; readonly max?: string };
  readonly commission?: {
    readonly basis?: 'cascade' | 'flat' | 'gross';
    readonly levels: readonly ShareTerms[];
    readonly selfPurchase?: 'allow' | 'skip';
    readonly cycle?: CycleTerms;
    readonly minPayout?: string;
  };
  readonly supplier?: {
    readonly delayDays?: number;
    readonly cycle?: CycleTerms;
    readonly minPayout?: string;
  };
}

/** A version as the gateway answered its publication. */
export interface ReferenceVersion {
  readonly shopId: string;
  readonly version: number;
  readonly effectiveFrom: string;
  readonly plan: ReferencePlan;
}

/** The version of a shop in force at an instant: the greatest `effectiveFrom`, then the last. */
export function inForce(
  versions: readonly ReferenceVersion[],
  shopId: string,
  atMs: number,
): ReferenceVersion | undefined {
  let found: ReferenceVersion | undefined;
  for (const version of versions) {
    if (version.shopId !== shopId || Date.parse(version.effectiveFrom) > atMs) continue;
    if (found === undefined || isAfter(version, found)) found = version;
  }
  return found;
}

function isAfter(one: ReferenceVersion, other: ReferenceVersion): boolean {
  const difference = Date.parse(one.effectiveFrom) - Date.parse(other.effectiveFrom);
  return difference === 0 ? one.version > other.version : difference > 0;
}
