/** A replica that did not answer is asked last for this long: real time. */
const shunnedMs = 2_000;

/** In which order the replicas of one service are asked. */
export class ReplicaChoice {
  private readonly failedAtMs = new Map<string, number>();

  constructor(
    private readonly urls: readonly string[],
    /** Whose turn is first while all answer; counted round. */
    private readonly preferred: number,
  ) {}

  /** All replicas once each: the preferred one first, those that failed a moment ago last. */
  order(nowMs: number): readonly string[] {
    const from = this.preferred % Math.max(1, this.urls.length);
    const turns = [...this.urls.slice(from), ...this.urls.slice(0, from)];
    const isShunned = (url: string): boolean => {
      return nowMs - (this.failedAtMs.get(url) ?? Number.NEGATIVE_INFINITY) < shunnedMs;
    };
    return [...turns.filter((url) => !isShunned(url)), ...turns.filter(isShunned)];
  }

  noteFailed(url: string, nowMs: number): void {
    this.failedAtMs.set(url, nowMs);
  }

  noteAnswered(url: string): void {
    this.failedAtMs.delete(url);
  }
}

const refusedCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const causesMax = 8;

/** Whether no connection was made, so that nothing of the call can have had an effect. */
export function wasRefused(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < causesMax; depth += 1) {
    if (typeof cause !== 'object' || cause === null) return false;
    if ('code' in cause && typeof cause.code === 'string' && refusedCodes.has(cause.code)) {
      return true;
    }
    // Several addresses of one name: each has failed, and each in its own way.
    if ('errors' in cause && Array.isArray(cause.errors) && cause.errors.length > 0) {
      return cause.errors.every(wasRefused);
    }
    cause = 'cause' in cause ? cause.cause : null;
  }
  return false;
}
