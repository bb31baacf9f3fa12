import type { Database } from '@qingfen/database';
import type { SealedBatch } from './ledger-block.js';
import { sealedTables } from './leaf-mark.js';

type Asker = Pick<Database, 'query'>;

/** A batch with the marks of its facts; null of one that was booked before there were marks. */
export interface MarkedBatch extends SealedBatch {
  readonly marks: Buffer | null;
}

/** The batches of blocks, by block, in the order of their numbers. */
export async function batchesOfBlocks(
  database: Asker,
  at: { readonly shopId: string; readonly from: number; readonly to: number },
): Promise<ReadonlyMap<number, readonly MarkedBatch[]>> {
  const rows = await database.query<{
    block: bigint;
    batch_id: bigint;
    fact_count: number;
    booked_at: Date;
    root: Buffer;
    leaf_marks: Buffer | null;
  }>(
    `SELECT block, batch_id, fact_count, booked_at, root, leaf_marks FROM journal_batch
      WHERE shop_id = $1 AND block BETWEEN $2 AND $3 ORDER BY block, batch_id`,
    [at.shopId, at.from, at.to],
  );
  const byBlock = new Map<number, MarkedBatch[]>();
  for (const row of rows) {
    const batch = {
      batchId: row.batch_id,
      factCount: row.fact_count,
      bookedAt: row.booked_at,
      root: row.root,
      marks: row.leaf_marks,
    };
    const block = Number(row.block);
    const own = byBlock.get(block);
    if (own === undefined) byBlock.set(block, [batch]);
    else own.push(batch);
  }
  return byBlock;
}

/** A row that says it was booked with a batch that there is not. */
export interface StrayRow {
  readonly table: string;
  readonly key: string;
  readonly batchId: bigint;
}

const keys: Readonly<Record<string, string>> = {
  order_rebinding: `order_id || ' ' || batch_id`,
  accrual: 'block::text',
  single_entry: 'block::text',
  entry_adjustment: 'adjustment_id::text',
  settled_outside: 'entry_id::text',
  statement: 'statement_id',
  ledger_transaction: 'transaction_id::text',
};

const strayRowSql = sealedTables
  .map(
    ({ table }) => `(
      SELECT '${table}' AS table, ${keys[table] ?? ''} AS key, t.batch_id FROM ${table} t
       WHERE t.shop_id = $1 AND t.batch_id > $2 AND ($3::bigint IS NULL OR t.batch_id <= $3)
         AND NOT EXISTS (SELECT 1 FROM journal_batch b
                          WHERE b.shop_id = t.shop_id AND b.batch_id = t.batch_id)
       ORDER BY t.batch_id LIMIT 1)`,
  )
  .join(' UNION ALL ');

/** The first row above one batch's number, and up to another's (null: all), whose batch is not there. */
export async function firstStray(
  database: Asker,
  at: { readonly shopId: string; readonly above: bigint; readonly upTo: bigint | null },
): Promise<StrayRow | undefined> {
  const rows = await database.query<{ table: string; key: string; batch_id: bigint }>(
    `SELECT * FROM (${strayRowSql}) AS stray ORDER BY batch_id, key LIMIT 1`,
    [at.shopId, at.above, at.upTo],
  );
  const [row] = rows;
  return row && { table: row.table, key: row.key, batchId: row.batch_id };
}

/** The first batch that names a block which is not there. */
export async function firstBlockless(
  database: Asker,
  shopId: string,
): Promise<{ readonly batchId: bigint; readonly block: number } | undefined> {
  const [row] = await database.query<{ batch_id: bigint; block: bigint }>(
    `SELECT b.batch_id, b.block FROM journal_batch b
      WHERE b.shop_id = $1 AND b.block > coalesce(
        (SELECT max(l.block) FROM ledger_block l WHERE l.shop_id = $1), 0)
      ORDER BY b.block, b.batch_id LIMIT 1`,
    [shopId],
  );
  return row && { batchId: row.batch_id, block: Number(row.block) };
}
