import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Books } from './books.fixture.js';
import { JournalBatch } from './journal.store.js';
import { dayHeads } from './ledger-head.store.js';
import { Desk } from './manual.fixture.js';
import { Sales } from './sales.fixture.js';
import { SealedBooks } from './sealed-shop.fixture.js';

let books: Books;
let sealed: SealedBooks;
let sales: Sales;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'qingfen-seal-'));
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sealed = new SealedBooks(books, folder);
  sales = new Sales(new Desk(books));
});
afterAll(async () => {
  await books.close();
  await rm(folder, { recursive: true, force: true });
});

let orders = 0;

/** Books orders, each by a transaction of its own. */
async function sell(shopId: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    orders += 1;
    await books.completed([sales.order(shopId, { orderId: `o-${orders}` })]);
  }
}

/** How many batches stand in each block; in none: 0. */
async function blocksOf(shopId: string): Promise<Record<string, number>> {
  const rows = await books.database.query<{ block: bigint | null; batches: bigint }>(
    `SELECT block, count(*) AS batches FROM journal_batch WHERE shop_id = $1 GROUP BY 1 ORDER BY 1`,
    [shopId],
  );
  return Object.fromEntries(rows.map((row) => [String(row.block ?? 0), Number(row.batches)]));
}

const verified = (shopId: string): ReturnType<ReturnType<SealedBooks['verifier']>['verify']> =>
  sealed.verifier().verify(shopId, 1);

describe('R-EVO-1 the sealer', () => {
  it('R-EVO-1 seals each batch once, however many sealers there are', async () => {
    const shopId = await sales.newShop('raced', ['d-1']);
    await sell(shopId, 6);
    await Promise.all(Array.from({ length: 10 }, () => sealed.seal(shopId)));
    await sealed.seal(shopId);
    const blocks = await blocksOf(shopId);
    expect(blocks['0']).toBeUndefined();
    expect(Object.values(blocks).reduce((sum, count) => sum + count, 0)).toBe(6);
    expect(await verified(shopId)).toMatchObject({ firstBad: null, nextBlock: null });
  });

  it('R-EVO-1 takes a batch that commits late into a later block, whatever its number', async () => {
    const shopId = await sales.newShop('late', ['d-1']);
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let numbered: () => void = () => undefined;
    const hasNumber = new Promise<void>((resolve) => {
      numbered = resolve;
    });
    const late = books.units.run(async (unit) => {
      const batch = await JournalBatch.open(unit.tx, unit.now);
      batch.note(shopId, ['settled-outside', 16_384n, 5n]);
      await unit.tx.query(
        `INSERT INTO settled_outside (shop_id, account_no, entry_id, amount_minor, settled_at, batch_id)
         VALUES ($1, 1, 16384, 5, $2, $3)`,
        [shopId, unit.now, batch.batchId],
      );
      await batch.close(unit.tx);
      numbered();
      await held;
    });
    await hasNumber;
    await sell(shopId, 2);
    await sealed.seal(shopId);
    expect(await blocksOf(shopId)).toEqual({ '1': 2 });
    commit();
    await late;
    await sealed.seal(shopId);
    expect(await blocksOf(shopId)).toEqual({ '1': 2, '2': 1 });
    expect(await verified(shopId)).toMatchObject({ blocks: 2, firstBad: null });
  });

  it('R-EVO-1 seals what was booked before there were marks, and names a changed batch as a whole', async () => {
    const shopId = await sales.newShop('old', ['d-1']);
    await sell(shopId, 1);
    await books.database.query('UPDATE journal_batch SET leaf_marks = NULL WHERE shop_id = $1', [
      shopId,
    ]);
    await sealed.seal(shopId);
    expect(await verified(shopId)).toMatchObject({ firstBad: null });
    const flip = `UPDATE accrual SET amounts[1] = amounts[1] + 1 WHERE shop_id = '${shopId}'`;
    expect(await sealed.foundAfter(shopId, flip)).toMatchObject({
      block: 1,
      table: 'journal_batch',
    });
  });

  it('R-EVO-1 says a day’s head once, with the first block of the next, and within the day when asked', async () => {
    const shopId = await sales.newShop('days', ['d-1']);
    await sell(shopId, 1);
    expect(await sealed.seal(shopId)).toEqual([]);
    await sell(shopId, 1);
    expect(await sealed.seal(shopId)).toEqual([]);
    sales.nextDay();
    await sell(shopId, 1);
    const [ended, ...more] = await sealed.seal(shopId);
    expect(more).toEqual([]);
    expect(ended).toMatchObject({ shopId, block: 2 });
    expect(await sealed.sayHead(shopId)).toMatchObject({ block: 3 });
    expect(await sealed.sayHead(shopId)).toBeNull();
    const said = await sales.said('ledger-head', shopId);
    expect(said.map(({ block }) => block)).toEqual([2, 3]);
    expect(said.map(({ day }) => day)).toEqual([ended?.day, said[1]?.day]);
    expect(said[0]?.day === said[1]?.day).toBe(false);
  });

  it('R-EVO-1 writes a head’s file that a process died before, and not another in its place', async () => {
    const shopId = await sales.newShop('died', ['d-1']);
    await sell(shopId, 1);
    await sealed.seal(shopId);
    await books.units.run((unit) => sealed.seals.sayHead(unit, shopId));
    expect(await sealed.files.read(shopId)).toEqual([]);
    const heads = await dayHeads(books.database, { shopId: null, days: 31 });
    await sealed.files.keepMissing(heads, await sealed.keys.all(books.database));
    const [file, ...others] = await sealed.files.read(shopId);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ shopId, block: 1, format: 'qingfen-head/1' });
    expect(await verified(shopId)).toMatchObject({ firstBad: null });
  });

  it('R-EVO-1 is verified from any block to the end, and in pieces', async () => {
    const shopId = await sales.newShop('long', ['d-1']);
    for (let block = 1; block <= 17; block += 1) {
      await sell(shopId, 1);
      await sealed.seal(shopId);
    }
    for (const from of [1, 2, 9, 16, 17]) {
      expect(await sealed.verifier().verify(shopId, from)).toMatchObject({
        blocks: 18 - from,
        firstBad: null,
      });
    }
    // In pieces, as the watch does it.
    const piece = await sealed.verifier().verify(shopId, 1, 1);
    expect(piece).toMatchObject({ blocks: 1, firstBad: null, nextBlock: 2 });
  });
});
