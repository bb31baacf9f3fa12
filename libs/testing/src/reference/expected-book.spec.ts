import { describe, expect, it } from '@jest/globals';

import { bookKey, expectedBook } from './expected-book.js';

const versions = [
  {
    shopId: 's',
    version: 1,
    effectiveFrom: '2026-01-01T00:00:00+08:00',
    plan: {
      platformFee: { rate: '0.10' },
      commission: { levels: [{ rate: '0.30' }] },
      supplier: {},
    },
  },
];
const publishedAt = '2026-01-02T10:00:00+08:00';
const data = {
  shopId: 's',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: '2026-01-01T12:00:00+08:00',
  completedAt: '2026-01-02T09:00:00+08:00',
  items: [{ itemId: '1', supplierId: 'sup', amount: '100.00' }],
  distributors: ['d-1'],
};
const payees = ['sup', 'd-1'].map((payeeId) => ({
  shopId: 's',
  payeeId,
  identity: payeeId,
  knownFrom: '2026-01-01T00:00:00+08:00',
}));

function paidBy(at: string): Record<string, bigint> {
  const orders = [
    { data, publishedAt },
    { data, publishedAt },
  ];
  return Object.fromEntries(expectedBook({ orders, versions, payees, at }).paid);
}

describe('expectedBook', () => {
  it('R-COM-1 pays a commission in the first daily run after the return window', () => {
    expect(paidBy('2026-01-10T01:59:00+08:00')).toEqual({});
    expect(paidBy('2026-01-10T02:00:00+08:00')).toEqual({ 's|commission|d-1': 2700n });
  });

  it('R-SUP-1 pays a supplier in the first weekly run after the delay', () => {
    const book = paidBy('2026-01-12T02:00:00+08:00');
    expect(book[bookKey({ shopId: 's', kind: 'supplier', payeeId: 'sup' })]).toBe(6300n);
  });

  it('keeps what a payee without an account is owed', () => {
    const at = '2026-02-01T00:00:00+08:00';
    const orders = [{ data, publishedAt }];
    const book = expectedBook({ orders, versions, payees: [], at });
    expect(book.statements).toEqual([]);
    expect(Object.fromEntries(book.unstated)).toEqual({
      's|commission|d-1': 2700n,
      's|supplier|sup': 6300n,
    });
  });
});
