import { nextCutoff } from '@qingfen/calendar';
import { partOf, type PartKind, type Plan, type VersionDates } from '@qingfen/core-plan';

export type PlannedVersion = VersionDates & { readonly plan: Plan };

/** One execution of one cycle that the versions of a shop name. */
export interface ScheduledRun {
  /** The instant at which the run is due. */
  readonly scheduledAt: Date;
  /** Its name: the scheduled local instant. */
  readonly period: string;
  /** What matured before this instant belongs to it. */
  readonly cutoff: Date;
  /** The version whose cycle, minimum and way hold for it. */
  readonly version: number;
}

/**
 * The first run of a kind scheduled after an instant, by the cycles of whichever version is in force at the
 * run's own cutoff; a kind that a later version lacks keeps the terms of the last one that had it.
 *
 * Undefined when no version ever had the kind.
 */
export function nextRun(
  versions: readonly PlannedVersion[],
  kind: PartKind,
  timezone: string,
  after: Date,
): ScheduledRun | undefined {
  let first: ScheduledRun | undefined;
  for (const reign of reignsOf(versions, kind)) {
    const run = firstRunIn(reign, kind, timezone, after);
    if (run !== undefined && (first === undefined || run.scheduledAt < first.scheduledAt)) {
      first = run;
    }
  }
  return first;
}

interface Reign {
  readonly version: PlannedVersion;
  readonly from: Date;
  /** Exclusive; undefined: for ever. */
  readonly until: Date | undefined;
}

/** From when until when each version's terms of a kind hold, oldest first. */
function reignsOf(versions: readonly PlannedVersion[], kind: PartKind): Reign[] {
  const having = versions
    .filter(({ plan, withdrawnAt }) => partOf(plan, kind) !== undefined && !withdrawnAt)
    .sort(
      (a, b) =>
        a.effectiveFrom.getTime() - b.effectiveFrom.getTime() ||
        a.publishedAt.getTime() - b.publishedAt.getTime() ||
        a.version - b.version,
    );
  return having.map((version, index) => ({
    version,
    from: version.effectiveFrom,
    until: having[index + 1]?.effectiveFrom,
  }));
}

function firstRunIn(
  { version, from, until }: Reign,
  kind: PartKind,
  timezone: string,
  after: Date,
): ScheduledRun | undefined {
  const terms = partOf(version.plan, kind);
  if (terms === undefined || (until !== undefined && until <= from)) return undefined;
  // A run is due at or after its cutoff, so none of this reign is due before the reign begins.
  let cursor = new Date(Math.max(after.getTime(), from.getTime() - 1));
  for (;;) {
    const next = nextCutoff(terms.cycle, timezone, cursor);
    if (until !== undefined && next.cutoff >= until) return undefined;
    if (next.cutoff >= from) return { ...next, version: version.version };
    cursor = next.scheduledAt;
  }
}
