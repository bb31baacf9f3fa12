import type { Tx } from '@qingfen/database';

/** Why an order's money waits; several reasons, and several of one, are counted by their keys. */
export interface OrderHold {
  readonly shopId: string;
  readonly orderId: string;
  readonly reason: 'dispute' | 'refund-refused' | 'operator';
  readonly key: string;
  readonly at: Date;
}

/** One that was released is opened again: a refund that is refused once more holds its order once more. */
export async function holdOrder(tx: Tx, hold: OrderHold): Promise<void> {
  await tx.query(
    `INSERT INTO hold (shop_id, subject_type, subject_id, reason, hold_key, opened_at)
     VALUES ($1, 'order', $2, $3, $4, $5)
     ON CONFLICT (shop_id, subject_type, subject_id, reason, hold_key) DO UPDATE
       SET opened_at = excluded.opened_at, released_at = NULL
     WHERE hold.released_at IS NOT NULL`,
    [hold.shopId, hold.orderId, hold.reason, hold.key, hold.at],
  );
}

export async function releaseOrder(tx: Tx, hold: OrderHold): Promise<void> {
  await tx.query(
    `UPDATE hold SET released_at = $5
      WHERE shop_id = $1 AND subject_type = 'order' AND subject_id = $2 AND reason = $3
        AND hold_key = $4 AND released_at IS NULL`,
    [hold.shopId, hold.orderId, hold.reason, hold.key, hold.at],
  );
}

/** Holds one entry for an operator to look at; `key` says why, and holding twice is once. */
export async function holdEntry(
  tx: Tx,
  hold: {
    readonly shopId: string;
    readonly entryId: bigint;
    readonly key: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO hold (shop_id, subject_type, subject_id, reason, hold_key, opened_at)
     VALUES ($1, 'entry', $2, 'operator', $3, $4) ON CONFLICT DO NOTHING`,
    [hold.shopId, hold.entryId.toString(), hold.key, hold.at],
  );
}

/** Whether any of an order's entries is on a statement. */
export async function isStated(tx: Tx, shopId: string, orderId: string): Promise<boolean> {
  const [row] = await tx.query<{ stated: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM entry e
                     CROSS JOIN LATERAL stated_entry(e.shop_id, e.account_no, e.entry_id)
                     WHERE e.shop_id = $1 AND e.order_id = $2) AS stated`,
    [shopId, orderId],
  );
  return row?.stated === true;
}

/** Whether a dispute of the order is open. */
export async function isDisputed(tx: Tx, shopId: string, orderId: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM hold WHERE shop_id = $1 AND subject_type = 'order' AND subject_id = $2
        AND reason = 'dispute' AND released_at IS NULL LIMIT 1`,
    [shopId, orderId],
  );
  return rows.length > 0;
}

export interface DisputeRow {
  readonly opened_at: Date | null;
  readonly reason: string | null;
  readonly resolved_at: Date | null;
}

/**
 * Keeps what is told of a dispute; what was told of it first stands.
 *
 * Its opening and its resolution may be told at the same moment, on two partitions: the row that is
 * returned, and locked from here on, is what decides.
 */
export async function keepDispute(
  tx: Tx,
  dispute: { readonly shopId: string; readonly orderId: string; readonly disputeId: string },
  change: {
    readonly openedAt: Date | null;
    readonly reason: string | null;
    readonly resolvedAt: Date | null;
  },
): Promise<DisputeRow> {
  const [row] = await tx.query<DisputeRow>(
    `INSERT INTO dispute (shop_id, order_id, dispute_id, opened_at, reason, resolved_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (shop_id, order_id, dispute_id) DO UPDATE
       SET opened_at = coalesce(dispute.opened_at, excluded.opened_at),
           reason = coalesce(dispute.reason, excluded.reason),
           resolved_at = coalesce(dispute.resolved_at, excluded.resolved_at)
     RETURNING opened_at, reason, resolved_at`,
    [
      dispute.shopId,
      dispute.orderId,
      dispute.disputeId,
      change.openedAt,
      change.reason,
      change.resolvedAt,
    ],
  );
  if (row === undefined) throw new Error('a row that was written is returned');
  return row;
}
