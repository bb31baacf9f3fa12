import { dayAfter, isLastOfMonth, weekdayOf } from './days.js';
import {
  termsInForce,
  termsOf,
  type CalendarTerms,
  type CycleTerms,
  type KindTerms,
  type ReferenceKind,
  type ReferenceVersion,
} from './plan-in-force.js';
import type { ReferenceZone } from './zone.js';

/** One execution of one cycle, and the terms that hold for it. */
export interface ReferenceRun {
  readonly kind: ReferenceKind;
  /** Gives the run its name. */
  readonly scheduledMs: number;
  /** When it takes place: then, unless a holiday moves it. */
  readonly dueMs: number;
  /** What matures before this instant belongs to the run. */
  readonly cutoffMs: number;
  readonly period: string;
  readonly version: ReferenceVersion;
  readonly terms: KindTerms;
  /** Which cycles of the terms name it: 0 is the kind's own, 1 and up those of groups of payees. */
  readonly cycles: readonly number[];
}

/** The runs of a kind due after one instant and not after another, on a place's clocks. */
export interface RunsAsked {
  readonly kind: ReferenceKind;
  readonly afterMs: number;
  readonly untilMs: number;
  readonly zone: ReferenceZone;
}

type Instants = Pick<ReferenceRun, 'scheduledMs' | 'dueMs' | 'cutoffMs'>;

const cyclesUsual: Readonly<Record<ReferenceKind, CycleTerms>> = {
  commission: { every: 'day', at: '02:00' },
  supplier: { every: 'week', on: 'monday', at: '02:00' },
  'team-reward': { every: 'month', on: 'last-day', at: '23:30' },
};
/** No holiday is longer: a run that finds no day that is worked on keeps its own. */
const daysOffMax = 60;

/**
 * Runs in the order in which they take place (domain.md 6): every instant that a cycle of a version
 * names, if that version's terms hold at its cutoff, which is the midnight that begins the day or, of
 * a monthly cycle, the instant itself. Should two cycles name one instant with different cutoffs, the
 * later cutoff stands: it takes what the other would have. Of the runs of a cycle that a holiday moves
 * onto one instant only the last takes place.
 */
export function runsOfKind(
  versions: readonly ReferenceVersion[],
  shopId: string,
  asked: RunsAsked,
): readonly ReferenceRun[] {
  const { kind, zone } = asked;
  const runs = new Map<string, ReferenceRun>();
  for (const version of versions) {
    const terms = termsOf(version.plan, kind);
    if (version.shopId !== shopId || terms === undefined) continue;
    const holds = ({ cutoffMs }: Instants): boolean =>
      termsInForce(versions, shopId, { kind, atMs: cutoffMs })?.version === version;
    const groups = (terms.payeeCycles ?? []).map(({ cycle }) => cycle);
    for (const [index, cycle] of [terms.cycle ?? cyclesUsual[kind], ...groups].entries()) {
      const named = namedBy(cycle, version, asked).filter(holds);
      const lastOfEach = new Map(named.map((instants) => [instants.dueMs, instants]));
      for (const instants of lastOfEach.values()) {
        const period = zone.textOf(instants.scheduledMs);
        const run = { ...instants, kind, period, version, terms, cycles: [index] };
        runs.set(period, together(runs.get(period), run));
      }
    }
  }
  return [...runs.values()].sort(
    (one, other) => one.dueMs - other.dueMs || one.scheduledMs - other.scheduledMs,
  );
}

/** Whether a run is for a payee: its cycle, or the kind's own where it has none, names the run. */
export function isRunFor({ terms, cycles }: ReferenceRun, payeeId: string): boolean {
  const groups = terms.payeeCycles ?? [];
  return cycles.includes(groups.findIndex(({ payees }) => payees.includes(payeeId)) + 1);
}

function namedBy(
  cycle: CycleTerms,
  { plan }: ReferenceVersion,
  { kind, afterMs, untilMs, zone }: RunsAsked,
): readonly Instants[] {
  const isMoved = termsOf(plan, kind)?.onHoliday === 'next-business-day';
  const minutes = minutesOf(cycle.at);
  const found: Instants[] = [];
  let day = dayAfter(zone.dayOf(afterMs), isMoved ? -daysOffMax : 0);
  for (; zone.instantOf(day) <= untilMs; day = dayAfter(day)) {
    if (!names(cycle, day)) continue;
    const scheduledMs = zone.instantOf(day, minutes);
    const dueDay = isMoved ? businessDayFrom(day, plan.calendar ?? {}) : day;
    const dueMs = zone.instantOf(dueDay, minutes);
    if (dueMs <= afterMs || dueMs > untilMs) continue;
    const cutoffMs = cycle.every === 'month' ? scheduledMs : zone.instantOf(day);
    found.push({ scheduledMs, dueMs, cutoffMs });
  }
  return found;
}

/** One run where two cycles name it. */
function together(known: ReferenceRun | undefined, run: ReferenceRun): ReferenceRun {
  if (known === undefined) return run;
  const later = known.cutoffMs >= run.cutoffMs ? known : run;
  if (known.version !== run.version) return later;
  return { ...later, cycles: [...known.cycles, ...run.cycles] };
}

/** The day itself where it is worked on, else the next that is. */
function businessDayFrom(day: string, calendar: CalendarTerms): string {
  for (let days = 0; days <= daysOffMax; days += 1) {
    const next = dayAfter(day, days);
    if (isWorkedOn(next, calendar)) return next;
  }
  return day;
}

function isWorkedOn(day: string, { holidays = [], workdays = [] }: CalendarTerms): boolean {
  if (workdays.includes(day)) return true;
  return !['saturday', 'sunday'].includes(weekdayOf(day)) && !holidays.includes(day);
}

function names({ every, on }: CycleTerms, day: string): boolean {
  switch (every) {
    case 'day':
      return true;
    case 'week':
      return weekdayOf(day) === (on ?? 'monday');
    case 'month':
      return on === 'last-day' ? isLastOfMonth(day) : Number(day.slice(8)) === on;
    default: {
      const never: never = every;
      return never;
    }
  }
}

function minutesOf(at: string): number {
  const [hours = '0', minutes = '0'] = at.split(':');
  return Number(hours) * 60 + Number(minutes);
}
