import { insertRows, type Tx } from '@qingfen/database';
import type { LedgerBlock, SealedBatch } from './ledger-block.js';
import type { NodeOf, NodePlace } from './merkle-tree.js';

/** Shops with batches that stand in no block yet; not more than so many at once. */
export async function unsealedShops(tx: Pick<Tx, 'query'>, limit: number): Promise<string[]> {
  const rows = await tx.query<{ shop_id: string }>(
    'SELECT DISTINCT shop_id FROM journal_batch WHERE block IS NULL ORDER BY shop_id LIMIT $1',
    [limit],
  );
  return rows.map((row) => row.shop_id);
}

/** Has a shop's seal to itself until this transaction ends; false where somebody else has it. */
export async function takeSeal(tx: Tx, shopId: string): Promise<boolean> {
  const [row] = await tx.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken',
    [`seal ${shopId}`],
  );
  return row?.taken === true;
}

interface BatchRow {
  readonly batch_id: bigint;
  readonly fact_count: number;
  readonly booked_at: Date;
  readonly root: Buffer;
}

/** Committed batches in no block, in the order of their numbers. */
export async function unsealedBatches(
  tx: Tx,
  shopId: string,
  limit: number,
): Promise<SealedBatch[]> {
  const rows = await tx.prepared<BatchRow>(
    'unsealed-batches',
    `SELECT batch_id, fact_count, booked_at, root FROM journal_batch
      WHERE shop_id = $1 AND block IS NULL ORDER BY batch_id LIMIT $2`,
    [shopId, limit],
  );
  return rows.map(batchOf);
}

export function batchOf(row: BatchRow): SealedBatch {
  return {
    batchId: row.batch_id,
    factCount: row.fact_count,
    bookedAt: row.booked_at,
    root: row.root,
  };
}

const blockColumns = `shop_id, block, batch_count, fact_count, last_batch, sealed_at, root, previous,
  history, hash, batch_marks`;

interface BlockRow {
  readonly shop_id: string;
  readonly block: bigint;
  readonly batch_count: number;
  readonly fact_count: number;
  readonly last_batch: bigint;
  readonly sealed_at: Date;
  readonly root: Buffer;
  readonly previous: Buffer;
  readonly history: Buffer;
  readonly hash: Buffer;
  readonly batch_marks: Buffer;
}

/** A block as it is kept: with marks that say which of its batches is not what was sealed. */
export interface KeptBlock extends LedgerBlock {
  readonly batchMarks: Buffer;
}

function blockOf(row: BlockRow): KeptBlock {
  return {
    shopId: row.shop_id,
    block: Number(row.block),
    batchCount: row.batch_count,
    factCount: row.fact_count,
    lastBatch: row.last_batch,
    sealedAt: row.sealed_at,
    root: row.root,
    previous: row.previous,
    history: row.history,
    hash: row.hash,
    batchMarks: row.batch_marks,
  };
}

/** A shop's last block; undefined before the first. */
export async function lastBlock(
  tx: Pick<Tx, 'query'>,
  shopId: string,
): Promise<KeptBlock | undefined> {
  const [row] = await tx.query<BlockRow>(
    `SELECT ${blockColumns} FROM ledger_block WHERE shop_id = $1 ORDER BY block DESC LIMIT 1`,
    [shopId],
  );
  return row === undefined ? undefined : blockOf(row);
}

/** Blocks from a number on, in order. */
export async function blocksFrom(
  tx: Pick<Tx, 'query'>,
  at: { readonly shopId: string; readonly from: number; readonly limit: number },
): Promise<KeptBlock[]> {
  const rows = await tx.query<BlockRow>(
    `SELECT ${blockColumns} FROM ledger_block
      WHERE shop_id = $1 AND block >= $2 ORDER BY block LIMIT $3`,
    [at.shopId, at.from, at.limit],
  );
  return rows.map(blockOf);
}

/** Appends a block with its nodes and notes it in its batches and in the shop's tip. */
export async function insertBlock(
  tx: Tx,
  block: KeptBlock,
  sealed: {
    readonly batchIds: readonly bigint[];
    readonly nodes: readonly (NodePlace & { readonly hash: Buffer })[];
  },
): Promise<void> {
  const { shopId } = block;
  await tx.prepared(
    'insert-ledger-block',
    `INSERT INTO ledger_block (${blockColumns})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      shopId,
      block.block,
      block.batchCount,
      block.factCount,
      block.lastBatch,
      block.sealedAt,
      block.root,
      block.previous,
      block.history,
      block.hash,
      block.batchMarks,
    ],
  );
  await insertRows(tx, {
    table: 'ledger_node',
    columns: { shop_id: 'text', level: 'smallint', place: 'bigint', hash: 'bytea' },
    rows: sealed.nodes.map(({ level, place, hash }) => [shopId, level, place, hash]),
  });
  await tx.prepared(
    'note-block-in-batches',
    `UPDATE journal_batch SET block = $2
      WHERE shop_id = $1 AND batch_id = ANY ($3::bigint[]) AND block IS NULL`,
    [shopId, block.block, sealed.batchIds],
  );
  await tx.prepared(
    'note-ledger-tip',
    `INSERT INTO ledger_tip (shop_id, block) VALUES ($1, $2)
     ON CONFLICT (shop_id) DO UPDATE SET block = excluded.block`,
    [shopId, block.block],
  );
}

/** Complete nodes of a shop's tree. @throws Error, when asked for one that is not there */
export async function nodesAt(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  places: readonly NodePlace[],
): Promise<NodeOf> {
  const rows = await tx.query<{ level: number; place: bigint; hash: Buffer }>(
    `SELECT n.level, n.place, n.hash
       FROM unnest($2::smallint[], $3::bigint[]) AS w(level, place)
       JOIN ledger_node n ON n.shop_id = $1 AND n.level = w.level AND n.place = w.place`,
    [shopId, places.map(({ level }) => level), places.map(({ place }) => place)],
  );
  const found = new Map(rows.map((row) => [`${row.level}/${row.place}`, row.hash]));
  return ({ level, place }) => {
    const node = found.get(`${level}/${place}`);
    if (node === undefined) throw new Error(`node ${level}/${place} of ${shopId} is not kept`);
    return node;
  };
}
