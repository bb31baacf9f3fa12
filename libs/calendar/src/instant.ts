/** A text that is not an instant. The message is a sentence that can be shown. */
export class InstantError extends Error {
  override readonly name = 'InstantError';
}

/**
 * Days that are added (`returnWindowDays`, `delayDays`) are 24 hours each, whatever the clocks did.
 */
const DAY_MS = 86_400_000;

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * Reads an ISO 8601 instant with an offset (`2026-01-05T02:00:00+08:00`, `…Z`). What is finer than
 * a millisecond is cut off, so that an instant never moves past a cutoff by rounding.
 *
 * @throws InstantError when a part is missing (the offset too) or the date does not exist.
 */
export function parseInstant(text: string): Date {
  const match = INSTANT.exec(text);
  if (match === null) throw refused(text);
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '0', , offset = ''] =
    match;
  if (+hour > 23 || +minute > 59 || +second > 59) throw refused(text);
  if (+month < 1 || +month > 12 || +day < 1 || +day > daysInMonth(+year, +month)) {
    throw refused(text);
  }
  const millisecond = +(match[7] ?? '').slice(0, 3).padEnd(3, '0');
  const localMs =
    epochDay(+year, +month, +day) * DAY_MS +
    +hour * 3_600_000 +
    +minute * 60_000 +
    +second * 1000 +
    millisecond;
  return new Date(localMs - offsetMs(offset, text));
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Is this a day of the Gregorian calendar, `2026-10-01`? */
export function isDay(text: string): boolean {
  const [, year = '', month = '', day = ''] = DAY.exec(text) ?? [];
  if (+month < 1 || +month > 12) return false;
  return +day >= 1 && +day <= daysInMonth(+year, +month);
}

/** The instant `days` times 24 hours later. */
export function addDays(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY_MS);
}

/**
 * Alipay's way to write an instant: Beijing time (UTC+8, no summer time), `2026-01-05 02:00:00`.
 */
export function beijingTime(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}

/** Days since 1970-01-01 of a date of the Gregorian calendar. */
export function epochDay(year: number, month: number, day: number): number {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  return at.getTime() / DAY_MS;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetMs(offset: string, text: string): number {
  if (offset === 'Z') return 0;
  const hours = +offset.slice(1, 3);
  const minutes = +offset.slice(-2);
  if (hours > 23 || minutes > 59) throw refused(text);
  const ms = hours * 3_600_000 + minutes * 60_000;
  return offset.startsWith('-') ? -ms : ms;
}

function refused(text: string): InstantError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new InstantError(
    `"${shown}" is not an instant: write it like "2026-01-05T02:00:00+08:00", with the offset`,
  );
}
