import { describe, expect, it } from '@jest/globals';
import { compareLine } from './compare-line.js';
import { compareLogged, type LoggedLine } from './compare-logged.js';
import { comparePayout, nothingMoved } from './compare-payout.js';
import { findingKey } from './difference.js';

const at = new Date('2026-01-05T12:00:00+08:00');
const number = (digit: string): string => `QF${digit.repeat(30)}`;
const line = (logNo: string, fen: bigint, more: Partial<LoggedLine> = {}): LoggedLine => ({
  ...{ logNo, amountMinor: fen, outNo: '', kind: '转账', at, account: '', title: '' },
  ...more,
});
const known = new Map([[number('a'), { payoutId: 'po_a', amountMinor: 900n }]]);

const told = (...lines: readonly LoggedLine[]): string[] =>
  compareLogged(lines, known).map(
    ({ class: found, subject, amountMinor, cashMinor }) =>
      `${found} ${subject.id} ${amountMinor} cash ${cashMinor}`,
  );

describe('the account log of a day that is not over', () => {
  it.each<[string, LoggedLine[], string[]]>([
    ['a payout of ours', [line('1', -900n, { outNo: number('a') })], []],
    ['somebody paid by hand', [line('1', -5n)], ['unknown-transfer-out 1 5 cash -5']],
    [
      'a split by hand',
      [line('1', -5n, { kind: '交易分账' })],
      ['unknown-transfer-out 1 5 cash -5'],
    ],
    [
      'a number like ours that nobody knows',
      [line('1', -7n, { outNo: number('b') })],
      [`missing-here ${number('b')} 7 cash -7`],
    ],
    [
      'a payout that left with more',
      [line('1', -901n, { outNo: number('a') })],
      [`amount-differs ${number('a')} 1 cash 0`],
    ],
    [
      'a payout that left twice',
      [line('1', -900n, { outNo: number('a') }), line('2', -900n, { outNo: number('a') })],
      [`duplicate ${number('a')} 900 cash 0`],
    ],
    ['a payout that came back', [line('1', 900n, { outNo: number('a') })], []],
    ['a buyer, a fee, a withdrawal', [line('1', 9n), line('2', -1n, { kind: '收费' })], []],
    ['the owner takes money', [line('1', -9n, { kind: '提现' })], []],
    ['a refund to a buyer', [line('1', -9n, { kind: '交易退款' })], []],
  ])('R-REC-3 R-REC-4 tells of %s', (_, lines, expected) => {
    expect(told(...lines)).toEqual(expected);
  });

  it('R-REC-3 says just what the bill will say of what nobody knows, under the same name', () => {
    const byHand = line('1', -5n);
    const unknown = line('2', -7n, { outNo: number('b') });
    const moved = { ...nothingMoved, outCount: 1, outMinor: 7n };
    const horizon = { until: new Date('2026-01-06T00:00:00+08:00'), crossingMs: 0 };
    const billed = [
      compareLine({ ...byHand, class: 'other' }),
      comparePayout({ outBizNo: number('b'), payout: null, moved }, horizon),
    ];
    const logged = compareLogged([byHand, unknown], known);
    expect(logged).toEqual(billed);
    expect(logged.map(findingKey)).toEqual(['lines:bill-line:1', `payouts:number:${number('b')}`]);
  });
});
