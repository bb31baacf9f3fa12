import { insertRows, type Tx } from '@qingfen/database';
import type { OrderKey } from './refund.store.js';

/** The entry of one party of one line, as accrued, and whether it is stated or settled outside. */
export interface PartyEntry {
  readonly shop_id: string;
  readonly order_id: string;
  readonly entry_id: bigint;
  readonly account_no: bigint;
  readonly item_id: string;
  readonly kind: string;
  readonly level: number | null;
  readonly payee_id: string | null;
  readonly matures_at: Date;
  readonly plan_version: number;
  readonly is_stated: boolean;
}

/**
 * The original entries of these orders; corrections, give-backs and adjustments are none. OFFSET 0 has
 * each order's looked up: without it the planner reads all entries there are and joins them.
 */
export async function partyEntriesOf(tx: Tx, keys: readonly OrderKey[]): Promise<PartyEntry[]> {
  return tx.query<PartyEntry>(
    `SELECT e.shop_id, e.order_id, e.entry_id, e.account_no, e.item_id, e.kind, e.level, e.payee_id,
            e.matures_at, e.plan_version,
            EXISTS (SELECT 1 FROM stated_entry(e.shop_id, e.account_no, e.entry_id))
              OR EXISTS (SELECT 1 FROM settled_outside s
                          WHERE s.shop_id = e.shop_id AND s.account_no = e.account_no
                            AND s.entry_id = e.entry_id) AS is_stated
       FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS k(shop_id, order_id)
      CROSS JOIN LATERAL (SELECT * FROM entry e
                           WHERE e.shop_id = k.shop_id AND e.order_id = k.order_id
                             AND e.cause = 'order' OFFSET 0) e
      ORDER BY e.shop_id, e.order_id, e.entry_id`,
    [keys.map(({ shopId }) => shopId), keys.map(({ orderId }) => orderId)],
  );
}

/** One row that changes an entry which is on no statement yet. */
export interface Adjustment {
  readonly entry: PartyEntry;
  readonly amountMinor: bigint;
  readonly cause: string;
  readonly causeId: string;
}

export async function insertAdjustments(
  tx: Tx,
  adjustments: readonly Adjustment[],
  booked: { readonly at: Date; readonly batchId: bigint },
): Promise<void> {
  await insertRows(tx, {
    table: 'entry_adjustment',
    columns: {
      shop_id: 'text',
      entry_id: 'bigint',
      amount_minor: 'bigint',
      cause: 'text',
      cause_id: 'text',
      booked_at: 'timestamptz',
      batch_id: 'bigint',
    },
    rows: adjustments.map(({ entry, amountMinor, cause, causeId }) => [
      entry.shop_id,
      entry.entry_id,
      amountMinor,
      cause,
      causeId,
      booked.at,
      booked.batchId,
    ]),
  });
  for (const adjustment of adjustments) await moveUnstated(tx, adjustment);
}

/**
 * Keeps what is unstated of the entry at what its rows come to: gone when that is nothing (the entry is
 * cancelled), back with the entry's own maturity when a reversal owes it again.
 */
async function moveUnstated(tx: Tx, { entry, amountMinor }: Adjustment): Promise<void> {
  if (entry.payee_id === null) return;
  await tx.query(
    `MERGE INTO unstated u
     USING (VALUES ($1::text, $2::bigint, $3::bigint, $4::bigint, $5::timestamptz))
             AS d(shop_id, account_no, entry_id, amount_minor, matures_at)
        ON u.shop_id = d.shop_id AND u.account_no = d.account_no AND u.entry_id = d.entry_id
      WHEN MATCHED AND u.amount_minor + d.amount_minor = 0 THEN DELETE
      WHEN MATCHED THEN UPDATE SET amount_minor = u.amount_minor + d.amount_minor
      WHEN NOT MATCHED THEN INSERT (shop_id, account_no, entry_id, amount_minor, matures_at)
           VALUES (d.shop_id, d.account_no, d.entry_id, d.amount_minor, d.matures_at)`,
    [entry.shop_id, entry.account_no, entry.entry_id, amountMinor, entry.matures_at],
  );
}
