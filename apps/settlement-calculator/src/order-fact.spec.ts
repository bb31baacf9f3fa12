import { describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { documentOf, orderFactOf, orderOfRow } from './order-fact.js';

type Wire = EventData['order-completed'];

const wire: Wire = {
  shopId: 'shop-1',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: '2026-01-01T10:00:00+08:00',
  completedAt: '2026-01-03T10:00:00+08:00',
  items: [{ itemId: '1', supplierId: 's-1', amount: '128.50' }],
  distributors: ['d-1', null],
};

const documentOfWire = (change: Partial<Wire>): string =>
  documentOf(orderFactOf({ ...wire, ...change }));

describe('R-ARC-1 an order as a fact', () => {
  it('R-ARC-1 is the same fact however it is spelt', () => {
    const same: Partial<Wire>[] = [
      { paidAt: '2026-01-01T02:00:00Z' },
      { items: [{ itemId: '1', supplierId: 's-1', amount: '128.5', subsidy: '0.00' }] },
      { items: [{ itemId: '1', supplierId: 's-1', amount: '128.50', kind: 'goods' }] },
      { distributors: ['d-1'] },
      { distributors: ['d-1', null, null] },
    ];
    for (const change of same) expect(documentOfWire(change)).toBe(documentOfWire({}));
  });

  it('R-ARC-1 is another fact when anything that money depends on differs', () => {
    const other: Partial<Wire>[] = [
      { paidAt: '2026-01-01T10:00:01+08:00' },
      { items: [{ itemId: '1', supplierId: 's-1', amount: '128.51' }] },
      { items: [{ itemId: '1', supplierId: 's-1', amount: '128.50', subsidy: '0.01' }] },
      { items: [{ itemId: '1', supplierId: 's-2', amount: '128.50' }] },
      { distributors: ['d-2'] },
      { distributors: [null, 'd-1'] },
      { buyerPayeeId: 'd-1' },
      { teamId: 't-1' },
      { alipayTradeNo: '2026010122001' },
    ];
    for (const change of other) expect(documentOfWire(change)).not.toBe(documentOfWire({}));
  });

  it('R-ARC-1 comes back from its document whole', () => {
    const order = orderFactOf({ ...wire, buyerPayeeId: 'b-1', teamId: 't-1', alipayTradeNo: 'T1' });
    const row = {
      shop_id: order.shopId,
      order_id: order.orderId,
      currency: order.currency,
      document: JSON.parse(documentOf(order)),
    };
    expect(orderOfRow({ ...row, rate_facts: null })).toEqual(order);
    expect(orderOfRow({ ...row, rate_facts: { 'payee-level d-1': '3000000' } })).toEqual({
      ...order,
      rateFacts: new Map([['payee-level d-1', 3_000_000n]]),
    });
  });
});
