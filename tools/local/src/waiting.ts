import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds on a clock that never jumps: for deadlines, never for business time. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * Asks again and again until `ask` says true.
 *
 * @returns false when `withinMs` have passed or `signal` has fired first.
 */
export async function probe(
  ask: () => Promise<boolean> | boolean,
  options: { readonly withinMs: number; readonly everyMs?: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  const deadline = monotonicMs() + options.withinMs;
  for (;;) {
    if (options.signal?.aborted === true) return false;
    if (await ask()) return true;
    if (monotonicMs() >= deadline) return false;
    await pause(options.everyMs ?? 50, options.signal);
  }
}

/** Waits, and returns early without an error when `signal` fires. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
