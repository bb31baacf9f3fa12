import { invariant } from '@qingfen/money';
import { businessDayFrom, DAYS_OFF_MAX, type BusinessCalendar } from './business-days.js';
import { daysInMonth } from './instant.js';
import { formatInstant } from './local.js';
import { zoneOf, type LocalTime, type Zone } from './zone.js';

/** Monday first, as ISO 8601 counts. */
export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** A day that every month has. */
export type MonthDay =
  | (1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14)
  | (15 | 16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28);

/** When runs take place; `at` is the local time of day `HH:mm`. */
export type Cycle =
  | { readonly every: 'day'; readonly at: string }
  | { readonly every: 'week'; readonly on: Weekday; readonly at: string }
  | { readonly every: 'month'; readonly on: MonthDay | 'last-day'; readonly at: string };

export interface Cutoff {
  /** The instant at which the run is scheduled. */
  readonly scheduledAt: Date;
  /**
   * When it takes place: then, or where a calendar says so at the same time of the next business day.
   * Its period and its cutoff stay what they are: a holiday moves the payment and nothing else.
   */
  readonly dueAt: Date;
  /** The run's name: its scheduled local instant, `2026-01-05T02:00:00+08:00`. */
  readonly period: string;
  /** What matured before this instant belongs to the run. */
  readonly cutoff: Date;
}

const DAY_MS = 86_400_000;
const TIME_OF_DAY = /^([01][0-9]|2[0-3]):([0-5][0-9])$/;

/** Is this a time of day `00:00` to `23:59`? */
export function isTimeOfDay(text: string): boolean {
  return TIME_OF_DAY.test(text);
}

/**
 * Every run that a cycle names with `after < dueAt ≤ until`, oldest first. The cutoff of a daily or
 * weekly run is the local midnight that begins its day, of a monthly one the scheduled instant itself.
 * With a calendar, a run whose day is not worked on is due on the next day that is.
 *
 * @throws InvariantError for an unknown zone or a time of day that {@link isTimeOfDay} refuses.
 */
export function cutoffsOf(
  cycle: Cycle,
  timezone: string,
  range: { readonly after: Date; readonly until: Date },
  calendar?: BusinessCalendar,
): Cutoff[] {
  const zone = zoneOf(timezone);
  const found: Cutoff[] = [];
  if (range.until.getTime() <= range.after.getTime()) return found;
  // A day more on both sides: what the clocks skip at the end of a day is read into the next one.
  const firstDay = dayNumber(zone, range.after) - 1 - (calendar === undefined ? 0 : DAYS_OFF_MAX);
  const lastDay = dayNumber(zone, range.until) + 1;
  for (const day of daysOf(cycle, firstDay, lastDay)) {
    const cutoff = cutoffOn(cycle, zone, day, calendar);
    if (cutoff.dueAt.getTime() <= range.after.getTime()) continue;
    if (cutoff.dueAt.getTime() > range.until.getTime()) break;
    found.push(cutoff);
  }
  return found;
}

/** Days since 1970-01-01 of what the zone's calendar shows at an instant. */
function dayNumber(zone: Zone, at: Date): number {
  return Math.floor(zone.shownAt(at).getTime() / DAY_MS);
}

/** The days on which the cycle has a run, as days since 1970-01-01, both ends included. */
function* daysOf(cycle: Cycle, firstDay: number, lastDay: number): Generator<number> {
  for (let day = firstDay; day <= lastDay; day += 1) {
    if (isRunDay(cycle, day)) yield day;
  }
}

function isRunDay(cycle: Cycle, day: number): boolean {
  switch (cycle.every) {
    case 'day':
      return true;
    case 'week':
      // 1970-01-01 was a Thursday, index 3 from Monday.
      return WEEKDAYS[(((day + 3) % 7) + 7) % 7] === cycle.on;
    case 'month': {
      const date = new Date(day * DAY_MS);
      const last = daysInMonth(date.getUTCFullYear(), date.getUTCMonth() + 1);
      return date.getUTCDate() === (cycle.on === 'last-day' ? last : cycle.on);
    }
    default: {
      const never: never = cycle;
      return never;
    }
  }
}

function cutoffOn(
  cycle: Cycle,
  zone: Zone,
  day: number,
  calendar: BusinessCalendar | undefined,
): Cutoff {
  const match = TIME_OF_DAY.exec(cycle.at);
  invariant(match !== null, `"${cycle.at}" is not a time of day`);
  const at = (onDay: number): Date =>
    zone.instantOf(localTime(onDay, +(match[1] ?? ''), +(match[2] ?? '')));
  const scheduledAt = at(day);
  const dueOn = calendar === undefined ? day : businessDayFrom(calendar, day);
  const dueAt = dueOn === day ? scheduledAt : at(dueOn);
  const cutoff = cycle.every === 'month' ? scheduledAt : zone.instantOf(localTime(day, 0, 0));
  return { scheduledAt, dueAt, period: formatInstant(scheduledAt, zone.name), cutoff };
}

function localTime(day: number, hour: number, minute: number): LocalTime {
  const date = new Date(day * DAY_MS);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour,
    minute,
  };
}
