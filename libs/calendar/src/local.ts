import { zoneOf } from './zone.js';

/**
 * Writes an instant as the clocks of a zone show it, with the offset: `2026-01-05T02:00:00+08:00`;
 * milliseconds only where they are not zero. Reading it back gives the same instant.
 *
 * @throws InvariantError for an unknown zone.
 */
export function formatInstant(at: Date, timezone: string): string {
  const offsetMs = zoneOf(timezone).offsetMsAt(at);
  // Offsets of the 19th century have seconds, ISO 8601 has none: the odd seconds go into the local
  // time.
  const offsetMinutes = Math.trunc(offsetMs / 60_000);
  const shown = new Date(at.getTime() + offsetMinutes * 60_000).toISOString();
  const text = shown.endsWith('.000Z') ? shown.slice(0, -5) : shown.slice(0, -1);
  const unsigned = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${text}${sign}${two(Math.trunc(unsigned / 60))}:${two(unsigned % 60)}`;
}

/** The calendar day of an instant in a zone, `2026-01-05`. */
export function localDate(at: Date, timezone: string): string {
  return zoneOf(timezone).shownAt(at).toISOString().slice(0, 10);
}

/** The calendar month of an instant in a zone, `2026-01`. */
export function localMonth(at: Date, timezone: string): string {
  return localDate(at, timezone).slice(0, 7);
}

/**
 * The instant that begins the calendar day of `at` in a zone. Where the clocks skip midnight it is
 * the first instant of the day, where midnight comes twice the first of the two.
 */
export function localMidnight(at: Date, timezone: string): Date {
  const zone = zoneOf(timezone);
  const shown = zone.shownAt(at);
  return zone.instantOf({
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: 0,
    minute: 0,
  });
}

/** The first local midnight after an instant: when a change of a shop's time zone begins to act. */
export function nextLocalMidnight(at: Date, timezone: string): Date {
  const zone = zoneOf(timezone);
  const shown = zone.shownAt(at);
  const next = new Date(
    Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate() + 1),
  );
  return zone.instantOf({
    year: next.getUTCFullYear(),
    month: next.getUTCMonth() + 1,
    day: next.getUTCDate(),
    hour: 0,
    minute: 0,
  });
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
