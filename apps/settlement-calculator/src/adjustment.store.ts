import type { Tx } from '@qingfen/database';

export interface AdjustmentRow {
  readonly shop_id: string;
  readonly adjustment_id: bigint;
  readonly cause: 'adjustment' | 'opening';
  readonly entry_id: bigint;
  readonly payee_id: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly order_id: string | null;
  readonly reason: string;
  readonly made_by: string;
  readonly approved_by: string | null;
  readonly booked_at: Date;
}

export async function nextAdjustmentId(tx: Tx): Promise<bigint> {
  const [row] = await tx.query<{ id: bigint }>(`SELECT nextval('adjustment_id_seq') AS id`);
  if (row === undefined) throw new Error('the sequence answered nothing');
  return row.id;
}

export async function insertAdjustmentRow(tx: Tx, row: AdjustmentRow): Promise<void> {
  await tx.query(
    `INSERT INTO adjustment (shop_id, adjustment_id, cause, entry_id, payee_id, kind, currency,
                             amount_minor, order_id, reason, made_by, approved_by, booked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      row.shop_id,
      row.adjustment_id,
      row.cause,
      row.entry_id,
      row.payee_id,
      row.kind,
      row.currency,
      row.amount_minor,
      row.order_id,
      row.reason,
      row.made_by,
      row.approved_by,
      row.booked_at,
    ],
  );
}

/** The currency of a completed order; undefined where none was completed. */
export async function currencyOfOrder(
  tx: Tx,
  shopId: string,
  orderId: string,
): Promise<string | undefined> {
  const [row] = await tx.query<{ currency: string }>(
    'SELECT currency FROM completed_order WHERE shop_id = $1 AND order_id = $2',
    [shopId, orderId],
  );
  return row?.currency;
}

/** Whether a payee's kind was opened before: an opening balance is of one go-live. */
export async function isOpened(
  tx: Tx,
  key: {
    readonly shopId: string;
    readonly payeeId: string;
    readonly kind: string;
    readonly currency: string;
  },
): Promise<boolean> {
  const [row] = await tx.query<{ opened: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM adjustment WHERE shop_id = $1 AND payee_id = $2 AND kind = $3
                       AND currency = $4 AND cause = 'opening') AS opened`,
    [key.shopId, key.payeeId, key.kind, key.currency],
  );
  return row?.opened === true;
}
