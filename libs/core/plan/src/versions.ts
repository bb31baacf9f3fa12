import { partOf, type PartKind, type PartTerms, type Plan } from './plan.js';

/** The dates that decide which version of a plan is in force. */
export interface VersionDates {
  readonly version: number;
  readonly publishedAt: Date;
  readonly effectiveFrom: Date;
  /**
   * Set when the version was withdrawn before it came into force: as if it had never been there.
   */
  readonly withdrawnAt?: Date | null;
}

/**
 * The version in force at an instant: the greatest `effectiveFrom ≤ at`, of equal ones the one
 * published last. Depends on the dates alone, never on the order in which versions arrived.
 * Undefined before the first one.
 */
export function versionInForce<V extends VersionDates>(
  versions: readonly V[],
  at: Date,
): V | undefined {
  const atMs = at.getTime();
  let found: V | undefined;
  for (const version of versions) {
    if (version.effectiveFrom.getTime() > atMs || isWithdrawn(version)) continue;
    if (found === undefined || supersedes(version, found)) found = version;
  }
  return found;
}

/**
 * The version whose cycle, minimum, way and tiers hold for a kind at an instant: the one in force,
 * or, where that one lacks the kind, the latest before it that had it (domain.md 6), so that what
 * was owed is still paid.
 */
export function termsInForce<V extends VersionDates & { readonly plan: Plan }>(
  versions: readonly V[],
  kind: PartKind,
  at: Date,
): { readonly version: V; readonly terms: PartTerms } | undefined {
  const having = versions.filter((version) => partOf(version.plan, kind) !== undefined);
  const version = versionInForce(having, at);
  const terms = version === undefined ? undefined : partOf(version.plan, kind);
  return version === undefined || terms === undefined ? undefined : { version, terms };
}

function isWithdrawn(version: VersionDates): boolean {
  return version.withdrawnAt !== undefined && version.withdrawnAt !== null;
}

function supersedes(version: VersionDates, other: VersionDates): boolean {
  const byEffect = version.effectiveFrom.getTime() - other.effectiveFrom.getTime();
  if (byEffect !== 0) return byEffect > 0;
  const byPublication = version.publishedAt.getTime() - other.publishedAt.getTime();
  return byPublication === 0 ? version.version > other.version : byPublication > 0;
}
