import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minor, ZERO } from '@qingfen/money';
import { chainOfCase, lineCase, type LineCase } from './arbitraries.js';
import {
  accrueOrder,
  differenceOf,
  refundOrder,
  SimulationSheet,
  type OrderFact,
  type RefundedSoFar,
} from './index.js';

/** A line case as an order of one line, and what was refunded of it. */
function orderOf(given: LineCase): { readonly order: OrderFact; readonly taken: bigint } {
  const { rateFacts } = chainOfCase(given);
  const order: OrderFact = {
    shopId: 's',
    orderId: 'o',
    currency: given.plan.currency,
    paidAt: new Date(0),
    completedAt: new Date(0),
    ...(given.buyerPayeeId === undefined ? {} : { buyerPayeeId: given.buyerPayeeId }),
    items: [
      {
        itemId: '1',
        supplierId: 'supplier',
        amountMinor: minor(given.baseMinor + given.refundedMinor),
        subsidyMinor: ZERO,
        kind: given.kind,
      },
    ],
    distributors: given.distributors,
    rateFacts,
  };
  return { order, taken: given.refundedMinor };
}

/** What a completion and a refund book for an order, by kind and payee. */
function bookedFor(order: OrderFact, taken: bigint, plan: LineCase['plan']): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const refund = [{ itemId: '1', amountMinor: minor(taken), subsidyMinor: ZERO }];
  const judged = refundOrder(order, plan, new Map(), refund);
  if (judged.kind === 'refused') throw new Error('no more is refunded than was paid');
  for (const owed of [...accrueOrder(order, plan, 1).entries, ...judged.differences]) {
    if (owed.payeeId === null) continue;
    const key = `${owed.kind} ${owed.payeeId}`;
    sums.set(key, (sums.get(key) ?? 0n) + owed.amountMinor);
  }
  return sums;
}

describe('R-RUL-7 a simulation', () => {
  it('R-RUL-7 owes what a completion and its refund book, to the fen, whatever the plan', () => {
    let owing = 0;
    fc.assert(
      fc.property(lineCase, (given) => {
        const { order, taken } = orderOf(given);
        const soFar: RefundedSoFar = new Map([
          ['1', { amountMinor: minor(taken), subsidyMinor: ZERO }],
        ]);
        const sheet = new SimulationSheet(given.plan);
        sheet.addOrder(order, soFar);
        const booked = bookedFor(order, taken, given.plan);
        for (const [key, sum] of booked) {
          const [kind = '', payeeId = ''] = key.split(' ');
          if (kind === 'commission' || kind === 'supplier') sheet.addNow(kind, payeeId, sum);
        }
        const items = sheet.items();
        if (items.length > 0) owing += 1;
        return items.every((item) => differenceOf(item) === 0n);
      }),
      { numRuns: 1_000 },
    );
    expect(owing).toBeGreaterThan(500);
  });
});
