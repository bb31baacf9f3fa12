import { insertRows, type Tx } from '@qingfen/database';
import type { ReboundOrder } from './entry-book.js';
import { orderColumns, type OrderRow } from './order-fact.js';

/** Has the orders of a shop that were paid since an instant compared with its versions. */
export async function wantRebinding(tx: Tx, shopId: string, since: Date): Promise<void> {
  await tx.query(
    `INSERT INTO rebind_check AS c (shop_id, since) VALUES ($1, $2)
     ON CONFLICT (shop_id) DO UPDATE SET since = least(c.since, excluded.since)`,
    [shopId, since],
  );
}

/** Shops whose orders are still to be compared, theirs alone until this transaction ends. */
export async function shopsToRebind(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ shop_id: string }>(
    'SELECT shop_id FROM rebind_check ORDER BY shop_id LIMIT 100 FOR UPDATE SKIP LOCKED',
  );
  return rows.map((row) => row.shop_id);
}

/** How many shops wait for it. */
export async function rebindingsDue(tx: Pick<Tx, 'query'>): Promise<number> {
  const [row] = await tx.query<{ due: bigint }>('SELECT count(*) AS due FROM rebind_check');
  return Number(row?.due ?? 0n);
}

export async function rebindingDone(tx: Tx, shopIds: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM rebind_check WHERE shop_id = ANY($1)', [shopIds]);
}

export interface MisboundOrder extends OrderRow {
  readonly plan_version: number;
  /** The version that fits by its dates; null where none does. */
  readonly fitting: number | null;
}

/** Orders bound to a version that is not the one that fits by its dates; what operators bound stays. */
export async function claimMisbound(
  tx: Tx,
  shopIds: readonly string[],
  limit: number,
): Promise<MisboundOrder[]> {
  return tx.query<MisboundOrder>(
    `SELECT ${orderColumns}, plan_version, fitting
       FROM (SELECT o.*, (SELECT CASE WHEN v.currency = o.currency THEN v.version END
                            FROM plan_version v
                           WHERE v.shop_id = o.shop_id AND v.effective_from <= o.paid_at
                             AND v.withdrawn_at IS NULL
                           ORDER BY v.effective_from DESC, v.published_at DESC, v.version DESC LIMIT 1) AS fitting
               FROM rebind_check c
               JOIN completed_order o ON o.shop_id = c.shop_id AND o.paid_at >= c.since
              WHERE c.shop_id = ANY($1) AND o.plan_version IS NOT NULL AND o.bound_by IS NULL) o
      WHERE plan_version IS DISTINCT FROM fitting
      ORDER BY shop_id, order_id LIMIT $2`,
    [shopIds, limit],
  );
}

/** Notes of orders by which version they are bound from now on, and until when their window is open. */
export async function bindAnew(
  tx: Tx,
  orders: readonly {
    readonly shopId: string;
    readonly orderId: string;
    readonly version: number | null;
    readonly windowEndsAt: Date | null;
  }[],
): Promise<void> {
  // What they accrued is cancelled, so nothing of it waits for its window any more.
  await tx.query(
    `DELETE FROM awaited_window w
      USING unnest($1::text[], $2::text[]) AS b(shop_id, order_id), completed_order o
      WHERE o.shop_id = b.shop_id AND o.order_id = b.order_id
        AND w.shop_id = o.shop_id AND w.closes_at = o.window_ends_at AND w.order_id = o.order_id`,
    [orders.map(({ shopId }) => shopId), orders.map(({ orderId }) => orderId)],
  );
  await tx.query(
    `UPDATE completed_order o SET plan_version = b.version, window_ends_at = b.ends_at
       FROM unnest($1::text[], $2::text[], $3::integer[], $4::timestamptz[])
              AS b(shop_id, order_id, version, ends_at)
      WHERE o.shop_id = b.shop_id AND o.order_id = b.order_id`,
    [
      orders.map(({ shopId }) => shopId),
      orders.map(({ orderId }) => orderId),
      orders.map(({ version }) => version),
      orders.map(({ windowEndsAt }) => windowEndsAt),
    ],
  );
}

export async function insertRebindings(
  tx: Tx,
  rebound: readonly ReboundOrder[],
  booked: { readonly at: Date; readonly batchId: bigint },
): Promise<void> {
  await insertRows(tx, {
    table: 'order_rebinding',
    columns: {
      shop_id: 'text',
      order_id: 'text',
      batch_id: 'bigint',
      from_version: 'integer',
      to_version: 'integer',
      rebound_at: 'timestamptz',
    },
    rows: rebound.map(({ shopId, orderId, from, to }) => [
      shopId,
      orderId,
      booked.batchId,
      from,
      to,
      booked.at,
    ]),
  });
}
