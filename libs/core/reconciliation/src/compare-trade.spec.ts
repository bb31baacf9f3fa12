import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  clearingOf,
  compareTrade,
  nothingBilled,
  type BilledTrade,
  type ToldTrade,
} from './compare-trade.js';
import { severityOf, suggestionFor } from './suggestion.js';

const untoldBefore = new Date('2026-01-06T00:00:00+08:00');
const longAgo = new Date('2026-01-05T12:00:00+08:00');
const lately = new Date('2026-01-06T00:00:01+08:00');

const told = (paidMinor: bigint, backMinor = 0n, more: Partial<ToldTrade> = {}): ToldTrade => ({
  ...{ orderCount: 1, orderIds: ['o-1'], paidMinor, backMinor },
  ...{ earlyMinor: paidMinor - backMinor, lateMinor: paidMinor - backMinor },
  ...more,
});
const billed = (paidMinor: bigint, backMinor = 0n, firstAt = longAgo): BilledTrade => ({
  ...{ lineCount: backMinor === 0n ? 1 : 2, paidMinor, backMinor, firstAt },
});

const verdict = (ours: ToldTrade | null, theirs: BilledTrade): string => {
  const finding = compareTrade({ tradeNo: 'T1', told: ours, billed: theirs }, untoldBefore);
  return finding === null ? 'agree' : `${finding.class} ${finding.amountMinor}`;
};

describe('a trade: what its orders expect and what bills have of it', () => {
  it.each<[string, ToldTrade | null, BilledTrade, string]>([
    ['paid and told', told(100n), billed(100n), 'agree'],
    ['refunded in part on both sides', told(100n, 30n), billed(100n, 30n), 'agree'],
    [
      'refunded before it was told, and told with what was left',
      told(70n),
      billed(100n, 30n),
      'agree',
    ],
    ['free of charge, and never a trade at Alipay', told(0n), nothingBilled, 'agree'],
    ['wholly refunded, and in no bill', told(100n, 100n), nothingBilled, 'agree'],
    ['told and in no bill', told(100n, 30n), nothingBilled, 'missing-at-alipay 70'],
    ['paid more than told', told(100n), billed(103n), 'amount-differs 3'],
    ['paid less than told', told(100n), billed(97n), 'amount-differs -3'],
    ['a refund told and not made', told(100n, 30n), billed(100n), 'amount-differs 30'],
    ['a refund made and not told', told(100n), billed(100n, 30n), 'amount-differs -30'],
    ['a refund of what no bill has', told(100n), billed(0n, 30n), 'amount-differs -130'],
    ['paid lately, no order yet', null, billed(100n, 0n, lately), 'agree'],
    ['paid long ago, no order', null, billed(100n, 30n), 'missing-here 70'],
    ['paid long ago and wholly refunded, no order', null, billed(100n, 100n), 'agree'],
    ['a refund of what was paid before there were bills', null, billed(0n, 30n), 'agree'],
    ['nothing at all', null, nothingBilled, 'agree'],
  ])('R-REC-2 R-REC-3 %s', (_, ours, theirs, expected) => {
    expect(verdict(ours, theirs)).toBe(expected);
  });

  it.each<[string, ToldTrade, BilledTrade, string]>([
    [
      'paid just before midnight, not in the bill yet',
      told(100n, 0n, { earlyMinor: 0n }),
      nothingBilled,
      'next-day 100',
    ],
    [
      'in the bill, and told as paid after midnight',
      told(0n, 0n, { lateMinor: 100n }),
      billed(100n),
      'next-day 100',
    ],
    [
      'refunded just before midnight, not in the bill yet',
      told(100n, 30n, { earlyMinor: 100n }),
      billed(100n),
      'next-day 30',
    ],
  ])('R-REC-3 O8 across midnight: %s', (_, ours, theirs, expected) => {
    expect(verdict(ours, theirs)).toBe(expected);
  });

  it('R-REC-3 carries the evidence of both sides, and moves no cash', () => {
    const facts = { tradeNo: 'T1', told: told(100n, 30n), billed: billed(100n) };
    expect(compareTrade(facts, untoldBefore)).toEqual({
      ...{ comparison: 'trades', class: 'amount-differs', amountMinor: 30n, cashMinor: 0n },
      subject: { type: 'trade', id: 'T1' },
      ours: { orders: 1, orderIds: ['o-1'], paidMinor: '100', refundedMinor: '30' },
      theirs: {
        ...{ lines: 1, firstAt: '2026-01-05T04:00:00.000Z' },
        ...{ paidMinor: '100', refundedMinor: '0' },
      },
    });
    const none = { tradeNo: 'T1', told: told(100n), billed: nothingBilled };
    expect(compareTrade(none, untoldBefore)?.theirs).toBeNull();
  });

  it('R-REC-2 O8 says something just where a told trade leaves something, and as much', () => {
    const fen = fc.bigInt({ min: 0n, max: 20n });
    fc.assert(
      fc.property(fen, fen, fen, fen, (paid, back, cash, returned) => {
        const facts = { tradeNo: 'T1', told: told(paid, back), billed: billed(cash, returned) };
        const left = clearingOf(facts);
        const finding = compareTrade(facts, untoldBefore);
        return left === 0n ? finding === null : finding?.amountMinor === -left;
      }),
    );
  });

  it('R-REC-3 matters most where money never came, and tells what to do about an order', () => {
    expect(severityOf('missing-at-alipay', 'trades')).toBe('critical');
    expect(severityOf('amount-differs', 'trades')).toBe('warning');
    expect(severityOf('missing-here', 'trades')).toBe('warning');
    expect(severityOf('next-day', 'trades')).toBe('info');
    expect(suggestionFor('missing-at-alipay', 'trades').text).toContain('trade');
    expect(suggestionFor('missing-at-alipay', 'payouts').text).toContain('number');
  });
});
