import { describe, expect, it } from '@jest/globals';
import {
  beijingDay,
  billReadyAt,
  dayEnd,
  dayStart,
  lastReadyDay,
  nextDay,
  nextTryAt,
} from './bill-day.js';

const at = (text: string): Date => new Date(text);

describe('the day of a bill', () => {
  it('R-REC-4 is a Beijing day, whatever the shop’s zone', () => {
    expect(beijingDay(at('2026-01-05T15:59:59Z'))).toBe('2026-01-05');
    expect(beijingDay(at('2026-01-05T16:00:00Z'))).toBe('2026-01-06');
    expect(dayStart('2026-01-05')).toEqual(at('2026-01-04T16:00:00Z'));
    expect(dayEnd('2026-02-28')).toEqual(dayStart('2026-03-01'));
    expect([nextDay('2026-12-31'), nextDay('2028-02-28')]).toEqual(['2027-01-01', '2028-02-29']);
  });

  it('R-REC-4 is compared from 09:00 of the next', () => {
    expect(billReadyAt('2026-01-05')).toEqual(at('2026-01-06T09:00:00+08:00'));
    expect(lastReadyDay(at('2026-01-06T08:59:59+08:00'))).toBe('2026-01-04');
    expect(lastReadyDay(at('2026-01-06T09:00:00+08:00'))).toBe('2026-01-05');
  });

  it('R-REC-4 F25 a bill that is late is asked for again, less and less, for about a month', () => {
    const now = at('2026-01-06T09:00:00+08:00');
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 36].map(
      (tries) => ((nextTryAt(tries, now)?.getTime() ?? 0) - now.getTime()) / 60_000,
    );
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 1440, 1440, 1440]);
    expect(nextTryAt(37, now)).toBeNull();
  });
});
