import { dayAfter, dayOf, instantOf, isLastOfMonth, isMonday, textOf } from '@qingfen/testing';

import type { Kind } from './terms.js';

/** One execution of one cycle. */
export interface ScheduledRun {
  readonly kind: Kind;
  readonly scheduledMs: number;
  /** What matures before this instant belongs to the run. */
  readonly cutoffMs: number;
  readonly period: string;
}

const twoInTheMorning = 2 * 60;
const halfPastEleven = 23 * 60 + 30;

/**
 * Runs scheduled after one instant and not after another, in order: commissions daily at 02:00,
 * suppliers on Mondays at 02:00, both cut at the midnight before; team rewards on the last day of a
 * month at 23:30, cut right there (domain.md 6).
 */
export function runsBetween(afterMs: number, untilMs: number): readonly ScheduledRun[] {
  const runs: ScheduledRun[] = [];
  for (let day = dayOf(afterMs); instantOf(day) <= untilMs; day = dayAfter(day)) {
    const kinds: Kind[] = isMonday(day) ? ['commission', 'supplier'] : ['commission'];
    const morningMs = instantOf(day, twoInTheMorning);
    for (const kind of kinds) {
      const period = textOf(morningMs);
      runs.push({ kind, scheduledMs: morningMs, cutoffMs: instantOf(day), period });
    }
    if (!isLastOfMonth(day)) continue;
    const nightMs = instantOf(day, halfPastEleven);
    const period = textOf(nightMs);
    runs.push({ kind: 'team-reward', scheduledMs: nightMs, cutoffMs: nightMs, period });
  }
  return runs.filter(({ scheduledMs }) => scheduledMs > afterMs && scheduledMs <= untilMs);
}
