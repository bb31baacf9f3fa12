import { describe, expect, it } from '@jest/globals';
import { periodBetween } from './tax-period.js';

describe('R-TAX-1 the time that a tax period is', () => {
  it.each([
    ['2026-01', 'Asia/Shanghai', '2025-12-31T16:00:00.000Z', '2026-01-31T16:00:00.000Z'],
    ['2026-12', 'Asia/Shanghai', '2026-11-30T16:00:00.000Z', '2026-12-31T16:00:00.000Z'],
    ['2026-Q1', 'Asia/Shanghai', '2025-12-31T16:00:00.000Z', '2026-03-31T16:00:00.000Z'],
    ['2026-Q4', 'Asia/Shanghai', '2026-09-30T16:00:00.000Z', '2026-12-31T16:00:00.000Z'],
    ['2026', 'Asia/Shanghai', '2025-12-31T16:00:00.000Z', '2026-12-31T16:00:00.000Z'],
    // Clocks go forward within it: it begins with one offset and ends with another.
    ['2026-03', 'Europe/Berlin', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
  ])('R-TAX-1 %s in %s', (period, timezone, from, to) => {
    const between = periodBetween(period, timezone);
    expect([between.from.toISOString(), between.to.toISOString()]).toEqual([from, to]);
  });
});
