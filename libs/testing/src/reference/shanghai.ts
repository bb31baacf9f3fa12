/**
 * The references' own calendar: Asia/Shanghai has been +08:00 without summer time since 1991, so
 * every instant of theirs is plain arithmetic on milliseconds.
 */
const offsetMs = 8 * 3_600_000;

/** Milliseconds of 24 hours. */
export const dayMs = 24 * 3_600_000;

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

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

/** The weekday of a day, as plans write it. 1970-01-05 was a Monday. */
export function weekdayOf(day: string): string {
  const days = Date.parse(`${day}T00:00:00Z`) / dayMs;
  return weekdays[(((days - 4) % 7) + 7) % 7] ?? '';
}

/** Whether a day is a Monday. */
export function isMonday(day: string): boolean {
  return weekdayOf(day) === 'monday';
}

/** Whether a day is the last one of its month. */
export function isLastOfMonth(day: string): boolean {
  return dayAfter(day).endsWith('-01');
}

/** An instant as text with Shanghai's offset, to the second: how a period is written. */
export function textOf(instantMs: number): string {
  return `${new Date(instantMs + offsetMs).toISOString().slice(0, 19)}+08:00`;
}

/** The calendar month of Shanghai that comes before the one an instant lies in, `YYYY-MM`. */
export function monthBefore(instantMs: number): string {
  return dayAfter(`${dayOf(instantMs).slice(0, 7)}-01`, -1).slice(0, 7);
}
