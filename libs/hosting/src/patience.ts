import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@qingfen/telemetry';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Asks again until it works: a part that starts before its neighbours waits for them.
 *
 * Backs off to 2 s and says once what it waits for.
 * @throws whatever the last try threw, when `deadlineMs` of real time have passed.
 */
export async function untilThere<T>(
  what: string,
  attempt: () => Promise<T>,
  { logger, deadlineMs }: { logger: Logger; deadlineMs: number },
): Promise<T> {
  const endsAt = performance.now() + deadlineMs;
  let said = false;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() + pauseMs > endsAt) throw error;
      if (!said) logger.warn({ err: error }, `waiting for ${what}`);
      said = true;
      await pause(pauseMs);
    }
  }
}
