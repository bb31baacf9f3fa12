import { describe, expect, it } from '@jest/globals';
import { readPlan } from '@qingfen/core-plan';
import { accrueOrder, type OrderFact } from '@qingfen/core-settlement';
import { scratchDatabase } from '@qingfen/database';
import { parseAmount } from '@qingfen/money';
import { Client } from 'pg';
import { makeOrders, plan as document, usualLines, type Order } from '../orders.js';
import { expectedBooks, sortedText, type OrderBook } from '../p3/expected-books.js';
import { checkBooks, naiveQueries } from '../p3/oracles.js';
import type { NaiveStyle } from './keep-rows.js';
import { openNaiveDatabase } from './naive-database.js';
import { NaiveService } from './naive.service.js';

const until = '2026-11-22T00:00:00+08:00';
const now = new Date(until);
const orders = makeOrders({ seed: 7, until, count: 300, linesOfHundred: usualLines });

/** What the product's own core books of an order, in the form of the reference's. */
function coreBook(order: Order): OrderBook {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error('the plan is refused');
  const fact: OrderFact = {
    ...order,
    paidAt: new Date(order.paidAt),
    completedAt: new Date(order.completedAt),
    items: order.items.map(({ itemId, supplierId, kind = 'goods', amount, subsidy = '0' }) => ({
      itemId,
      supplierId,
      kind,
      amountMinor: parseAmount(amount, 'CNY'),
      subsidyMinor: parseAmount(subsidy, 'CNY'),
    })),
  };
  const { entries, legs } = accrueOrder(fact, reading.plan, 1);
  const accounts = new Map<string, bigint>();
  for (const { account, amountMinor } of legs) {
    accounts.set(account, (accounts.get(account) ?? 0n) + amountMinor);
  }
  const moved = [...accounts].filter(([, fen]) => fen !== 0n);
  return {
    entries: sortedText(
      entries.map((entry) =>
        [
          entry.itemId,
          entry.kind,
          entry.level ?? '',
          entry.payeeId ?? '',
          entry.amountMinor,
          entry.maturesAt.getTime(),
        ].join('|'),
      ),
    ),
    legs: sortedText(moved.map(([account, fen]) => `${account}=${fen}`)),
  };
}

async function booksOf(style: NaiveStyle, deliveries: readonly Order[]): Promise<void> {
  const scratch = await scratchDatabase({ migrations: [] });
  const source = await openNaiveDatabase(scratch.url, until);
  const service = new NaiveService(source, style);
  const client = new Client({ connectionString: scratch.url });
  await client.connect();
  try {
    for (const data of deliveries) {
      await service.complete({ id: data.orderId, source: '/spec', data }, now);
    }
    await checkBooks(client, naiveQueries, expectedBooks(orders));
  } finally {
    await client.end();
    await source.destroy();
    await scratch.drop();
  }
}

describe('the naive reference', () => {
  it('computes what the product computes, entry by entry and account by account', () => {
    const expected = expectedBooks(orders);
    for (const order of orders) expect(coreBook(order)).toEqual(expected.get(order.orderId));
  });

  it.each(['save', 'insert'] as const)(
    'leaves those books in its tables with %s, however often an event comes',
    async (style) => {
      await expect(booksOf(style, [...orders, ...orders.slice(0, 50)])).resolves.toBeUndefined();
    },
  );

  it('is held to them: a book that lacks an order is found', async () => {
    await expect(booksOf('insert', orders.slice(1))).rejects.toThrow(/^O2: order/);
  });
});
