import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { StatusBoard, TopicBarrier } from '@qingfen/hosting';
import { createKafka } from '@qingfen/messaging';
import { createLogger, WorkCounter } from '@qingfen/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import { Books, royalty } from './books.fixture.js';
import { groups } from './groups.js';
import { PlanShelf } from './plan-shelf.js';
import { RunWorker } from './run.worker.js';

const shopId = 'shop-1';
const deadlineMs = 20_000;

/** One worker, as one more replica of the service has one. */
interface Replica {
  readonly worker: RunWorker;
  readonly board: StatusBoard;
}

let books: Books;
const replicas: Replica[] = [];

beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T12:00:00+08:00'));
});
afterEach(async () => {
  for (const { worker } of replicas.splice(0)) await worker.beforeApplicationShutdown();
});
afterAll(() => books.close());

function startReplica(): Replica {
  const logger = createLogger({ service: 'settlement-calculator', level: 'fatal' });
  // No run is due here, so no broker is asked.
  const kafka = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'spec', logger });
  const board = new StatusBoard();
  const worker = new RunWorker(
    books.database,
    books.units,
    books.clock,
    new TopicBarrier(kafka, books.database, logger),
    board,
    new WorkCounter(),
    logger,
    new PlanShelf(),
    books.accrual,
    books.rebinding,
    books.closing,
    books.runs,
    royalty(new PlanShelf()),
  );
  worker.onApplicationBootstrap();
  replicas.push({ worker, board });
  return { worker, board };
}

/** The last batch that a replica applied before it died: its facts, and the offset with them. */
async function applyPlan(): Promise<void> {
  const at = '2026-01-01T09:00:00+08:00';
  const settings = { timezone: 'Asia/Shanghai', noticePeriodDays: 0, transferMax: '50000.00' };
  const shop: EventData['shop-upserted'] = { shopId, name: shopId, ...settings, updatedAt: at };
  await books.told([shop], 'shop-upserted', (unit, events) => books.copies.keepShops(unit, events));
  const plan = { commission: { levels: [{ rate: '0.30' }] }, supplier: {} };
  const dates = { publishedAt: at, effectiveFrom: at };
  const version: EventData['settlement-plan-published'] = {
    ...{ shopId, version: 1, plan, hash: 'h1' },
    ...dates,
  };
  await books.told([version], 'settlement-plan-published', async (unit, events) => {
    await books.copies.keepPlans(unit, events);
    await unit.tx.query(
      `INSERT INTO consumer_offset (group_id, topic, partition, next_offset)
       VALUES ($1, 'settlement-plan-published', 0, 1)`,
      [groups.rest],
    );
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await pause(20);
  }
}

async function booked(): Promise<number> {
  const [row] = await books.database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM entry WHERE shop_id = $1',
    [shopId],
  );
  return row?.count ?? 0;
}

describe('orders that wait for a plan', () => {
  it('R-ARC-1 R-RUL-5 are bound once, by replicas that did not hear the plan themselves', async () => {
    const at = '2026-01-01T11:00:00+08:00';
    await books.completed([
      {
        ...{ shopId, orderId: 'o-1', currency: 'CNY', paidAt: at, completedAt: at },
        items: [{ itemId: 'i-1', supplierId: 's-1', amount: '100.00' }],
        distributors: ['d-1'],
      },
    ]);
    const both = [startReplica(), startReplica()];
    const isQuiet = async (): Promise<boolean> => {
      const told = await Promise.all(both.map(({ board }) => board.read()));
      return told.every(({ runsDue }) => runsDue === 0);
    };
    await until('both to have looked once', isQuiet);
    expect(await booked()).toBe(0);
    await applyPlan();
    await until('both to have looked again', isQuiet);
    expect(await booked()).toBe(2);
  });
});
