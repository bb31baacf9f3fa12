import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@qingfen/telemetry';
import { until } from '@qingfen/testing';
import { Books } from './books.fixture.js';
import { Desk } from './manual.fixture.js';
import { Sales } from './sales.fixture.js';
import { SealWorker } from './seal.worker.js';
import { SealedBooks } from './sealed-shop.fixture.js';

const deadlineMs = 20_000;

let books: Books;
let sales: Sales;
let sealed: SealedBooks;
let worker: SealWorker | null = null;

beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sales = new Sales(new Desk(books));
  sealed = new SealedBooks(books);
});
afterEach(() => stop());
afterAll(() => books.close());

/** Starts a sealer with its setting, or without it. */
function start(sealSeconds: number | null): void {
  const { seals, files, keys } = sealed;
  const count = (name: string, otherwise: number): number =>
    name === 'LEDGER_SEAL_SECONDS' ? (sealSeconds ?? otherwise) : otherwise;
  const logger = createLogger({ service: 'settlement-calculator', level: 'error' });
  worker = new SealWorker(books.database, books.units, seals, files, keys, { count }, logger);
  worker.onApplicationBootstrap();
}

/** Ends when a look that it is at has ended. */
async function stop(): Promise<void> {
  await worker?.beforeApplicationShutdown();
  worker = null;
}

async function sell(shopId: string, orderId: string): Promise<void> {
  await books.completed([sales.order(shopId, { orderId })]);
}

/** The block of each of a shop's batches, as they came; null is none yet. */
async function blocksOf(shopId: string): Promise<readonly (number | null)[]> {
  const rows = await books.database.query<{ block: bigint | null }>(
    'SELECT block FROM journal_batch WHERE shop_id = $1 ORDER BY batch_id',
    [shopId],
  );
  return rows.map(({ block }) => (block === null ? null : Number(block)));
}

async function allSealed(shopId: string): Promise<readonly (number | null)[]> {
  return until('all batches to be sealed', () => blocksOf(shopId), {
    deadlineMs,
    holds: (blocks) => !blocks.includes(null),
  });
}

describe('R-EVO-1 the sealer’s pace', () => {
  it('R-EVO-1 seals what it finds at its start, and again and again what came since', async () => {
    const shopId = await sales.newShop('soon', ['d-1']);
    await sell(shopId, 'o-1');
    start(null);
    expect(await allSealed(shopId)).toEqual([1]);
    await sell(shopId, 'o-2');
    expect(await allSealed(shopId)).toEqual([1, 2]);
  });

  it('R-EVO-1 leaves what came since its start to its next look where LEDGER_SEAL_SECONDS says seldom', async () => {
    const shopId = await sales.newShop('seldom', ['d-1']);
    await sell(shopId, 'o-1');
    // More than a timer can wait for: it would be taken for no wait at all.
    start(9_999_999_999);
    expect(await allSealed(shopId)).toEqual([1]);
    const later = Array.from({ length: 20 }, (_, index) => `o-${index + 2}`);
    for (const orderId of later) await sell(shopId, orderId);
    await stop();
    expect(await blocksOf(shopId)).toEqual([1, ...later.map(() => null)]);
    start(null);
    expect(await allSealed(shopId)).toEqual([1, ...later.map(() => 2)]);
  });
});
