import {
  termsInForce,
  termsOf,
  type CycleTerms,
  type KindTerms,
  type ReferenceKind,
  type ReferenceVersion,
} from './plan-in-force.js';
import { dayAfter, dayOf, instantOf, isLastOfMonth, textOf, weekdayOf } from './shanghai.js';

/** One execution of one cycle, and the terms that hold for it. */
export interface ReferenceRun {
  readonly kind: ReferenceKind;
  readonly scheduledMs: number;
  /** What matures before this instant belongs to the run. */
  readonly cutoffMs: number;
  readonly period: string;
  readonly version: ReferenceVersion;
  readonly terms: KindTerms;
}

const cyclesUsual: Readonly<Record<ReferenceKind, CycleTerms>> = {
  commission: { every: 'day', at: '02:00' },
  supplier: { every: 'week', on: 'monday', at: '02:00' },
  'team-reward': { every: 'month', on: 'last-day', at: '23:30' },
};

/**
 * The runs of a kind scheduled after one instant and not after another, in order (domain.md 6): every
 * instant that a version's cycle names, if that version's terms hold at its cutoff, which is the
 * midnight that begins the day or, of a monthly cycle, the instant itself. Should two cycles name one
 * instant with different cutoffs, the later cutoff stands: it takes what the other would have.
 */
export function runsOfKind(
  versions: readonly ReferenceVersion[],
  shopId: string,
  asked: { readonly kind: ReferenceKind; readonly afterMs: number; readonly untilMs: number },
): readonly ReferenceRun[] {
  const { kind, afterMs, untilMs } = asked;
  const runs = new Map<string, ReferenceRun>();
  for (let day = dayOf(afterMs); instantOf(day) <= untilMs; day = dayAfter(day)) {
    for (const version of versions) {
      const terms = termsOf(version.plan, kind);
      if (version.shopId !== shopId || terms === undefined) continue;
      const cycle = terms.cycle ?? cyclesUsual[kind];
      if (!names(cycle, day)) continue;
      const scheduledMs = instantOf(day, minutesOf(cycle.at));
      if (scheduledMs <= afterMs || scheduledMs > untilMs) continue;
      const cutoffMs = cycle.every === 'month' ? scheduledMs : instantOf(day);
      const holds = termsInForce(versions, shopId, { kind, atMs: cutoffMs });
      if (holds?.version !== version) continue;
      const period = textOf(scheduledMs);
      const known = runs.get(period);
      if (known !== undefined && known.cutoffMs >= cutoffMs) continue;
      runs.set(period, { kind, scheduledMs, cutoffMs, period, version, terms });
    }
  }
  return [...runs.values()].sort((one, other) => one.scheduledMs - other.scheduledMs);
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
