import { describe, expect, it } from '@jest/globals';
import { GOLDEN_WEEK } from './golden-week.fixture.js';
import {
  businessDayFrom,
  cutoffsOf,
  formatInstant,
  isDay,
  isBusinessDay,
  parseInstant,
  PLAIN_WEEK,
  type Cycle,
} from './index.js';

const SHANGHAI = 'Asia/Shanghai';

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
