import type { Tx } from '@qingfen/database';
import type { DayHead } from './ledger-block.js';

/** A day's last block so far, signed and said. */
export interface SignedHead extends DayHead {
  readonly signature: Buffer;
  readonly keyId: string;
}

interface HeadRow {
  readonly shop_id: string;
  readonly day: string;
  readonly block: bigint;
  readonly hash: Buffer;
  readonly signature: Buffer;
  readonly key_id: string;
}

const columns = 'shop_id, day, block, hash, signature, key_id';

function headOf(row: HeadRow): SignedHead {
  return {
    shopId: row.shop_id,
    day: row.day,
    block: Number(row.block),
    hash: row.hash,
    signature: row.signature,
    keyId: row.key_id,
  };
}

/** Shops whose last block is not said yet, and which were silent for so many real seconds. */
export async function unheadedShops(
  tx: Pick<Tx, 'query'>,
  options: { readonly silentSeconds: number; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.query<{ shop_id: string }>(
    `SELECT shop_id FROM ledger_tip
      WHERE headed_block < block AND headed_at <= clock_timestamp() - make_interval(secs => $1)
      ORDER BY headed_at LIMIT $2`,
    [options.silentSeconds, options.limit],
  );
  return rows.map((row) => row.shop_id);
}

/** Up to which block a shop's heads were said; 0 for none. */
export async function headedBlock(tx: Tx, shopId: string): Promise<number> {
  const [row] = await tx.query<{ headed_block: bigint }>(
    'SELECT headed_block FROM ledger_tip WHERE shop_id = $1',
    [shopId],
  );
  return Number(row?.headed_block ?? 0n);
}

export async function insertHead(tx: Tx, head: SignedHead): Promise<void> {
  await tx.query(`INSERT INTO ledger_head (${columns}) VALUES ($1, $2, $3, $4, $5, $6)`, [
    head.shopId,
    head.day,
    head.block,
    head.hash,
    head.signature,
    head.keyId,
  ]);
  await tx.query(
    `UPDATE ledger_tip SET headed_block = $2, headed_at = clock_timestamp() WHERE shop_id = $1`,
    [head.shopId, head.block],
  );
}

/** Heads from one block to another, both included. */
export async function headsBetween(
  tx: Pick<Tx, 'query'>,
  at: { readonly shopId: string; readonly from: number; readonly to: number | null },
): Promise<SignedHead[]> {
  const rows = await tx.query<HeadRow>(
    `SELECT ${columns} FROM ledger_head
      WHERE shop_id = $1 AND block >= $2 AND ($3::bigint IS NULL OR block <= $3)
      ORDER BY block LIMIT 100000`,
    [at.shopId, at.from, at.to],
  );
  return rows.map(headOf);
}

/** The first head that was said of this block or a later one; undefined while there is none. */
export async function headAfter(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  block: number,
): Promise<SignedHead | undefined> {
  const [row] = await tx.query<HeadRow>(
    `SELECT ${columns} FROM ledger_head WHERE shop_id = $1 AND block >= $2 ORDER BY block LIMIT 1`,
    [shopId, block],
  );
  return row === undefined ? undefined : headOf(row);
}

/** The last head of each day, newest day first. */
export async function dayHeads(
  tx: Pick<Tx, 'query'>,
  options: { readonly shopId: string | null; readonly days: number },
): Promise<SignedHead[]> {
  const rows = await tx.query<HeadRow>(
    `SELECT DISTINCT ON (shop_id, day) ${columns} FROM ledger_head
      WHERE ($1::text IS NULL OR shop_id = $1) AND day > (
        SELECT max(day) FROM ledger_head WHERE $1::text IS NULL OR shop_id = $1) - $2::integer
      ORDER BY shop_id, day DESC, block DESC LIMIT 100000`,
    [options.shopId, options.days],
  );
  return rows.map(headOf);
}

/** A day's last head; undefined where nothing was sealed on it. */
export async function headOfDay(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  day: string,
): Promise<SignedHead | undefined> {
  const [row] = await tx.query<HeadRow>(
    `SELECT ${columns} FROM ledger_head
      WHERE shop_id = $1 AND day = $2::date ORDER BY block DESC LIMIT 1`,
    [shopId, day],
  );
  return row === undefined ? undefined : headOf(row);
}
