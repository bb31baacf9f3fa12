/** Milliseconds of 24 hours. */
export const dayMs = 24 * 3_600_000;

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** The day that comes so many days after one, `YYYY-MM-DD`. */
export function dayAfter(day: string, days = 1): string {
  return new Date(beginningOf(day) + days * dayMs).toISOString().slice(0, 10);
}

/** The weekday of a day, as plans write it. 1970-01-05 was a Monday. */
export function weekdayOf(day: string): string {
  const days = beginningOf(day) / dayMs;
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

/** A day's first millisecond where clocks show UTC. @throws Error for what is no day */
export function beginningOf(day: string): number {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(atMs)) throw new Error(`${day} is no day`);
  return atMs;
}
