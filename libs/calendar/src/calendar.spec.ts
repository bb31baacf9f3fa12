import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  addDays,
  beijingTime,
  businessDayFrom,
  createZone,
  cutoffsOf,
  formatInstant,
  InstantError,
  isDay,
  isTimeOfDay,
  isTimezone,
  localDate,
  isBusinessDay,
  localMidnight,
  localMonth,
  nextLocalMidnight,
  parseInstant,
  PLAIN_WEEK,
  WEEKDAYS,
  type BusinessCalendar,
  type Cycle,
} from './index.js';

const SHANGHAI = 'Asia/Shanghai';
const ZONES = [SHANGHAI, 'UTC', 'America/New_York', 'Europe/London', 'America/Sao_Paulo'];
const MORE_ZONES = [...ZONES, 'Africa/Cairo', 'Australia/Lord_Howe', 'Pacific/Apia'];

describe('instants', () => {
  it.each([
    ['2026-01-05T02:00:00+08:00', '2026-01-04T18:00:00.000Z'],
    ['2026-01-05T02:00:00.5+08:00', '2026-01-04T18:00:00.500Z'],
    ['2026-01-05T02:00:00.123999Z', '2026-01-05T02:00:00.123Z'],
    ['2026-01-05T02:00Z', '2026-01-05T02:00:00.000Z'],
    ['2024-02-29T00:00:00-05:30', '2024-02-29T05:30:00.000Z'],
    ['2026-01-05T02:00:00+0800', '2026-01-04T18:00:00.000Z'],
    ['2026-01-31T23:59:59.999-23:59', '2026-02-01T23:58:59.999Z'],
    ['2026-12-31T00:00:00.04Z', '2026-12-31T00:00:00.040Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2026-04-30T00:00:00Z', '2026-04-30T00:00:00.000Z'],
    ['2026-06-30T00:00:00Z', '2026-06-30T00:00:00.000Z'],
    ['2026-09-30T00:00:00Z', '2026-09-30T00:00:00.000Z'],
    ['2026-11-30T00:00:00Z', '2026-11-30T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text).toISOString()).toBe(expected);
  });

  it.each([
    '2026-01-05T02:00:00',
    '2026-01-05',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-05T24:00:00Z',
    '2026-01-05T02:60:00Z',
    '2026-01-05T02:00:60Z',
    '2026-01-05T02:00:00+24:00',
    '2026-00-05T02:00:00Z',
    '2026-01-00T02:00:00Z',
    '2026-01-05 02:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-06-31T00:00:00Z',
    '2026-09-31T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-05T02:00:00+08:60',
    '2026-01-05T02:00:00.+08:00',
    '2026-01-05T02:00:00.1234567890Z',
    '2026-01-05T02:00:00+08:00 ',
    ' 2026-01-05T02:00:00+08:00',
    'now',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseInstant(text)).toThrow(InstantError);
  });

  it('shows what it refuses, cut, so that no message grows with it', () => {
    expect(() => parseInstant('x'.repeat(60))).toThrow(`"${'x'.repeat(60)}" is not an instant`);
    expect(() => parseInstant('y'.repeat(61))).toThrow(`"${'y'.repeat(60)}…" is not an instant`);
    expect(() => parseInstant('2026-01-05T02:00:00+24:00')).toThrow('"2026-01-05T02:00:00+24:00"');
    expect(new InstantError('x').name).toBe('InstantError');
  });

  it('writes milliseconds only where there are some', () => {
    expect(formatInstant(new Date('2026-01-04T18:00:00Z'), SHANGHAI)).toBe(
      '2026-01-05T02:00:00+08:00',
    );
    expect(formatInstant(new Date('2026-01-04T18:00:00.007Z'), 'America/New_York')).toBe(
      '2026-01-04T13:00:00.007-05:00',
    );
    expect(formatInstant(new Date('2026-06-04T18:00:00Z'), 'Asia/Kolkata')).toBe(
      '2026-06-04T23:30:00+05:30',
    );
    expect(formatInstant(new Date('2026-01-04T18:00:00Z'), 'UTC')).toBe(
      '2026-01-04T18:00:00+00:00',
    );
    expect(formatInstant(new Date('2026-01-04T18:00:00Z'), 'Etc/GMT-10')).toBe(
      '2026-01-05T04:00:00+10:00',
    );
  });

  it('reads back what it writes, in every zone and year', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1880-01-02'), max: new Date('2100-01-01'), noInvalidDate: true }),
        fc.constantFrom(...MORE_ZONES),
        (at, zone) => parseInstant(formatInstant(at, zone)).getTime() === at.getTime(),
      ),
    );
  });

  it('adds days of 24 hours each, over a change of the clocks too', () => {
    expect(addDays(new Date('2026-03-07T12:00:00Z'), 7).toISOString()).toBe(
      '2026-03-14T12:00:00.000Z',
    );
  });

  it('writes Beijing time for Alipay', () => {
    expect(beijingTime(new Date('2026-01-04T18:00:00.999Z'))).toBe('2026-01-05 02:00:00');
  });
});

describe('zones', () => {
  it('knows IANA names only', () => {
    for (const zone of MORE_ZONES) expect(isTimezone(zone)).toBe(true);
    for (const zone of ['+08:00', 'Mars/Olympus', '', 'Asia/Shanghai ', ' UTC', 'x'.repeat(65)]) {
      expect(isTimezone(zone)).toBe(false);
    }
    expect(() => localDate(new Date(0), 'Mars/Olympus')).toThrow('not a time zone');
  });

  it('agrees with Temporal on offsets and on local times, gaps and overlaps included', () => {
    const local = fc.record({
      year: fc.integer({ min: 1990, max: 2040 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
    });
    fc.assert(
      fc.property(local, fc.constantFrom(...MORE_ZONES), (time, name) => {
        const zone = createZone(name);
        const zoned = Temporal.PlainDateTime.from(time).toZonedDateTime(name);
        const at = zone.instantOf(time);
        const offset = zoned.offsetNanoseconds / 1_000_000;
        return at.getTime() === zoned.epochMilliseconds && zone.offsetMsAt(at) === offset;
      }),
    );
  });

  it('agrees with Temporal on the days around every change of the clocks', () => {
    const minutes = fc.integer({ min: -2 * 1440, max: 2 * 1440 });
    const years = fc.integer({ min: 1990, max: 2040 });
    fc.assert(
      fc.property(years, minutes, fc.constantFrom(...MORE_ZONES), (year, around, name) => {
        const begin = Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime(name);
        const change = begin.getTimeZoneTransition('next') ?? begin;
        const time = change.toPlainDateTime().add({ minutes: around });
        const expected = time.toZonedDateTime(name).epochMilliseconds;
        return createZone(name).instantOf(time).getTime() === expected;
      }),
    );
  });

  it('changes the offset at the very millisecond', () => {
    const zone = createZone('America/New_York');
    const change = new Date('2026-03-08T07:00:00Z');
    expect(zone.offsetMsAt(change)).toBe(-4 * 3_600_000);
    expect(zone.offsetMsAt(new Date(change.getTime() - 1))).toBe(-5 * 3_600_000);
    expect(zone.offsetMsAt(change)).toBe(-4 * 3_600_000);
  });

  it('knows what its clocks show, and the calendar day and month of it', () => {
    const at = new Date('2026-12-31T18:00:00Z');
    expect(createZone(SHANGHAI).shownAt(at).toISOString()).toBe('2027-01-01T02:00:00.000Z');
    expect(createZone(SHANGHAI).name).toBe(SHANGHAI);
    expect([localDate(at, SHANGHAI), localMonth(at, SHANGHAI)]).toEqual(['2027-01-01', '2027-01']);
    expect([localDate(at, 'UTC'), localMonth(at, 'UTC')]).toEqual(['2026-12-31', '2026-12']);
  });

  it('answers the same after many changes of the clocks, however often it is asked', () => {
    const zone = createZone('Europe/London');
    const asked = Array.from({ length: 90 }, (_, index) => Date.UTC(1975 + index, 6, 1));
    const once = asked.map((ms) => zone.offsetMsAt(new Date(ms)));
    expect(asked.map((ms) => zone.offsetMsAt(new Date(ms)))).toEqual(once);
    expect(new Set(once)).toEqual(new Set([3_600_000]));
  });

  it('begins a day where the clocks skip midnight, and where they show it twice', () => {
    // Cairo skips 00:00–01:00 on 2026-04-24; Havana shows 00:00–01:00 twice on 2026-11-01.
    expect(localMidnight(new Date('2026-04-24T10:00:00Z'), 'Africa/Cairo').toISOString()).toBe(
      '2026-04-23T22:00:00.000Z',
    );
    expect(localMidnight(new Date('2026-11-01T10:00:00Z'), 'America/Havana').toISOString()).toBe(
      '2026-11-01T04:00:00.000Z',
    );
    expect(nextLocalMidnight(new Date('2026-01-04T16:00:00Z'), SHANGHAI).toISOString()).toBe(
      '2026-01-05T16:00:00.000Z',
    );
    // Just before its midnight Shanghai is a day ahead of UTC's afternoon; months and years turn.
    expect(localMidnight(new Date('2026-02-28T20:00:00Z'), SHANGHAI).toISOString()).toBe(
      '2026-02-28T16:00:00.000Z',
    );
    expect(nextLocalMidnight(new Date('2026-12-31T15:59:59Z'), SHANGHAI).toISOString()).toBe(
      '2026-12-31T16:00:00.000Z',
    );
    expect(nextLocalMidnight(new Date('2026-04-23T10:00:00Z'), 'Africa/Cairo').toISOString()).toBe(
      '2026-04-23T22:00:00.000Z',
    );
  });
});

// The national holiday of 2026, and the Saturday on which people work for it.
const GOLDEN_WEEK: BusinessCalendar = {
  holidays: new Set(['01', '02', '03', '04', '05', '06', '07'].map((day) => `2026-10-${day}`)),
  workdays: new Set(['2026-10-10']),
};

describe('R-RUL-3 holidays', () => {
  it.each([
    ['2026-09-30', '2026-09-30'],
    ['2026-10-01', '2026-10-08'],
    ['2026-10-08', '2026-10-08'],
    ['2026-10-10', '2026-10-10'],
    ['2026-10-11', '2026-10-12'],
  ])('%s is followed by the business day %s', (day, expected) => {
    const found = businessDayFrom(GOLDEN_WEEK, Date.parse(day) / 86_400_000);
    expect(new Date(found * 86_400_000).toISOString().slice(0, 10)).toBe(expected);
  });

  it('works from Monday to Friday where no calendar says otherwise', () => {
    const week = ['05', '06', '07', '08', '09', '10', '11'].map((day) => `2026-01-${day}`);
    const worked = week.map((day) => isBusinessDay(PLAIN_WEEK, Date.parse(day) / 86_400_000));
    expect(worked).toEqual([true, true, true, true, true, false, false]);
    expect(PLAIN_WEEK).toEqual({ holidays: new Set(), workdays: new Set() });
  });

  it('a calendar of days off only moves nothing for ever', () => {
    const days = Array.from({ length: 100 }, (_, day) =>
      new Date(day * 86_400_000).toISOString().slice(0, 10),
    );
    expect(businessDayFrom({ holidays: new Set(days), workdays: new Set() }, 0)).toBe(0);
    expect(businessDayFrom({ holidays: new Set(days.slice(0, 60)), workdays: new Set() }, 0)).toBe(
      60,
    );
  });

  it('a run of a day off keeps its period and cutoff, and is due on the next business day', () => {
    const weekly: Cycle = { every: 'week', on: 'monday', at: '02:00' };
    const range = {
      after: parseInstant('2026-10-01T00:00:00+08:00'),
      until: parseInstant('2026-10-12T02:00:00+08:00'),
    };
    const found = cutoffsOf(weekly, SHANGHAI, range, GOLDEN_WEEK).map(
      ({ period, cutoff, dueAt }) =>
        `${period.slice(0, 10)} ${formatInstant(cutoff, SHANGHAI)} ${formatInstant(dueAt, SHANGHAI)}`,
    );
    expect(found).toEqual([
      '2026-10-05 2026-10-05T00:00:00+08:00 2026-10-08T02:00:00+08:00',
      '2026-10-12 2026-10-12T00:00:00+08:00 2026-10-12T02:00:00+08:00',
    ]);
  });

  it('knows a day of the calendar', () => {
    expect(['2026-10-01', '2028-02-29', '2026-12-31', '2026-01-31'].every(isDay)).toBe(true);
    const none = [
      '2026-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-01-00',
      '2026-1-1',
      '2026-10-01T',
      'x2026-10-01',
      '2026-01-32',
      '',
    ];
    expect(none.some(isDay)).toBe(false);
  });
});

describe('R-RUL-3 cycles', () => {
  const range = (after: string, until: string): { after: Date; until: Date } => ({
    after: parseInstant(after),
    until: parseInstant(until),
  });
  const shown = (cycle: Cycle, zone: string, after: string, until: string): string[] =>
    cutoffsOf(cycle, zone, range(after, until)).map(
      ({ period, cutoff }) => `${period} | ${formatInstant(cutoff, zone)}`,
    );

  it('R-COM-1 a daily run takes what matured before its own midnight', () => {
    const daily: Cycle = { every: 'day', at: '02:00' };
    expect(
      shown(daily, SHANGHAI, '2026-01-05T02:00:00+08:00', '2026-01-07T02:00:00+08:00'),
    ).toEqual([
      '2026-01-06T02:00:00+08:00 | 2026-01-06T00:00:00+08:00',
      '2026-01-07T02:00:00+08:00 | 2026-01-07T00:00:00+08:00',
    ]);
  });

  it('R-SUP-1 a Monday run takes all up to the end of Sunday', () => {
    const weekly: Cycle = { every: 'week', on: 'monday', at: '02:00' };
    expect(
      shown(weekly, SHANGHAI, '2026-01-01T00:00:00+08:00', '2026-01-13T00:00:00+08:00'),
    ).toEqual([
      '2026-01-05T02:00:00+08:00 | 2026-01-05T00:00:00+08:00',
      '2026-01-12T02:00:00+08:00 | 2026-01-12T00:00:00+08:00',
    ]);
  });

  it('R-TEA-1 a monthly run on the last day has itself as cutoff, leap years included', () => {
    const monthly: Cycle = { every: 'month', on: 'last-day', at: '23:30' };
    expect(
      shown(monthly, SHANGHAI, '2028-01-01T00:00:00+08:00', '2028-04-01T00:00:00+08:00'),
    ).toEqual([
      '2028-01-31T23:30:00+08:00 | 2028-01-31T23:30:00+08:00',
      '2028-02-29T23:30:00+08:00 | 2028-02-29T23:30:00+08:00',
      '2028-03-31T23:30:00+08:00 | 2028-03-31T23:30:00+08:00',
    ]);
  });

  it('a weekly run takes place on each weekday, before 1970 too', () => {
    for (const [index, on] of WEEKDAYS.entries()) {
      const day = `0${5 + index}`.slice(-2);
      const weekly: Cycle = { every: 'week', on, at: '12:00' };
      expect(shown(weekly, 'UTC', '2026-01-05T00:00:00Z', '2026-01-11T23:59:59Z')).toEqual([
        `2026-01-${day}T12:00:00+00:00 | 2026-01-${day}T00:00:00+00:00`,
      ]);
    }
    const monday: Cycle = { every: 'week', on: 'monday', at: '00:00' };
    expect(shown(monday, 'UTC', '1969-12-20T00:00:00Z', '1969-12-28T00:00:00Z')).toEqual([
      '1969-12-22T00:00:00+00:00 | 1969-12-22T00:00:00+00:00',
    ]);
  });

  it('has no run in a range of nothing, and refuses a time that is none', () => {
    const daily: Cycle = { every: 'day', at: '02:00' };
    const at = '2026-01-05T02:00:00+08:00';
    expect(shown(daily, SHANGHAI, at, at)).toEqual([]);
    expect(shown(daily, SHANGHAI, '2026-01-09T00:00:00+08:00', at)).toEqual([]);
    const odd: Cycle = { every: 'day', at: '2:00' };
    expect(() => shown(odd, SHANGHAI, at, '2026-01-06T02:00:00+08:00')).toThrow(
      '"2:00" is not a time of day',
    );
  });

  it('a run that many days off move comes with the calendar, however long ago it was scheduled', () => {
    const days = Array.from({ length: 60 }, (_, day) =>
      new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10),
    );
    const off: BusinessCalendar = { holidays: new Set(days), workdays: new Set() };
    const monthly: Cycle = { every: 'month', on: 1, at: '02:00' };
    const until = parseInstant('2026-03-03T00:00:00Z');
    const after = parseInstant('2026-03-01T00:00:00Z');
    expect(cutoffsOf(monthly, 'UTC', { after, until }, off).map((run) => run.period)).toEqual([
      '2026-01-01T02:00:00+00:00',
      '2026-02-01T02:00:00+00:00',
      '2026-03-01T02:00:00+00:00',
    ]);
  });

  it('names a run once where the clocks skip its time, and once where they show it twice', () => {
    const daily: Cycle = { every: 'day', at: '02:30' };
    expect(
      shown(daily, 'America/New_York', '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00'),
    ).toEqual(['2026-03-08T03:30:00-04:00 | 2026-03-08T00:00:00-05:00']);
    const inOverlap: Cycle = { every: 'day', at: '01:30' };
    expect(
      shown(
        inOverlap,
        'America/New_York',
        '2026-11-01T00:00:00-04:00',
        '2026-11-02T00:00:00-05:00',
      ),
    ).toEqual(['2026-11-01T01:30:00-04:00 | 2026-11-01T00:00:00-04:00']);
  });

  it('is half-open: no run is named twice or left out by cutting a range in two', () => {
    const cycle = fc.oneof(
      fc.constantFrom<Cycle>({ every: 'day', at: '00:00' }, { every: 'day', at: '02:30' }),
      fc.constantFrom<Cycle>(
        { every: 'week', on: 'sunday', at: '23:59' },
        { every: 'month', on: 28, at: '00:00' },
        { every: 'month', on: 'last-day', at: '23:30' },
      ),
    );
    const day = fc.integer({ min: 0, max: 400 * 1440 });
    const zones = fc.constantFrom(...MORE_ZONES);
    const calendar = fc.constantFrom(undefined, PLAIN_WEEK, GOLDEN_WEEK);
    fc.assert(
      fc.property(calendar, cycle, zones, day, day, day, (off, c, zone, x, y, z) => {
        const [a = 0, b = 0, d = 0] = [x, y, z].sort((p, q) => p - q);
        const at = (minutes: number): Date => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000);
        const named = (after: number, until: number): string[] =>
          cutoffsOf(c, zone, { after: at(after), until: at(until) }, off).map((cut) => cut.period);
        const whole = named(a, d);
        return (
          JSON.stringify(whole) === JSON.stringify([...named(a, b), ...named(b, d)]) &&
          new Set(whole).size === whole.length
        );
      }),
    );
  });

  it('knows a time of day', () => {
    expect(['00:00', '23:59', '02:00'].every(isTimeOfDay)).toBe(true);
    expect(['24:00', '2:00', '02:60', '02:00:00', 'x02:00', ''].some(isTimeOfDay)).toBe(false);
  });
});
