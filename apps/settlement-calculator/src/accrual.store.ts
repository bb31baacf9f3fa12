import type { Accrual, OrderFact } from '@qingfen/core-settlement';
import { copyRows, insertNew, type Tx } from '@qingfen/database';
import { entriesPerBlock } from './entry-id.js';
import { orderColumns, type OrderRow } from './order-fact.js';
import { awaitWindows, insertUnstated } from './unstated.store.js';

/** An order as it is about to be kept: bound to a version, or to none yet. */
export interface KeptOrder {
  readonly order: OrderFact;
  readonly document: string;
  readonly planVersion: number | null;
  readonly windowEndsAt: Date | null;
  readonly correlationId: string;
}

/** What an order's completion owes, with its numbers. */
export interface NumberedAccrual {
  readonly order: OrderFact;
  readonly accrual: Accrual;
  readonly block: bigint;
  /** Of each entry the account that it is owed to. */
  readonly accountNos: readonly bigint[];
}

const key = (shopId: string, orderId: string): string => `${shopId} ${orderId}`;

/** Keeps orders that were never heard of. @returns whether it kept one, by `shopId orderId` */
export async function keepOrders(
  tx: Tx,
  orders: readonly KeptOrder[],
  bookedAt: Date,
): Promise<(key: string) => boolean> {
  const kept = await insertNew(tx, {
    table: 'completed_order',
    columns: {
      shop_id: 'text',
      order_id: 'text',
      currency: 'text',
      paid_at: 'timestamptz',
      completed_at: 'timestamptz',
      plan_version: 'integer',
      window_ends_at: 'timestamptz',
      document: 'json',
      correlation_id: 'text',
      booked_at: 'timestamptz',
    },
    rows: orders.map(({ order, document, planVersion, windowEndsAt, correlationId }) => [
      order.shopId,
      order.orderId,
      order.currency,
      order.paidAt,
      order.completedAt,
      planVersion,
      windowEndsAt,
      document,
      correlationId,
      bookedAt,
    ]),
    returning: `shop_id || ' ' || order_id`,
  });
  return (one) => kept === 'all' || kept.has(one);
}

/** The documents of orders kept before, by `shopId orderId`. */
export async function documentsOf(
  tx: Tx,
  orders: readonly OrderFact[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{
    shop_id: string;
    order_id: string;
    currency: string;
    text: string;
  }>(
    `SELECT shop_id, order_id, currency, document::text AS text FROM completed_order
      WHERE (shop_id, order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [orders.map(({ shopId }) => shopId), orders.map(({ orderId }) => orderId)],
  );
  return new Map(rows.map((row) => [key(row.shop_id, row.order_id), `${row.currency}${row.text}`]));
}

/**
 * Orders without a version for which one that fits by its dates has arrived since. One that is being
 * refunded is waited for: whoever skipped it would not look at it again.
 */
export async function claimUnbound(tx: Tx, limit: number): Promise<OrderRow[]> {
  return tx.query<OrderRow>(
    `SELECT ${orderColumns}
       FROM completed_order o
      WHERE o.plan_version IS NULL
        AND EXISTS (SELECT 1 FROM shop s WHERE s.shop_id = o.shop_id)
        AND o.currency = (SELECT v.currency FROM plan_version v
                           WHERE v.shop_id = o.shop_id AND v.effective_from <= o.paid_at
                             AND v.withdrawn_at IS NULL
                           ORDER BY v.effective_from DESC, v.published_at DESC, v.version DESC LIMIT 1)
      ORDER BY o.shop_id, o.order_id LIMIT $1
        FOR UPDATE OF o`,
    [limit],
  );
}

export async function bindOrders(
  tx: Tx,
  bound: readonly { order: OrderFact; planVersion: number; windowEndsAt: Date }[],
): Promise<void> {
  await tx.query(
    `UPDATE completed_order o SET plan_version = b.version, window_ends_at = b.ends_at
       FROM unnest($1::text[], $2::text[], $3::integer[], $4::timestamptz[])
              AS b(shop_id, order_id, version, ends_at)
      WHERE o.shop_id = b.shop_id AND o.order_id = b.order_id AND o.plan_version IS NULL`,
    [
      bound.map(({ order }) => order.shopId),
      bound.map(({ order }) => order.orderId),
      bound.map(({ planVersion }) => planVersion),
      bound.map(({ windowEndsAt }) => windowEndsAt),
    ],
  );
}

/** Appends accruals, what of them waits for a run, and the windows that they wait for. */
export async function insertAccruals(
  tx: Tx,
  accruals: readonly NumberedAccrual[],
  booked: { readonly at: Date; readonly batchId: bigint },
): Promise<void> {
  const owing = accruals.filter(({ accrual }) => accrual.entries.length > 0);
  if (owing.length === 0) return;
  await copyRows(tx, {
    table: 'accrual',
    columns: {
      shop_id: 'text',
      block: 'bigint',
      order_id: 'text',
      currency: 'text',
      plan_version: 'integer',
      item_ids: 'text[]',
      item_nos: 'smallint[]',
      levels: 'smallint[]',
      account_nos: 'bigint[]',
      amounts: 'bigint[]',
      commission_at: 'timestamptz',
      supplier_at: 'timestamptz',
      booked_at: 'timestamptz',
      batch_id: 'bigint',
    },
    rows: accrualRows(owing, booked),
  });
  await insertUnstated(tx, unstatedRows(owing));
  await awaitWindows(tx, windowRows(owing));
}

/** One row at a time: thousands at once would outlive the youngest memory and cost more. */
function* accrualRows(
  accruals: readonly NumberedAccrual[],
  { at, batchId }: { readonly at: Date; readonly batchId: bigint },
): Generator<unknown[]> {
  for (const { order, accrual, block, accountNos } of accruals) {
    const { entries } = accrual;
    yield [
      order.shopId,
      block,
      order.orderId,
      order.currency,
      accrual.planVersion,
      order.items.map(({ itemId }) => itemId),
      entries.map(({ itemIndex }) => itemIndex + 1),
      entries.map(({ level }) => level ?? 0),
      accountNos,
      entries.map(({ amountMinor }) => amountMinor),
      accrual.commissionAt,
      accrual.supplierAt,
      at,
      batchId,
    ];
  }
}

function* unstatedRows(accruals: readonly NumberedAccrual[]): Generator<unknown[]> {
  for (const { order, accrual, block, accountNos } of accruals) {
    for (const [index, { payeeId, amountMinor, maturesAt }] of accrual.entries.entries()) {
      if (payeeId === null) continue;
      const entryId = block * entriesPerBlock + BigInt(index);
      yield [order.shopId, accountNos[index], entryId, amountMinor, maturesAt, false];
    }
  }
}

function* windowRows(accruals: readonly NumberedAccrual[]): Generator<unknown[]> {
  for (const { order, accrual, block } of accruals) {
    yield [order.shopId, accrual.windowEndsAt, block, order.orderId, order.completedAt];
  }
}
