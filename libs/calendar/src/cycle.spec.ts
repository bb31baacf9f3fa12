import { describe, expect, it } from '@jest/globals';
import { GOLDEN_WEEK } from './golden-week.fixture.js';
import fc from 'fast-check';
import {
  cutoffsOf,
  formatInstant,
  isTimeOfDay,
  parseInstant,
  PLAIN_WEEK,
  WEEKDAYS,
  type BusinessCalendar,
  type Cycle,
} from './index.js';

const SHANGHAI = 'Asia/Shanghai';
const ZONES = [SHANGHAI, 'UTC', 'America/New_York', 'Europe/London', 'America/Sao_Paulo'];
const MORE_ZONES = [...ZONES, 'Africa/Cairo', 'Australia/Lord_Howe', 'Pacific/Apia'];

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
