import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  addDays,
  beijingTime,
  createZone,
  formatInstant,
  InstantError,
  isTimezone,
  localDate,
  localMidnight,
  localMonth,
  nextLocalMidnight,
  parseInstant,
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
