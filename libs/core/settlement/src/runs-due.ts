import { addDays, cutoffsOf, type Cutoff } from '@qingfen/calendar';
import {
  partOf,
  termsInForce,
  type PartKind,
  type PartTerms,
  type Plan,
  type VersionDates,
} from '@qingfen/core-plan';

/** One run that must take place, and the terms it is executed with. */
export interface DueRun<V extends VersionDates> extends Cutoff {
  readonly kind: PartKind;
  readonly version: V;
  readonly terms: PartTerms;
}

/**
 * The runs of a kind with `after < scheduledAt ≤ until`, oldest first: every instant that a
 * version's cycle names, where that version's terms are in force at its cutoff (domain.md 6). A
 * period is named once; should two versions name the same instant with different cutoffs, the later
 * cutoff stands.
 */
export function runsDue<V extends VersionDates & { readonly plan: Plan }>(
  versions: readonly V[],
  kind: PartKind,
  timezone: string,
  range: { readonly after: Date; readonly until: Date },
): readonly DueRun<V>[] {
  const byPeriod = new Map<string, DueRun<V>>();
  for (const version of versions) {
    const terms = partOf(version.plan, kind);
    if (terms === undefined) continue;
    for (const cutoff of cutoffsOf(terms.cycle, timezone, range)) {
      const inForce = termsInForce(versions, kind, cutoff.cutoff);
      if (inForce?.version !== version) continue;
      const known = byPeriod.get(cutoff.period);
      if (known !== undefined && known.cutoff.getTime() >= cutoff.cutoff.getTime()) continue;
      byPeriod.set(cutoff.period, { ...cutoff, kind, version, terms });
    }
  }
  return [...byPeriod.values()].sort((a, b) => a.scheduledAt.getTime() - b.scheduledAt.getTime());
}

/** How far to look ahead, little first: every cycle names a run within the last of these. */
const AHEAD_DAYS = [2, 9, 70];

/**
 * The first run of a kind after an instant; undefined while no version has the kind, now or later.
 */
export function nextRun<V extends VersionDates & { readonly plan: Plan }>(
  versions: readonly V[],
  kind: PartKind,
  timezone: string,
  after: Date,
): DueRun<V> | undefined {
  const later = versions
    .map((version) => version.effectiveFrom)
    .filter((from) => from.getTime() > after.getTime())
    .sort((a, b) => a.getTime() - b.getTime());
  for (const from of [after, ...later]) {
    for (const days of AHEAD_DAYS) {
      const until = addDays(from, days);
      const [first] = runsDue(versions, kind, timezone, { after, until });
      if (first !== undefined) return first;
    }
  }
  return undefined;
}
