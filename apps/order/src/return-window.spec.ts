import { describe, expect, it } from '@jest/globals';
import { reignsOf, windowOf, type WindowVersion } from './return-window.js';

const at = (text: string): Date => new Date(`${text}+08:00`);

function version(number: number, effectiveFrom: string, days: number): WindowVersion {
  return {
    shopId: 's-1',
    version: number,
    publishedAt: at('2026-01-01T00:00'),
    effectiveFrom: at(effectiveFrom),
    withdrawnAt: null,
    returnWindowDays: days,
  };
}

const order = {
  shopId: 's-1',
  orderId: 'o-1',
  paidAt: at('2026-01-05T10:00'),
  completedAt: at('2026-01-09T12:30'),
};
const first = version(1, '2026-01-01T00:00', 7);
const second = version(2, '2026-01-05T10:00', 10);

describe('windowOf', () => {
  it('R-REF-1 ends the window days of 24 hours after completion', () => {
    expect(windowOf(order, [first])).toEqual({
      ...order,
      version: 1,
      closesAt: at('2026-01-16T12:30'),
    });
  });

  it('R-RUL-5 takes the version in force at paidAt, whatever order versions are in', () => {
    expect(windowOf(order, [second, first]).version).toBe(2);
    expect(windowOf({ ...order, paidAt: at('2026-01-05T09:59') }, [second, first]).version).toBe(1);
  });

  it('R-RUL-5 leaves an order paid before the first version without a window', () => {
    const early = { ...order, paidAt: at('2025-12-31T23:59') };
    expect(windowOf(early, [first])).toEqual({ ...early, version: null, closesAt: null });
  });

  it('R-RUL-5 does as if a withdrawn version had never been there', () => {
    const withdrawn = { ...second, withdrawnAt: at('2026-01-02T00:00') };
    expect(windowOf(order, [first, withdrawn]).version).toBe(1);
  });
});

describe('reignsOf', () => {
  it('R-RUL-5 covers all time without gap or overlap and agrees with windowOf', () => {
    const versions = [second, first, { ...version(3, '2026-01-07T00:00', 1), withdrawnAt: at('2026-01-02T00:00') }];
    const reigns = reignsOf(versions);
    expect(reigns.map(({ version: number }) => number)).toEqual([null, 1, 2, 2]);
    expect(reigns.map(({ from }) => from)).toEqual([null, ...reigns.slice(0, -1).map(({ to }) => to)]);
    for (const { from, version: number } of reigns) {
      const paidAt = from ?? at('2020-01-01T00:00');
      expect(windowOf({ ...order, paidAt }, versions).version).toBe(number);
    }
  });

  it('knows no version where there is none', () => {
    expect(reignsOf([])).toEqual([{ from: null, to: null, version: null, returnWindowDays: null }]);
  });
});
