import {
  addDays,
  cutoffsOf,
  PLAIN_WEEK,
  type BusinessCalendar,
  type Cutoff,
  type Cycle,
} from '@qingfen/calendar';
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
  /** Which of the terms' cycles name it: 0 the part's own, 1 and up those of `payeeCycles`. */
  readonly cycles: readonly number[];
}

/**
 * The runs of a kind with `after < dueAt ≤ until`, in the order in which they take place: every
 * instant that a version's cycles name, where that version's terms are in force at its cutoff
 * (domain.md 6). A period is named once; should two cycles name the same instant with different
 * cutoffs, the later cutoff stands. Of the runs of one cycle that a holiday moved onto one instant
 * only the last remains: it takes all that the others would have.
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
    const calendar = calendarOf(version.plan, terms);
    for (const [index, cycle] of cyclesOf(terms).entries()) {
      const named = cutoffsOf(cycle, timezone, range, calendar).filter(
        ({ cutoff }) => termsInForce(versions, kind, cutoff)?.version === version,
      );
      for (const cutoff of lastOfEachInstant(named)) {
        const run = { ...cutoff, kind, version, terms, cycles: [index] };
        byPeriod.set(cutoff.period, merged(byPeriod.get(cutoff.period), run));
      }
    }
  }
  return [...byPeriod.values()].sort(
    (a, b) =>
      a.dueAt.getTime() - b.dueAt.getTime() || a.scheduledAt.getTime() - b.scheduledAt.getTime(),
  );
}

/** The part's own cycle, and those of payees that have another. */
function cyclesOf({ cycle, payeeCycles }: PartTerms): readonly Cycle[] {
  return [cycle, ...payeeCycles.map((group) => group.cycle)];
}

function calendarOf(plan: Plan, terms: PartTerms): BusinessCalendar | undefined {
  return terms.onHoliday === 'run' ? undefined : (plan.calendar ?? PLAIN_WEEK);
}

function lastOfEachInstant(cutoffs: readonly Cutoff[]): Iterable<Cutoff> {
  return new Map(cutoffs.map((cutoff) => [cutoff.dueAt.getTime(), cutoff])).values();
}

function merged<V extends VersionDates>(known: DueRun<V> | undefined, run: DueRun<V>): DueRun<V> {
  if (known === undefined) return run;
  const later = known.cutoff.getTime() >= run.cutoff.getTime() ? known : run;
  const isOneVersion = known.version === run.version;
  return isOneVersion ? { ...later, cycles: [...known.cycles, ...run.cycles] } : later;
}

/** Whom a run is for: `only` these payees, or everybody `except` those with another cycle. */
export type RunAudience =
  | { readonly kind: 'only'; readonly payeeIds: readonly string[] }
  | { readonly kind: 'except'; readonly payeeIds: readonly string[] };

export function isInAudience({ kind, payeeIds }: RunAudience, payeeId: string): boolean {
  return payeeIds.includes(payeeId) === (kind === 'only');
}

/** The payees whose cycle names a run, given the indexes of {@link DueRun.cycles}. */
export function runAudience(terms: PartTerms, cycles: readonly number[]): RunAudience {
  const idsOf = (isNamed: boolean): string[] =>
    terms.payeeCycles.flatMap(({ payeeIds }, index) =>
      cycles.includes(index + 1) === isNamed ? payeeIds : [],
    );
  return cycles.includes(0)
    ? { kind: 'except', payeeIds: idsOf(false) }
    : { kind: 'only', payeeIds: idsOf(true) };
}

/** How far to look ahead, little first: every cycle has a run within the last, a long holiday too. */
const AHEAD_DAYS = [2, 9, 135];

/**
 * The runs of a kind that take place next after an instant, all at one; none while no version has the
 * kind, now or later.
 */
export function nextRuns<V extends VersionDates & { readonly plan: Plan }>(
  versions: readonly V[],
  kind: PartKind,
  timezone: string,
  after: Date,
): readonly DueRun<V>[] {
  const later = versions
    .map((version) => version.effectiveFrom)
    .filter((from) => from.getTime() > after.getTime())
    .sort((a, b) => a.getTime() - b.getTime());
  for (const from of [after, ...later]) {
    for (const days of AHEAD_DAYS) {
      const until = addDays(from, days);
      const due = runsDue(versions, kind, timezone, { after, until });
      const first = due[0]?.dueAt.getTime();
      if (first !== undefined) return due.filter(({ dueAt }) => dueAt.getTime() === first);
    }
  }
  return [];
}
