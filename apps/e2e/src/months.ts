import { later, midnight, span } from '@qingfen/testing';

/** The month of an instant in Shanghai, `2026-01`. */
export function monthOf(at: string): string {
  return new Date(Date.parse(at) + span.hours(8)).toISOString().slice(0, 7);
}

/** The Shanghai midnight that begins the month after an instant's. */
export function firstOfNextMonth(at: string): string {
  const [year = 0, number = 1] = monthOf(at).split('-').map(Number);
  return later(new Date(Date.UTC(year, number, 1)).toISOString(), -span.hours(8));
}

/** The next midnight; where fewer days than these are left of the month, the one that begins the next. */
export function dayWithin(at: string, days: number): string {
  const next = firstOfNextMonth(at);
  return Date.parse(next) - Date.parse(at) < span.days(days) ? next : midnight(at, 1);
}
