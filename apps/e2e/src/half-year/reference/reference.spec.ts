import { describe, expect, it } from '@jest/globals';
import {
  amountsOf,
  dayAfter,
  dayOf,
  instantOf,
  isLastOfMonth,
  isMonday,
  textOf,
} from '@qingfen/testing';

import { halfYearShops } from '../terms.js';
import { OpenEntries } from './entries.js';
import type { CompletedOrder } from './message.js';
import { OrderBook } from './orders.js';
import { runsBetween } from './schedule.js';
import type { ShopTerms } from './terms.js';
import { Teams } from './teams.js';

function termsOf(shopId: string): ShopTerms {
  const found = halfYearShops.find((shop) => shop.shopId === shopId);
  if (found === undefined) throw new Error(shopId);
  return found;
}

const terms = termsOf('shop-1');

function orderOf(orderId: string, amount: string, completedAt: string): CompletedOrder {
  return {
    shopId: 'shop-1',
    orderId,
    currency: 'CNY',
    paidAt: completedAt,
    completedAt,
    items: [{ itemId: '1', supplierId: 'sup-1', amount }],
    distributors: ['d-1', 'd-2', 'd-3'],
    teamId: 'team-1',
  };
}

describe('the calendar of the reference', () => {
  it('knows days, Mondays and months of Shanghai', () => {
    expect(textOf(instantOf('2010-12-01', 120))).toBe('2010-12-01T02:00:00+08:00');
    expect(dayOf(Date.parse('2010-12-01T16:00:00Z'))).toBe('2010-12-02');
    expect(dayAfter('2011-02-28')).toBe('2011-03-01');
    expect(['2010-12-06', '2010-12-13', '2011-01-10'].every(isMonday)).toBe(true);
    expect(['2010-12-05', '2010-12-07'].some(isMonday)).toBe(false);
    expect(['2010-12-31', '2011-02-28', '2011-04-30'].every(isLastOfMonth)).toBe(true);
    expect(isLastOfMonth('2011-04-29')).toBe(false);
  });

  it('schedules each run once, the monthly one cut at its own instant', () => {
    const from = Date.parse('2011-01-31T00:00:00+08:00');
    const runs = runsBetween(from, Date.parse('2011-02-01T02:00:00+08:00'));
    expect(runs.map(({ kind, period }) => `${kind} ${period}`)).toEqual([
      'commission 2011-01-31T02:00:00+08:00',
      'supplier 2011-01-31T02:00:00+08:00',
      'team-reward 2011-01-31T23:30:00+08:00',
      'commission 2011-02-01T02:00:00+08:00',
    ]);
    expect(runs.map(({ scheduledMs, cutoffMs }) => scheduledMs - cutoffMs)).toEqual([
      7_200_000, 7_200_000, 0, 7_200_000,
    ]);
  });
});

describe('the parts of a statement', () => {
  it('are full ones first, and a rest too small gets what it lacks', () => {
    expect(amountsOf(30_000n, 30_000n)).toEqual([30_000n]);
    expect(amountsOf(70_000n, 30_000n)).toEqual([30_000n, 30_000n, 10_000n]);
    expect(amountsOf(60_003n, 30_000n)).toEqual([30_000n, 29_993n, 10n]);
    expect(amountsOf(30_010n, 30_000n)).toEqual([30_000n, 10n]);
  });
});

describe('refunds in the reference', () => {
  const completedAt = '2010-12-03T10:00:00+08:00';
  const refund = {
    shopId: 'shop-1',
    orderId: 'o-1',
    refundId: 'r-1',
    refundedAt: '2010-12-20T10:00:00+08:00',
    items: [{ itemId: '1', amount: '50.00' }],
  };

  it('change what is not stated, whether they come before the order or after it', () => {
    for (const isEarly of [true, false]) {
      const entries = new OpenEntries();
      const book = new OrderBook(terms, entries);
      if (isEarly) book.refund(refund);
      book.complete(orderOf('o-1', '100.00', completedAt));
      if (!isEarly) book.refund(refund);
      expect(Object.fromEntries(entries.sums())).toEqual({
        'commission:d-1': 1_350n,
        'commission:d-2': 630n,
        'commission:d-3': 252n,
        'supplier:sup-1': 2_268n,
      });
      expect(book.waiting()).toEqual([]);
    }
  });

  it('of what is stated are corrections of their own that mature with the refund', () => {
    const entries = new OpenEntries();
    const book = new OrderBook(terms, entries);
    book.complete(orderOf('o-1', '100.00', completedAt));
    expect(entries.take('commission', instantOf('2010-12-11'), 10n)).toHaveLength(3);
    book.refund(refund);
    expect(Object.fromEntries(entries.sums())).toEqual({
      'commission:d-1': -1_350n,
      'commission:d-2': -630n,
      'commission:d-3': -252n,
      'supplier:sup-1': 2_268n,
    });
    expect(entries.take('commission', instantOf('2010-12-21'), 10n)).toEqual([]);
  });
});

describe('team rewards in the reference', () => {
  it('price the whole performance at the tier reached and carry a debt', () => {
    const book = new OrderBook(terms, new OpenEntries());
    const teams = new Teams(terms);
    book.complete(orderOf('o-1', '20000.00', '2010-12-03T10:00:00+08:00'));
    book.complete(orderOf('o-2', '50000.00', '2010-12-30T10:00:00+08:00'));
    const atEndOf = (day: string): number => instantOf(day, 23 * 60 + 30);
    const fenOfRun = (day: string): bigint[] =>
      teams.rewards(book.lines, atEndOf(day)).map(({ fen }) => fen);
    expect(fenOfRun('2010-12-31')).toEqual([20_000n]); // 1 % of 20,000.00
    expect(fenOfRun('2011-01-31')).toEqual([110_000n]); // 2 % of 50,000.00 and 100.00
    const items = [{ itemId: '1', amount: '15000.00' }];
    const refundedAt = '2011-02-02T10:00:00+08:00';
    book.refund({ shopId: 'shop-1', orderId: 'o-1', refundId: 'r-1', refundedAt, items });
    expect(fenOfRun('2011-02-28')).toEqual([]); // 15,000.00 in debt
    book.complete(orderOf('o-3', '26000.00', '2011-03-02T10:00:00+08:00'));
    expect(fenOfRun('2011-03-31')).toEqual([11_000n]); // 1 % of what is above the debt
  });
});
