import { describe, expect, it } from '@jest/globals';
import {
  afterAcknowledging,
  afterTelling,
  stepsBetween,
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

describe('R-OPS-3 what is kept of an alert for ever', () => {
  /** Every step of these tellings and of an acknowledgement behind them. */
  function steps(tellings: readonly AlertTold[], ack?: { readonly at: Date }): string[] {
    const told: string[] = [];
    let state: AlertState | null = null;
    const note = (next: AlertState): void => {
      for (const { what, at: when, by } of stepsBetween(state, next)) {
        told.push(`${what} ${when.getUTCHours()} ${by ?? 'nobody'}`);
      }
      state = next;
    };
    for (const one of tellings) note(afterTelling(state, one));
    const known = state as AlertState | null;
    if (ack !== undefined && known !== null) {
      const next = afterAcknowledging(known, known, { by: 'olga', at: ack.at, reason: 'seen' });
      if (typeof next !== 'string') note(next);
    }
    return told;
  }
  const by = 'settlement-calculator';

  it.each([
    [
      'each raising and each end',
      ['raised 1', 'resolved 2', 'raised 3'],
      [`raised 1 ${by}`, 'resolved 2 nobody', `raised 3 ${by}`],
    ],
    [
      'no word that changes nothing',
      ['raised 1', 'raised 2', 'resolved 3', 'resolved 4'],
      [`raised 1 ${by}`, 'resolved 3 nobody'],
    ],
    [
      'an end and a beginning at one instant',
      ['raised 1', 'resolved 2', 'raised 2'],
      [`raised 1 ${by}`, 'resolved 2 nobody', `raised 2 ${by}`],
    ],
    ['an end alone, where no beginning was heard', ['resolved 4'], ['resolved 4 nobody']],
    ['no late word', ['raised 2', 'resolved 1'], [`raised 2 ${by}`]],
  ])('R-OPS-3 R-ALR-1 is %s', (_, words, expected) => {
    const tellings = words.map((word) => {
      const [state = '', hour = ''] = word.split(' ');
      return told(state === 'raised' ? 'raised' : 'resolved', Number(hour));
    });
    expect(steps(tellings)).toEqual(expected);
  });

  it('R-OPS-3 R-ALR-1 is who looked, also where that ends it', () => {
    const event = { ...told('raised', 1), ends: 'when-acknowledged' } as const;
    expect(steps([event], { at: at(3) })).toEqual([
      `raised 1 ${by}`,
      'acknowledged 3 olga',
      'resolved 3 nobody',
    ]);
    expect(steps([told('raised', 1)], { at: at(3) })).toEqual([
      `raised 1 ${by}`,
      'acknowledged 3 olga',
    ]);
  });
});
