import { setTimeout as wait } from 'node:timers/promises';

/** Growing pauses between tries, bounded, with jitter. */
export class Backoff {
  private tries = 0;

  constructor(
    private readonly firstMs: number,
    private readonly maxMs: number,
  ) {}

  /** The next pause in milliseconds: doubled each time, between half and all of it. */
  next(): number {
    const full = Math.min(this.firstMs * 2 ** this.tries, this.maxMs);
    this.tries += 1;
    return full / 2 + (Math.random() * full) / 2;
  }

  reset(): void {
    this.tries = 0;
  }
}

/** Waits, or ends early when the signal fires; never throws. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
