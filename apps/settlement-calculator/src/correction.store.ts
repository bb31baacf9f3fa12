import { insertRows, type Tx } from '@qingfen/database';
import type { OrderKey } from './refund.store.js';

/** The entry of one party of one line, as accrued, and whether it is stated or settled outside. */
export interface PartyEntry {
  readonly shop_id: string;
  readonly order_id: string;
  readonly entry_id: bigint;
  readonly item_id: string;
  readonly kind: string;
  readonly level: number | null;
  readonly payee_id: string | null;
  readonly matures_at: Date;
  readonly is_stated: boolean;
  readonly is_open: boolean;
  /** What its rows come to. */
  readonly amount_minor: bigint;
}

/** The original entries of these orders; corrections, give-backs and adjustments are none. */
export async function partyEntriesOf(tx: Tx, keys: readonly OrderKey[]): Promise<PartyEntry[]> {
  return tx.query<PartyEntry>(
    `SELECT e.shop_id, e.order_id, e.entry_id, e.item_id, e.kind, e.level, e.payee_id, e.matures_at,
            EXISTS (SELECT 1 FROM statement_entry s
                     WHERE s.shop_id = e.shop_id AND s.order_id = e.order_id
                       AND s.entry_id = e.entry_id)
              OR EXISTS (SELECT 1 FROM settled_outside s
                     WHERE s.shop_id = e.shop_id AND s.order_id = e.order_id
                       AND s.entry_id = e.entry_id) AS is_stated,
            EXISTS (SELECT 1 FROM open_entry o
                     WHERE o.shop_id = e.shop_id AND o.kind = e.kind AND o.payee_id = e.payee_id
                       AND o.entry_id = e.entry_id) AS is_open,
            e.amount_minor + coalesce((SELECT sum(a.amount_minor) FROM entry_adjustment a
                     WHERE a.shop_id = e.shop_id AND a.order_id = e.order_id
                       AND a.entry_id = e.entry_id), 0)::bigint AS amount_minor
       FROM entry e
      WHERE e.cause = 'order'
        AND (e.shop_id, e.order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [keys.map(({ shopId }) => shopId), keys.map(({ orderId }) => orderId)],
  );
}

/** One row that changes an entry which is on no statement yet. */
export interface Adjustment {
  readonly entry: PartyEntry;
  readonly amountMinor: bigint;
  readonly cause: string;
  readonly causeId: string;
  readonly currency: string;
  readonly evidence: { readonly completedAt: Date; readonly closedFrom: Date };
  readonly correlationId: string;
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
      order_id: 'text',
      entry_id: 'bigint',
      amount_minor: 'bigint',
      cause: 'text',
      cause_id: 'text',
      booked_at: 'timestamptz',
      batch_id: 'bigint',
    },
    rows: adjustments.map(({ entry, amountMinor, cause, causeId }) => [
      entry.shop_id,
      entry.order_id,
      entry.entry_id,
      amountMinor,
      cause,
      causeId,
      booked.at,
      booked.batchId,
    ]),
  });
  for (const adjustment of adjustments) await moveOpenEntry(tx, adjustment);
}

/**
 * Keeps the open entry at what the rows come to: gone when that is nothing (the entry is cancelled),
 * back with the entry's own maturity when a reversal owes it again.
 */
async function moveOpenEntry(tx: Tx, adjustment: Adjustment): Promise<void> {
  const { entry, amountMinor } = adjustment;
  if (entry.payee_id === null) return;
  await tx.query(
    `INSERT INTO open_entry (shop_id, kind, payee_id, entry_id, order_id, currency, amount_minor,
                             matures_at, evidence_completed_at, evidence_closed_from,
                             correlation_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (shop_id, kind, payee_id, entry_id) DO UPDATE
       SET amount_minor = open_entry.amount_minor + excluded.amount_minor`,
    [
      entry.shop_id,
      entry.kind,
      entry.payee_id,
      entry.entry_id,
      entry.order_id,
      adjustment.currency,
      amountMinor,
      entry.matures_at,
      adjustment.evidence.completedAt,
      adjustment.evidence.closedFrom,
      adjustment.correlationId,
    ],
  );
  await tx.query(
    `DELETE FROM open_entry
      WHERE shop_id = $1 AND kind = $2 AND payee_id = $3 AND entry_id = $4 AND amount_minor = 0`,
    [entry.shop_id, entry.kind, entry.payee_id, entry.entry_id],
  );
}
