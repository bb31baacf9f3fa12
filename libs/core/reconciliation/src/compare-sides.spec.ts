import { describe, expect, it } from '@jest/globals';
import { compareLine, type StrayLine } from './compare-line.js';
import { compareOrder, type BookedOrder } from './compare-order.js';
import { compareStatement } from './compare-statement.js';

const booked = (entriesMinor: bigint, more: Partial<BookedOrder> = {}): BookedOrder => ({
  state: 'settling',
  entriesMinor,
  keepsRest: false,
  ...more,
});

describe('an order and its entries', () => {
  it.each<[string, bigint, BookedOrder | null, string]>([
    ['add up', 10_000n, booked(10_000n), 'agree'],
    ['a fen less', 10_000n, booked(9_999n), 'entries-do-not-add-up -1'],
    ['a refund that was not applied', 6_000n, booked(10_000n), 'entries-do-not-add-up 4000'],
    ['nobody knows it', 10_000n, null, 'order-without-entries 10000'],
    ['no plan fits it', 10_000n, booked(0n, { state: 'no-plan' }), 'order-without-entries 10000'],
    ['all of it was refunded', 0n, null, 'agree'],
    ['the shop keeps the rest', 10_000n, booked(4_000n, { keepsRest: true }), 'agree'],
    [
      'the shop owes more than all',
      10_000n,
      booked(10_001n, { keepsRest: true }),
      'entries-do-not-add-up 1',
    ],
  ])('R-REC-2 %s', (_, baseMinor, side, expected) => {
    const finding = compareOrder({ orderId: 'o-1', baseMinor }, side);
    expect(finding === null ? 'agree' : `${finding.class} ${finding.amountMinor}`).toBe(expected);
  });
});

describe('a statement and its payouts', () => {
  it.each([
    ['ask for its net', 500n, 2, 500n, 'agree'],
    ['ask for less', 500n, 1, 400n, 'amount-differs -100'],
    ['are not there', 500n, 0, 0n, 'missing-here 500'],
    ['name a statement that nobody told of', null, 1, 400n, 'missing-here 400'],
  ])('R-REC-3 %s', (_, netMinor, payoutCount, requestedMinor, expected) => {
    const finding = compareStatement({ statementId: 's', netMinor, payoutCount, requestedMinor });
    expect(finding === null ? 'agree' : `${finding.class} ${finding.amountMinor}`).toBe(expected);
  });
});

describe('a line that nothing of ours explains', () => {
  const stray = (amountMinor: bigint): StrayLine => ({
    logNo: '3001',
    class: 'other',
    kind: '转账',
    outNo: '',
    at: new Date(0),
    amountMinor,
    account: '张*',
    title: '奖金',
  });

  it('R-REC-3 is somebody paid by hand, or money from where nobody knows', () => {
    expect(compareLine(stray(-900n))).toMatchObject({
      class: 'unknown-transfer-out',
      amountMinor: 900n,
      cashMinor: -900n,
      theirs: { logNo: '3001', title: '奖金' },
    });
    expect(compareLine(stray(900n))).toMatchObject({ class: 'missing-here', cashMinor: 900n });
    expect(compareLine(stray(0n))).toBeNull();
  });
});
