const DAY_MS = 86_400_000;

/** Which days are worked on beside the week: Monday to Friday are, Saturday and Sunday are not. */
export interface BusinessCalendar {
  /** Days off, `2026-10-01`. */
  readonly holidays: ReadonlySet<string>;
  /** Days of a weekend on which people work, as the make-up days of China's holidays are (调休). */
  readonly workdays: ReadonlySet<string>;
}

/** Monday to Friday, no holidays. */
export const PLAIN_WEEK: BusinessCalendar = { holidays: new Set(), workdays: new Set() };

/** Whether a day, counted from 1970-01-01, is worked on. */
export function isBusinessDay(calendar: BusinessCalendar, day: number): boolean {
  const date = new Date(day * DAY_MS);
  const text = date.toISOString().slice(0, 10);
  if (calendar.workdays.has(text)) return true;
  const weekday = date.getUTCDay();
  return weekday !== 0 && weekday !== 6 && !calendar.holidays.has(text);
}

/** Longer than any calendar's days off in a row: one that has more is no calendar. */
export const DAYS_OFF_MAX = 60;

/** The day itself where it is worked on, else the next that is; after 60 days off the day itself. */
export function businessDayFrom(calendar: BusinessCalendar, day: number): number {
  for (let next = day; next <= day + DAYS_OFF_MAX; next += 1) {
    if (isBusinessDay(calendar, next)) return next;
  }
  return day;
}
