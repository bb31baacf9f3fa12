/**
 * The reference's own calendar: Asia/Shanghai has been +08:00 without summer time since 1991, so
 * every instant of the file is plain arithmetic on milliseconds.
 */
const offsetMs = 8 * 3_600_000;

/** Milliseconds of 24 hours. */
export const dayMs = 24 * 3_600_000;

/** The Shanghai day an instant lies in, `YYYY-MM-DD`. */
export function dayOf(instantMs: number): string {
  return new Date(instantMs + offsetMs).toISOString().slice(0, 10);
}

/** The instant that begins a Shanghai day, plus so many minutes. */
export function instantOf(day: string, minutes = 0): number {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(atMs)) throw new Error(`${day} is no day`);
  return atMs - offsetMs + minutes * 60_000;
}

/** The day that comes so many days after one. */
export function dayAfter(day: string, days = 1): string {
  return dayOf(instantOf(day) + days * dayMs);
}

/** Whether a day is a Monday. 1970-01-05 was one. */
export function isMonday(day: string): boolean {
  const days = Date.parse(`${day}T00:00:00Z`) / dayMs;
  return (days - 4) % 7 === 0;
}

/** Whether a day is the last one of its month. */
export function isLastOfMonth(day: string): boolean {
  return dayAfter(day).endsWith('-01');
}

/** An instant as text with Shanghai's offset, to the second: how a period is written. */
export function textOf(instantMs: number): string {
  return `${new Date(instantMs + offsetMs).toISOString().slice(0, 19)}+08:00`;
}
