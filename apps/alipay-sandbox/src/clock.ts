/** `system` follows the machine; `virtual` stands still until it is moved. */
export type ClockSetting =
  { readonly mode: 'system' } | { readonly mode: 'virtual'; readonly startMs: number };

/**
 * Reads `system` or `virtual:<ISO 8601 instant with an offset>`.
 *
 * @throws Error naming QINGFEN_CLOCK.
 */
export function parseClockSetting(text: string): ClockSetting {
  if (text === 'system') return { mode: 'system' };
  const startMs = text.startsWith('virtual:') ? parseInstant(text.slice(8)) : undefined;
  if (startMs === undefined) {
    throw new Error(`QINGFEN_CLOCK must be "system" or "virtual:<instant>", not "${text}"`);
  }
  return { mode: 'virtual', startMs };
}

/** Milliseconds of an ISO 8601 instant that says its offset; undefined for anything else. */
export function parseInstant(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The machine's time: for signatures' timestamps and the log of requests, never for business. */
export function realNowMs(): number {
  return Date.now();
}

/**
 * Business time of the sandbox. On a virtual clock work that is due begins only up to
 * `beginsUntilMs`: a move first tells everybody the instant and then lets work begin.
 */
export class SandboxClock {
  #nowMs: number;
  #beginsUntilMs: number;

  constructor(
    readonly mode: 'system' | 'virtual',
    startMs: number,
  ) {
    this.#nowMs = startMs;
    this.#beginsUntilMs = startMs;
  }

  nowMs(): number {
    return this.mode === 'system' ? realNowMs() : this.#nowMs;
  }

  beginsUntilMs(): number {
    return this.mode === 'system' ? realNowMs() : this.#beginsUntilMs;
  }

  /** Takes a later instant; `begin` lets work due at it start. Never goes back. */
  move(nowMs: number, begin: boolean): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    if (begin) this.#beginsUntilMs = this.#nowMs;
  }
}

const BEIJING_OFFSET_MS = 8 * 3_600_000;

/** `yyyy-MM-dd HH:mm:ss` in Beijing, which has had no daylight saving since 1991. */
export function beijingTime(ms: number): string {
  return new Date(ms + BEIJING_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** `yyyy-MM-dd` in Beijing: the day that Alipay's limits and bills count. */
export function beijingDay(ms: number): string {
  return beijingTime(ms).slice(0, 10);
}

/** Milliseconds of `yyyy-MM-dd HH:mm:ss` Beijing time; undefined when it is no such text. */
export function parseBeijingTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined;
  return parseInstant(`${text.replace(' ', 'T')}+08:00`);
}

/** ISO 8601 in UTC with milliseconds. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}
