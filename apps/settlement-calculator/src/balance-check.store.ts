import type { Tx } from '@qingfen/database';

/** How far the watch over a shop's ledger has come. */
export interface Watch {
  readonly shopId: string;
  readonly foldedBlock: number;
  readonly nextAccountNo: bigint;
  readonly nextBlock: number;
}

/** Shops that have blocks and were never watched begin to be. */
export async function beginWatches(tx: Pick<Tx, 'query'>): Promise<void> {
  await tx.query(
    `INSERT INTO ledger_watch (shop_id)
     SELECT shop_id FROM ledger_tip t
      WHERE NOT EXISTS (SELECT 1 FROM ledger_watch w WHERE w.shop_id = t.shop_id)
     ON CONFLICT DO NOTHING`,
  );
}

/** The shop that nobody has looked at for longest, this transaction's alone; undefined: none is free. */
export async function takeWatch(tx: Tx): Promise<Watch | undefined> {
  const [row] = await tx.query<{
    shop_id: string;
    folded_block: bigint;
    next_account_no: bigint;
    next_block: bigint;
  }>(
    `SELECT shop_id, folded_block, next_account_no, next_block FROM ledger_watch
      ORDER BY looked_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return (
    row && {
      shopId: row.shop_id,
      foldedBlock: Number(row.folded_block),
      nextAccountNo: row.next_account_no,
      nextBlock: Number(row.next_block),
    }
  );
}

export async function keepWatch(tx: Tx, watch: Watch): Promise<void> {
  await tx.query(
    `UPDATE ledger_watch SET folded_block = $2, next_account_no = $3, next_block = $4,
                             looked_at = clock_timestamp()
      WHERE shop_id = $1`,
    [watch.shopId, watch.foldedBlock, watch.nextAccountNo, watch.nextBlock],
  );
}

/**
 * Adds the next blocks to the snapshot, whole ones until their facts come to so many.
 * @returns the last block that is in it now
 */
export async function foldBalances(tx: Tx, watch: Watch, factsMax: number): Promise<number> {
  const { shopId, foldedBlock } = watch;
  const blocks = await tx.query<{ block: bigint }>(
    `SELECT block FROM (
       SELECT block, sum(fact_count) OVER (ORDER BY block) - fact_count AS before
         FROM (SELECT block, fact_count FROM ledger_block
                WHERE shop_id = $1 AND block > $2 ORDER BY block LIMIT 1000) b) b
      WHERE before < $3 ORDER BY block`,
    [shopId, foldedBlock, factsMax],
  );
  const to = blocks.at(-1)?.block;
  if (to === undefined) return foldedBlock;
  const batches = await tx.query<{ batch_id: bigint }>(
    'SELECT batch_id FROM journal_batch WHERE shop_id = $1 AND block > $2 AND block <= $3',
    [shopId, foldedBlock, to],
  );
  const batchIds = batches.map((row) => row.batch_id);
  await tx.query(
    `INSERT INTO account_balance AS b (shop_id, account_no, debit_minor, credit_minor, owed_minor)
     SELECT $1, account_no, sum(debit_minor), sum(credit_minor), sum(owed_minor)
       FROM account_movement
      WHERE shop_id = $1 AND batch_id BETWEEN $2 AND $3 AND batch_id = ANY ($4::bigint[])
      GROUP BY account_no ORDER BY account_no
     ON CONFLICT (shop_id, account_no) DO UPDATE
       SET debit_minor = b.debit_minor + excluded.debit_minor,
           credit_minor = b.credit_minor + excluded.credit_minor,
           owed_minor = b.owed_minor + excluded.owed_minor`,
    [shopId, least(batchIds), greatest(batchIds), batchIds],
  );
  await tx.query(
    `UPDATE ledger_watch SET folded_until = greatest(folded_until, (
       SELECT max(booked_at) FROM ledger_transaction
        WHERE shop_id = $1 AND batch_id BETWEEN $2 AND $3 AND batch_id = ANY ($4::bigint[])))
      WHERE shop_id = $1`,
    [shopId, least(batchIds), greatest(batchIds), batchIds],
  );
  return Number(to);
}

const least = (ids: readonly bigint[]): bigint => ids.reduce((a, b) => (a < b ? a : b));
const greatest = (ids: readonly bigint[]): bigint => ids.reduce((a, b) => (a > b ? a : b));

/** Currencies in which the snapshot's debits are not its credits: somebody changed it. */
export async function lopsidedCurrencies(
  tx: Pick<Tx, 'query'>,
  shopId: string,
): Promise<{ readonly currency: string; readonly debit: bigint; readonly credit: bigint }[]> {
  return tx.query(
    `SELECT c.currency, sum(b.debit_minor)::bigint AS debit, sum(b.credit_minor)::bigint AS credit
       FROM account_balance b JOIN account c ON c.shop_id = $1 AND c.account_no = b.account_no
      WHERE b.shop_id = $1 GROUP BY 1 HAVING sum(b.debit_minor) <> sum(b.credit_minor) ORDER BY 1`,
    [shopId],
  );
}

/** How many facts have committed and are not in the snapshot. */
export async function factsSince(tx: Pick<Tx, 'query'>, watch: Watch): Promise<number> {
  const [row] = await tx.query<{ facts: bigint }>(
    `SELECT coalesce(sum(fact_count), 0)::bigint AS facts FROM journal_batch
      WHERE shop_id = $1 AND (block IS NULL OR block > $2)`,
    [watch.shopId, watch.foldedBlock],
  );
  return Number(row?.facts ?? 0n);
}

/** An account as it was posted, as its entries add up, and as what is kept of it says. */
export interface ComparedAccount {
  readonly account_no: bigint;
  readonly currency: string;
  readonly label: string;
  /** Debit − credit. */
  readonly posted_minor: bigint;
  /** What postings must come to by the facts that they follow; null: nothing says. */
  readonly owed_minor: bigint | null;
  /** What is kept of it beside the facts: what is unstated, payouts under way; null: nothing is. */
  readonly stored_minor: bigint | null;
}

/**
 * The next accounts behind a number: the snapshot and everything since, in one look at the database, so
 * that what commits meanwhile is in all of it or in none.
 */
export async function compareAccounts(
  tx: Pick<Tx, 'query'>,
  watch: Watch,
  limit: number,
): Promise<ComparedAccount[]> {
  return tx.query<ComparedAccount>(compareSql, [
    watch.shopId,
    watch.foldedBlock,
    watch.nextAccountNo,
    limit,
  ]);
}

const compareSql = `
WITH fresh AS MATERIALIZED (
  SELECT batch_id FROM journal_batch WHERE shop_id = $1 AND (block IS NULL OR block > $2)
), moved AS MATERIALIZED (
  SELECT m.account_no, sum(m.debit_minor - m.credit_minor) AS posted_minor,
         sum(m.owed_minor) AS owed_minor
    FROM account_movement m
   WHERE m.shop_id = $1 AND m.batch_id >= (SELECT min(batch_id) FROM fresh)
     AND m.batch_id IN (SELECT batch_id FROM fresh)
   GROUP BY 1
), compared AS MATERIALIZED (
  SELECT account_no, currency, name, label, kind FROM account
   WHERE shop_id = $1 AND account_no > $3 ORDER BY account_no LIMIT $4
)
SELECT a.account_no, a.currency, a.label,
       (coalesce(b.debit_minor - b.credit_minor, 0) + coalesce(m.posted_minor, 0))::bigint
         AS posted_minor,
       CASE WHEN a.kind IS NOT NULL OR a.name = 'revenue:platform-fee'
            THEN (coalesce(b.owed_minor, 0) + coalesce(m.owed_minor, 0))::bigint END AS owed_minor,
       CASE WHEN a.kind IS NOT NULL THEN coalesce((
              SELECT sum(u.amount_minor) FROM unstated u
               WHERE u.shop_id = $1 AND u.account_no = a.account_no), 0)::bigint
            WHEN a.name = 'payable:tax' THEN coalesce((
              SELECT sum(p.withheld_minor - p.withheld_back_minor) FROM payout p
               WHERE p.shop_id = $1 AND p.currency = a.currency AND p.withheld_minor > 0), 0)::bigint
              - coalesce((SELECT sum(x.amount_minor) FROM tax_payment x
                           WHERE x.shop_id = $1 AND x.currency = a.currency), 0)::bigint
            WHEN a.name = 'payout-in-transit' THEN coalesce((
              SELECT sum(p.amount_minor) FROM payout p
               WHERE p.shop_id = $1 AND p.currency = a.currency AND p.status IS NULL), 0)::bigint
            END AS stored_minor
  FROM compared a
  LEFT JOIN account_balance b ON b.shop_id = $1 AND b.account_no = a.account_no
  LEFT JOIN moved m ON m.account_no = a.account_no
 ORDER BY a.account_no`;
