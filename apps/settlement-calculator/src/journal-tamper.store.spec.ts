import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { blocksFrom } from './block.store.js';
import { Books } from './books.fixture.js';
import { blockHash, noBlock } from './ledger-block.js';
import { completedBy, rootOfRange, type NodeOf } from './merkle-tree.js';
import { sealedTables } from './leaf-mark.js';
import { livedShop, SealedBooks } from './sealed-shop.fixture.js';

// Whoever may do anything to the database, done to each table that is sealed: reliability.md O9, F28.

let books: Books;
let sealed: SealedBooks;
let folder: string;
let shopId: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'qingfen-heads-'));
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sealed = new SealedBooks(books, folder);
  shopId = await livedShop(sealed, 'lived');
  await sealed.sayHead(shopId);
});
afterAll(async () => {
  await books.close();
  await rm(folder, { recursive: true, force: true });
});

interface Place {
  readonly block: bigint;
  readonly batch_id: bigint;
  readonly key: string;
}

const keys: Readonly<Record<string, string>> = {
  order_rebinding: `t.order_id || ' ' || t.batch_id`,
  accrual: 't.block::text',
  single_entry: 't.block::text',
  entry_adjustment: 't.adjustment_id::text',
  settled_outside: 't.entry_id::text',
  statement: 't.statement_id',
  ledger_transaction: 't.transaction_id::text',
};

/** Rows of a table that were booked with another of theirs, in the order in which they are verified. */
async function rowsOf(table: string, order: string): Promise<readonly Place[]> {
  return books.database.query<Place>(
    `SELECT b.block, b.batch_id, ${keys[table] ?? ''} AS key FROM ${table} t
       JOIN journal_batch b ON b.shop_id = t.shop_id AND b.batch_id = t.batch_id
      WHERE t.shop_id = $1 ORDER BY b.block, b.batch_id, ${order}`,
    [shopId],
  );
}

const orderOf: Readonly<Record<string, string>> = {
  order_rebinding: 't.place',
  accrual: 't.block',
  single_entry: 't.block',
  entry_adjustment: 't.adjustment_id',
  settled_outside: 't.place',
  statement: 't.place',
  ledger_transaction: 't.transaction_id',
};

/** A change of the row that is `t`: something that a thief would like. */
const flips: Readonly<Record<string, string>> = {
  order_rebinding: 'to_version = 7',
  accrual: 'amounts[1] = t.amounts[1] + 1',
  single_entry: 'amount_minor = t.amount_minor + 1',
  entry_adjustment: 'amount_minor = t.amount_minor + 1',
  settled_outside: 'amount_minor = t.amount_minor + 1',
  statement: 'net_minor = t.net_minor + 1',
  ledger_transaction: `cause_id = 'other'`,
};

/** What makes a copy of a row another row of the same batch. */
const copies: Readonly<Record<string, string>> = {
  order_rebinding: `order_id = 'forged'`,
  accrual: 'block = 900001',
  single_entry: 'block = 900001, cause_id = NULL',
  entry_adjustment: 'adjustment_id = 900001',
  settled_outside: 'entry_id = 900001',
  statement: `statement_id = 'st_forged', statement_no = 900001, period = 'forged'`,
  ledger_transaction: 'transaction_id = 900001',
};

const ofRow = (table: string, { key, batch_id: batchId }: Place): string =>
  `t.shop_id = '${shopId}' AND t.batch_id = ${batchId} AND ${keys[table] ?? ''} = '${key}'`;

function insertCopy(table: string, row: Place): string {
  const changes = (copies[table] ?? '').split(', ').map((change) => change.split(' = '));
  const fields = changes.map(([name, value]) => `'${name}', ${value}`).join(', ');
  return `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
          SELECT (jsonb_populate_record(t, jsonb_build_object(${fields}))).*
            FROM ${table} t WHERE ${ofRow(table, row)}`;
}

/** What seals a block a second later than it was, with every node, and all blocks behind it if wanted. */
async function resealed(from: number, andTheRest: boolean): Promise<string[]> {
  const blocks = await blocksFrom(books.database, { shopId, from: 1, limit: 100 });
  const nodes = new Map<string, Buffer>();
  const nodeAt: NodeOf = ({ level, place }) => nodes.get(`${level}/${place}`) ?? noBlock;
  const shop = `shop_id = '${shopId}'`;
  const bytes = (hash: Buffer): string => `'\\x${hash.toString('hex')}'`;
  const sql: string[] = [];
  let previous = noBlock;
  for (const block of blocks.slice(0, andTheRest ? blocks.length : from)) {
    const index = block.block - 1;
    const history = rootOfRange({ from: 0, to: index }, nodeAt);
    const isFirst = block.block === from;
    const sealedAt = isFirst ? new Date(block.sealedAt.getTime() + 1_000) : block.sealedAt;
    const hash = blockHash({ ...block, sealedAt, previous, history });
    for (const { level, place, hash: node } of completedBy(index, hash, nodeAt)) {
      nodes.set(`${level}/${place}`, node);
      const at = `level = ${level} AND place = ${place}`;
      sql.push(`UPDATE ledger_node SET hash = ${bytes(node)} WHERE ${shop} AND ${at}`);
    }
    sql.push(
      `UPDATE ledger_block SET sealed_at = '${sealedAt.toISOString()}', hash = ${bytes(hash)},
              previous = ${bytes(previous)}, history = ${bytes(history)}
        WHERE ${shop} AND block = ${block.block}`,
    );
    previous = hash;
  }
  return sql;
}

const tables = sealedTables.map(({ table }) => table);

describe('R-EVO-1 O9 F28 a journal in which somebody changed one row', () => {
  it('R-EVO-1 O9 nothing is found where nothing was changed, and every table has rows to change', async () => {
    const all = await sealed.verifier().verification(shopId, 1);
    expect(all).toMatchObject({ ok: true, firstBad: null, nextBlock: null });
    expect(all.blocks).toBeGreaterThan(4);
    expect(all.head?.block).toBe(all.blocks);
    for (const table of tables) {
      expect([table, (await rowsOf(table, orderOf[table] ?? '')).length > 1]).toEqual([
        table,
        true,
      ]);
    }
  });

  it.each(tables)('R-EVO-1 O9 names the row of %s that was flipped', async (table) => {
    for (const row of await rowsOf(table, orderOf[table] ?? '')) {
      const flip = `UPDATE ${table} t SET ${flips[table] ?? ''} WHERE ${ofRow(table, row)}`;
      expect(await sealed.foundAfter(shopId, flip)).toMatchObject({
        block: Number(row.block),
        table,
        key: row.key,
      });
    }
  });

  it.each(tables)('R-EVO-1 O9 names where the row of %s stood that was deleted', async (table) => {
    const rows = await rowsOf(table, orderOf[table] ?? '');
    for (const [index, row] of rows.entries()) {
      const gone = `DELETE FROM ${table} t WHERE ${ofRow(table, row)}`;
      const before = rows[index - 1];
      const stoodFirst = before?.batch_id !== row.batch_id;
      const found = await sealed.foundAfter(shopId, gone);
      expect(found).toMatchObject({ block: Number(row.block), table });
      const expected = stoodFirst ? 'the first of its batch' : `after ${before?.key}`;
      expect([row.key, expected]).toContain(found?.key);
    }
  });

  it.each(tables)('R-EVO-1 O9 names the row of %s that was inserted', async (table) => {
    const [row] = await rowsOf(table, orderOf[table] ?? '');
    if (row === undefined) throw new Error(`${table} is empty`);
    const found = await sealed.foundAfter(shopId, insertCopy(table, row));
    expect(found).toMatchObject({ block: Number(row.block), table });
    expect(found?.key).toMatch(/forged|900001/);
    // With a batch that there is not, or in another shop's place.
    const stray = await sealed.foundAfter(
      shopId,
      insertCopy(table, row),
      `UPDATE ${table} t SET batch_id = 800000 WHERE shop_id = '${shopId}'
          AND ${keys[table] ?? ''} ~ 'forged|900001'`,
    );
    expect(stray).toMatchObject({ table, why: expect.stringContaining('which there is not') });
  });

  it.each([
    ['accrual', 'block'],
    ['single_entry', 'block'],
    ['entry_adjustment', 'adjustment_id'],
    ['ledger_transaction', 'transaction_id'],
    ['statement', 'place'],
    ['settled_outside', 'place'],
    ['order_rebinding', 'place'],
  ])('R-EVO-1 O9 names the first of two rows of %s that changed places', async (table, place) => {
    const rows = await rowsOf(table, orderOf[table] ?? '');
    const at = rows.findIndex((row, index) => row.batch_id === rows[index + 1]?.batch_id);
    const [first, second] = [rows[at], rows[at + 1]];
    if (first === undefined || second === undefined) throw new Error('no two rows of one batch');
    const numberOf = async (row: Place): Promise<bigint> => {
      const [found] = await books.database.query<{ number: bigint }>(
        `SELECT t.${place} AS number FROM ${table} t WHERE ${ofRow(table, row)}`,
      );
      return found?.number ?? 0n;
    };
    const [one, two] = [await numberOf(first), await numberOf(second)];
    const number = (from: bigint, to: bigint): string =>
      `UPDATE ${table} SET ${place} = ${to} WHERE shop_id = '${shopId}' AND ${place} = ${from}`;
    // The database gives these numbers itself; whoever owns it has it leave off.
    const free = place === 'block' ? [] : [`ALTER TABLE ${table} ALTER ${place} DROP IDENTITY`];
    const swap = [number(one, -1n), number(two, one), number(-1n, two)];
    const found = await sealed.foundAfter(shopId, ...free, ...swap);
    expect(found).toMatchObject({ block: Number(first.block), table });
    expect([first.key, second.key]).toContain(found?.key);
  });

  it('R-EVO-1 O9 names a row that was moved to another batch where it is missed first', async () => {
    const rows = await rowsOf('single_entry', 't.block');
    const row = rows.at(-1);
    const [other] = await rowsOf('accrual', 't.block');
    if (row === undefined || other === undefined) throw new Error('there are no rows');
    const move = `UPDATE single_entry t SET batch_id = ${other.batch_id} WHERE ${ofRow('single_entry', row)}`;
    expect(await sealed.foundAfter(shopId, move)).toMatchObject({
      block: Number(other.block),
      table: 'single_entry',
      key: row.key,
    });
  });

  it('R-EVO-1 O9 what is not hashed follows from what is: names, instants, lines and payouts', async () => {
    const found = (sql: string): ReturnType<SealedBooks['foundAfter']> =>
      sealed.foundAfter(shopId, sql);
    const shop = `shop_id = '${shopId}'`;
    const [line] = await books.database.query<{ entry_id: bigint }>(
      `SELECT entry_id FROM statement_entry WHERE ${shop} ORDER BY statement_no, entry_id LIMIT 1`,
    );
    expect(
      await found(`UPDATE account SET name = 'payable:commission:thief'
                    WHERE ${shop} AND name = 'payable:commission:d-2'`),
    ).toMatchObject({ block: 1, table: 'accrual' });
    expect(
      await found(`UPDATE accrual SET booked_at = booked_at + interval '1 day' WHERE ${shop}`),
    ).toMatchObject({ block: 1, table: 'accrual' });
    const place = `array_position(entry_ids, ${line?.entry_id})`;
    const page = `${shop} AND ${line?.entry_id} = ANY (entry_ids)`;
    const grown = `UPDATE statement_page SET amounts[${place}] = amounts[${place}] + 1 WHERE ${page}`;
    expect(await found(grown)).toMatchObject({
      table: 'statement_entry',
      key: line?.entry_id.toString(),
    });
    expect(await found(`DELETE FROM statement_page WHERE ${page}`)).toMatchObject({
      table: 'statement_entry',
    });
    const dearer = `UPDATE payout SET amount_minor = amount_minor + 1 WHERE ${shop}`;
    expect(await found(dearer)).toMatchObject({ table: 'payout' });
    const kinder = `UPDATE statement SET kind = 'supplier' WHERE ${shop} AND kind = 'commission'`;
    expect(await found(kinder)).toMatchObject({ table: 'statement' });
  });
});

describe('R-EVO-1 O9 F28 a chain in which somebody changed a link', () => {
  const shop = (): string => `shop_id = '${shopId}'`;

  it.each([
    ['root', `root = decode(repeat('ab', 32), 'hex')`],
    ['previous hash', `previous = decode(repeat('ab', 32), 'hex')`],
    ['history', `history = decode(repeat('ab', 32), 'hex')`],
    ['hash', `hash = decode(repeat('ab', 32), 'hex')`],
    ['instant', `sealed_at = sealed_at + interval '1 second'`],
    ['count', 'fact_count = fact_count + 1'],
  ])('R-EVO-1 O9 names the block whose %s was changed', async (_, change) => {
    const sql = `UPDATE ledger_block SET ${change} WHERE ${shop()} AND block = 3`;
    expect(await sealed.foundAfter(shopId, sql)).toMatchObject({
      block: 3,
      table: 'ledger_block',
      key: '3',
    });
  });

  it('R-EVO-1 O9 names the batch whose row was changed, deleted or moved to another block', async () => {
    const batches = await books.database.query<{ batch_id: bigint; block: bigint }>(
      `SELECT batch_id, block FROM journal_batch WHERE ${shop()} ORDER BY block, batch_id`,
    );
    const counts = new Map<bigint, number>();
    for (const { block } of batches) counts.set(block, (counts.get(block) ?? 0) + 1);
    const batch = batches.find(({ block }) => (counts.get(block) ?? 0) > 1);
    if (batch === undefined) throw new Error('no block has two batches');
    const one = `${shop()} AND batch_id = ${batch.batch_id}`;
    const bad = { block: Number(batch.block), table: 'journal_batch' };
    const key = batch.batch_id.toString();
    for (const change of [
      `root = decode(repeat('ab', 32), 'hex')`,
      `booked_at = booked_at + interval '1 second'`,
      'fact_count = fact_count + 1',
    ]) {
      const sql = `UPDATE journal_batch SET ${change} WHERE ${one}`;
      expect(await sealed.foundAfter(shopId, sql)).toMatchObject({ ...bad, key });
    }
    const gone = `DELETE FROM journal_batch WHERE ${one}`;
    expect(await sealed.foundAfter(shopId, gone)).toMatchObject(bad);
    const moved = `UPDATE journal_batch SET block = block + 1 WHERE ${one}`;
    expect(await sealed.foundAfter(shopId, moved)).toMatchObject(bad);
  });

  it('R-EVO-1 O9 finds rows that were changed together with their marks, and says so', async () => {
    const [row] = await rowsOf('single_entry', 't.block');
    if (row === undefined) throw new Error('there are no single entries');
    const flip = `UPDATE single_entry t SET amount_minor = 1 WHERE ${ofRow('single_entry', row)}`;
    const unmarked = `UPDATE journal_batch SET leaf_marks = NULL WHERE ${shop()} AND batch_id = ${row.batch_id}`;
    expect(await sealed.foundAfter(shopId, flip, unmarked)).toMatchObject({
      block: Number(row.block),
      table: 'journal_batch',
      key: row.batch_id.toString(),
    });
  });

  it('R-EVO-1 O9 names a block that is gone, and a node that is not its blocks', async () => {
    const gone = `DELETE FROM ledger_block WHERE ${shop()} AND block = 2`;
    const bad = { block: 2, table: 'ledger_block', key: '2' };
    expect(await sealed.foundAfter(shopId, gone)).toMatchObject(bad);
    const node = `UPDATE ledger_node SET hash = decode(repeat('ab', 32), 'hex')
                   WHERE ${shop()} AND level = 1 AND place = 0`;
    expect(await sealed.foundAfter(shopId, node)).toMatchObject({
      block: 2,
      table: 'ledger_node',
      key: '1/0',
    });
  });

  it('F28 O9 a tail that was cut off with all of its rows is found through the heads that were said', async () => {
    const [last] = await books.database.query<{ block: bigint }>(
      `SELECT max(block) AS block FROM ledger_block WHERE ${shop()}`,
    );
    const tail = Number(last?.block ?? 0n);
    const facts = tables.map(
      (table) => `DELETE FROM ${table} WHERE ${shop()} AND batch_id IN (
        SELECT batch_id FROM journal_batch WHERE ${shop()} AND block = ${tail})`,
    );
    const links = [
      `DELETE FROM journal_batch WHERE ${shop()} AND block = ${tail}`,
      `DELETE FROM ledger_block WHERE ${shop()} AND block = ${tail}`,
      `DELETE FROM ledger_node WHERE ${shop()} AND place = (${tail} - 1) >> level`,
    ];
    const bad = { block: tail, table: 'ledger_block', key: tail.toString() };
    const [block] = links.slice(1, 2);
    expect(await sealed.foundAfter(shopId, block ?? '')).toMatchObject(bad);
    expect(await sealed.foundAfter(shopId, ...facts, ...links)).toMatchObject(bad);
    // The head's row as well: now the file alone knows, and who has no file is deceived.
    const heads = `DELETE FROM ledger_head WHERE ${shop()} AND block = ${tail}`;
    const all = [...facts, ...links, heads];
    expect(await sealed.foundAfter(shopId, ...all)).toMatchObject(bad);
    const withoutFiles = new SealedBooks(books);
    expect(
      await withoutFiles.foundAfter(shopId, `DELETE FROM ledger_head WHERE ${shop()}`),
    ).toBeNull();
    expect(
      await withoutFiles.foundAfter(shopId, ...all, `DELETE FROM ledger_head WHERE ${shop()}`),
    ).toBeNull();
  });

  it('F28 O9 whoever seals a block anew is found by the next one, and whoever seals all by the head', async () => {
    const one = await resealed(3, false);
    expect(await sealed.foundAfter(shopId, ...one)).toMatchObject({
      block: 3,
      table: 'ledger_block',
      why: expect.stringContaining('sealed anew'),
    });
    const [head] = await books.database.query<{ block: bigint; day: string }>(
      `SELECT block, day::text AS day FROM ledger_head WHERE ${shop()} AND block >= 3 ORDER BY block`,
    );
    const all = await resealed(3, true);
    expect(await sealed.foundAfter(shopId, ...all)).toMatchObject({
      block: Number(head?.block),
      table: 'ledger_block',
      why: expect.stringContaining(`signed as the head of ${head?.day}`),
    });
  });

  it('R-EVO-1 O9 a head that somebody else signed is none', async () => {
    const forged = `UPDATE ledger_head SET signature = decode(repeat('ab', 64), 'hex') WHERE ${shop()}`;
    expect(await sealed.foundAfter(shopId, forged)).toMatchObject({ table: 'ledger_head' });
  });

  it('R-EVO-1 the heads of each day are files that anybody can read', async () => {
    const heads = await sealed.files.read(shopId);
    expect(heads.length).toBeGreaterThan(1);
    const text = await readFile(path.join(folder, shopId, '2026-01-01.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      format: 'qingfen-head/1',
      shopId,
      day: '2026-01-01',
      keyId: 'settlement-calculator-1',
    });
  });
});
