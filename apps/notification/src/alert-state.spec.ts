import { describe, expect, it } from '@jest/globals';
import {
  afterAcknowledging,
  afterTelling,
  type AlertState,
  type AlertTold,
} from './alert-state.js';

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
    ends: 'by-itself',
    by: 'settlement-calculator',
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

describe('afterAcknowledging', () => {
  const raised = (ends: AlertState['ends']): AlertState =>
    afterTelling(null, { ...told('raised', 1), ends });
  const looked = { by: 'olga', at: at(3), reason: 'seen' };

  it('R-ALR-1 ends what has happened, and leaves a condition as long as it lasts', () => {
    const event = raised('when-acknowledged');
    expect(afterAcknowledging(event, event, looked)).toMatchObject({
      acknowledged: looked,
      resolvedAt: at(3),
    });
    const condition = raised('by-itself');
    expect(afterAcknowledging(condition, condition, looked)).toMatchObject({
      acknowledged: looked,
      resolvedAt: null,
    });
  });

  it('R-ALR-1 counts when the end has been told by whoever raised it meanwhile', () => {
    const seen = raised('when-acknowledged');
    const over = afterTelling(seen, told('resolved', 2));
    expect(afterAcknowledging(over, seen, looked)).toMatchObject({
      acknowledged: looked,
      resolvedAt: at(2),
    });
  });

  it('R-ALR-1 refuses what is over, what was acknowledged, and what is raised anew', () => {
    const seen = raised('by-itself');
    const over = afterTelling(seen, told('resolved', 2));
    expect(afterAcknowledging(over, over, looked)).toBe('over');
    expect(afterAcknowledging({ ...seen, acknowledged: looked }, seen, looked)).toBe(
      'acknowledged',
    );
    const anew = afterTelling(over, told('raised', 4));
    expect(afterAcknowledging(anew, seen, looked)).toBe('raised-anew');
  });

  it('R-ALR-1 is kept while the condition lasts, and forgotten when it comes anew', () => {
    const seen = raised('by-itself');
    const known = afterAcknowledging(seen, seen, looked);
    if (typeof known === 'string') throw new Error(known);
    const still = afterTelling(known, told('raised', 4));
    expect(still.acknowledged).toEqual(looked);
    const over = afterTelling(still, told('resolved', 5));
    expect(over.acknowledged).toEqual(looked);
    expect(afterTelling(over, told('raised', 6)).acknowledged).toBeNull();
  });
});
