import { describe, expect, it } from '@jest/globals';
import { classifyLine, isBookedByDay, isOurNumber } from './classify-line.js';

const ours = `QF${'0123456789'.repeat(3)}`;

describe('the class of a line of a bill', () => {
  it.each([
    ['转账', ours, 'ours'],
    ['交易分账', ours, 'ours'],
    ['收费', ours, 'fee'],
    ['转账', 'PO201909160001', 'other'],
    ['转账', '', 'other'],
    ['在线支付', 'T1', 'trade'],
    ['交易退款', 'T1', 'trade-refund'],
    ['交易分账', 'T1', 'split'],
    ['退费', '', 'fee'],
    ['充值', '', 'top-up'],
    ['提现', '', 'withdrawal'],
    ['红包', '', 'other'],
    ['', '', 'other'],
  ])('R-REC-4 %s under "%s" is %s', (kind, outNo, expected) => {
    expect(classifyLine({ kind, outNo })).toBe(expected);
  });

  it.each([`${ours}0`, ours.slice(0, -1), ours.toLowerCase(), ours.replace('9', 'G'), ` ${ours}`])(
    'R-REC-4 "%s" is no number of ours',
    (outNo) => expect(isOurNumber(outNo)).toBe(false),
  );

  it('R-REC-4 what is compared is not booked with its like', () => {
    expect(isBookedByDay('ours') || isBookedByDay('split') || isBookedByDay('other')).toBe(false);
    expect(isBookedByDay('trade') && isBookedByDay('fee') && isBookedByDay('top-up')).toBe(true);
  });
});
