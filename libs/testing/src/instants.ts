const shanghaiOffsetMs = 8 * 3_600_000;
const dayMs = 24 * 3_600_000;

/** An instant as text with Shanghai's offset, milliseconds included. */
export function shanghaiText(instantMs: number): string {
  return new Date(instantMs + shanghaiOffsetMs).toISOString().replace('Z', '+08:00');
}

/** Milliseconds of an ISO 8601 instant. */
export function instantMs(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`${text} is no instant`);
  return ms;
}

/** The instant that lies so many milliseconds after one, as text with Shanghai's offset. */
export function later(instant: string, byMs: number): string {
  return shanghaiText(instantMs(instant) + byMs);
}

/** The Shanghai midnight that begins the day of an instant, `days` days on (24 hours each). */
export function midnight(instant: string, days = 0): string {
  const local = instantMs(instant) + shanghaiOffsetMs;
  const startMs = Math.floor(local / dayMs) * dayMs - shanghaiOffsetMs;
  return shanghaiText(startMs + days * dayMs);
}

/** The next Shanghai midnight of a Monday that lies strictly after an instant. */
export function nextMonday(instant: string): string {
  for (let days = 1; days <= 7; days += 1) {
    const candidate = midnight(instant, days);
    if (new Date(instantMs(candidate) + shanghaiOffsetMs).getUTCDay() === 1) return candidate;
  }
  throw new Error(`no Monday follows ${instant}`);
}

/** Milliseconds of so many hours, minutes and days, for {@link later}. */
export const span = {
  minutes: (count: number): number => count * 60_000,
  hours: (count: number): number => count * 3_600_000,
  days: (count: number): number => count * dayMs,
} as const;
