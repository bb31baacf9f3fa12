import { describe, expect, it } from '@jest/globals';
import { endMs, midnightOf, shanghai, span } from './calendar.js';
import { type Expected, expectedUntil, keyOf } from './expected.js';
import { mishap } from './mishap.js';
import { type DemoOrder, inventOrders } from './orders.js';

/** An order of the tea shop: one line of 100.00, sold by one of its distributors. */
function order(completedDay: number, seller: string): DemoOrder {
  const completedMs = midnightOf(completedDay) + 12 * span.hour;
  return {
    shopId: 'lotus-tea',
    orderId: `o-${completedDay}-${seller}`,
    currency: 'CNY',
    paidAt: shanghai(completedMs - span.day),
    completedAt: shanghai(completedMs),
    items: [{ itemId: '1', supplierId: 'tea-hill', amount: '100.00', kind: 'goods' }],
    distributors: [seller],
  };
}

const paidOn = ({ transfers }: Expected, kind: string): (readonly [string, bigint, string])[] =>
  transfers
    .filter((transfer) => transfer.kind === kind)
    .map(({ atMs, fen, identity }) => [shanghai(atMs), fen, identity]);

describe('expectedUntil', () => {
  it('pays a commission the night after its window, a supplier on Monday', () => {
    const expected = expectedUntil([order(1, 'lotus-1')], endMs);
    expect(paidOn(expected, 'commission')).toEqual([
      ['2026-03-11T02:00:00+08:00', 2700n, 'lotus-1@pay.example'],
    ]);
    expect(paidOn(expected, 'supplier')).toEqual([
      ['2026-03-16T02:00:00+08:00', 6300n, 'tea-hill@pay.example'],
    ]);
    expect(expected.feeOf.get('lotus-tea')).toBe(1000n);
  });

  it('gives a refused payout back and pays it in the first run after the account was mended', () => {
    const due = mishap.frozenOnDay + 1;
    const expected = expectedUntil([order(due - 8, mishap.payeeId)], endMs);
    expect(expected.refused.map(({ atMs, fen }) => [shanghai(atMs), fen])).toEqual([
      ['2026-03-18T02:00:00+08:00', 2700n],
    ]);
    expect(paidOn(expected, 'commission')).toEqual([
      ['2026-03-22T02:00:00+08:00', 2700n, mishap.newIdentity],
    ]);
  });

  it.each([1, 2, 3])('adds up to what buyers paid, and has a mishap, for seed %d', (seed) => {
    const orders = inventOrders(seed).map((telling) => telling.order);
    const { owed, paid, feeOf, baseOf, refused } = expectedUntil(orders, endMs);
    const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);
    expect(sum(owed.values()) + sum(feeOf.values())).toBe(sum(baseOf.values()));
    expect(refused.length).toBeGreaterThan(0);
    const key = keyOf('lotus-tea', 'supplier', 'tea-hill');
    expect(paid.get(key) ?? 0n).toBeLessThan(owed.get(key) ?? 0n);
  });

  it('invents the same orders for the same seed', () => {
    expect(inventOrders(7)).toEqual(inventOrders(7));
    expect(inventOrders(7)).not.toEqual(inventOrders(8));
  });
});
