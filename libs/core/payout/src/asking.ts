import type { Payout } from './payout.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Real time between the first queries, so that they come 1, 2 and 4 seconds after the doubt. */
export const realGapsMs: readonly number[] = [1_000, 1_000, 2_000];

/** Business time after which an unknown payout is asked about; then every 24 hours. */
export const laterAsksMs: readonly number[] = [10 * minuteMs, hourMs, 6 * hourMs];

/** How far apart two ORDER_NOT_EXIST must lie before the stored request is sent again. */
export const notFoundGapMs = 10 * minuteMs;

/** When an unknown payout is asked about next: on real time first, then on business time. */
export interface NextAsk {
  readonly askInMs: number | null;
  readonly askAt: Date | null;
}

/**
 * Plans the next query of an unknown payout of which `asked` have been asked.
 *
 * A first ORDER_NOT_EXIST is followed up after ten minutes, whatever the schedule says: only the
 * second one, ten minutes later, lets the stored request go out again.
 */
export function nextAsk(
  payout: Pick<Payout, 'unknownAt' | 'asked' | 'notFoundAt'>,
  now: Date,
): NextAsk {
  const gapMs = realGapsMs[payout.asked];
  if (gapMs !== undefined) return { askInMs: gapMs, askAt: null };
  const nowMs = now.getTime();
  const followUpMs = payout.notFoundAt === null ? 0 : payout.notFoundAt.getTime() + notFoundGapMs;
  const dueMs = followUpMs > nowMs ? followUpMs : scheduledAfter(payout.unknownAt ?? now, nowMs);
  return { askInMs: null, askAt: new Date(dueMs) };
}

function scheduledAfter(unknownAt: Date, nowMs: number): number {
  const sinceMs = unknownAt.getTime();
  for (const laterMs of laterAsksMs) {
    if (sinceMs + laterMs > nowMs) return sinceMs + laterMs;
  }
  const days = Math.floor((nowMs - sinceMs) / dayMs) + 1;
  return sinceMs + days * dayMs;
}
