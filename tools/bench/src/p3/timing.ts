import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '../child.js';

const everyMs = 20;
const deadlineMs = 240_000;

/** What a clock beside a running process is to watch. */
export interface Watched {
  readonly child: Child;
  /** Orders that are durable in PostgreSQL. */
  done(): Promise<number>;
  /** Orders that the group's offsets on the broker have behind them. */
  committed(): Promise<number>;
  readonly warmUp: number;
  readonly count: number;
}

/**
 * Orders a second, from outside: the clock starts when the warm-up is durable and stops when all of
 * them are and the broker knows it.
 */
export async function timeOrders(watched: Watched): Promise<number> {
  const { child, warmUp, count } = watched;
  const endsAt = performance.now() + deadlineMs;
  const reached = async (ask: () => Promise<number>, least: number): Promise<number> => {
    for (;;) {
      child.throwIfOver();
      const done = await ask();
      if (done >= least) return done;
      if (performance.now() > endsAt) throw new Error(`only ${done} of ${least} orders in time`);
      await pause(everyMs);
    }
  };
  const doneBefore = await reached(() => watched.done(), warmUp);
  const startedAt = performance.now();
  await reached(() => watched.done(), count);
  await reached(() => watched.committed(), count);
  const seconds = (performance.now() - startedAt) / 1_000;
  return (count - doneBefore) / seconds;
}
