import { describe, expect, it } from '@jest/globals';
import { afterTelling, type AlertTold } from './alert-state.js';

const at = (hour: number): Date => new Date(Date.UTC(2026, 0, 5, hour));

function told(state: 'raised' | 'resolved', hour: number, message = 'm'): AlertTold {
  return {
    shopId: 'shop-1',
    alertId: 'al-1',
    state,
    class: 'no-plan',
    severity: 'warning',
    subject: { type: 'order', id: 'o-1' },
    message,
    messageZh: '中',
    at: at(hour),
  };
}

const fold = (...tellings: AlertTold[]) =>
  tellings.reduce<ReturnType<typeof afterTelling> | null>(afterTelling, null);

describe('afterTelling', () => {
  it.each([
    ['raised', [told('raised', 1)], 1, null],
    ['raised twice: since the first', [told('raised', 1), told('raised', 2)], 1, null],
    ['resolved', [told('raised', 1), told('resolved', 2)], 1, 2],
    ['resolved at the instant it was raised', [told('raised', 1), told('resolved', 1)], 1, 1],
    [
      'resolved twice: the first end',
      [told('raised', 1), told('resolved', 2), told('resolved', 3)],
      1,
      2,
    ],
    ['raised again', [told('raised', 1), told('resolved', 2), told('raised', 2)], 2, null],
    ['a late word of before', [told('raised', 2), told('resolved', 1)], 2, null],
    ['an end whose beginning was never heard', [told('resolved', 4)], 4, 4],
  ])('R-ALR-1 %s', (_, tellings, raisedHour, resolvedHour) => {
    expect(fold(...tellings)).toMatchObject({
      raisedAt: at(raisedHour),
      resolvedAt: resolvedHour === null ? null : at(resolvedHour),
    });
  });

  it('R-ALR-1 says a lasting condition in the words of today', () => {
    expect(fold(told('raised', 1, 'old'), told('raised', 2, 'new'))?.message).toBe('new');
  });
});
