import type { RefundedSoFar, RefundItem } from '@qingfen/core-settlement';
import { advisoryLocks, insertRows, type Tx } from '@qingfen/database';
import { minor, ZERO } from '@qingfen/money';
import { orderColumns, type OrderRow } from './order-fact.js';

/** itemId, amount, subsidy in minor units, as told. */
export type RefundRows = readonly (readonly [string, string, string])[];

export type OrderToCorrect = OrderRow & { readonly plan_version: number | null };

export interface RefundRow {
  readonly shop_id: string;
  readonly order_id: string;
  readonly refund_id: string;
  readonly refunded_at: Date;
  readonly items: RefundRows;
  readonly state: 'waiting' | 'applied' | 'refused' | 'reversed';
  readonly correlation_id: string;
  readonly message: unknown;
}

export interface OrderKey {
  readonly shopId: string;
  readonly orderId: string;
}

const pairs = (keys: readonly OrderKey[]): [string[], string[]] => [
  keys.map(({ shopId }) => shopId),
  keys.map(({ orderId }) => orderId),
];

/** Completions share it; whoever finds an order missing takes it alone and looks again. */
export async function lockCompletions(
  tx: Tx,
  shopIds: Iterable<string>,
  mode: 'shared' | 'exclusive',
): Promise<void> {
  await advisoryLocks(
    tx,
    [...shopIds].map((shopId) => `completions ${shopId}`),
    mode,
  );
}

/** The orders that are there, locked against other corrections, in one order. */
export async function lockOrders(tx: Tx, keys: readonly OrderKey[]): Promise<OrderToCorrect[]> {
  return tx.query<OrderToCorrect>(
    `SELECT ${orderColumns}, plan_version FROM completed_order
      WHERE (shop_id, order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      ORDER BY shop_id, order_id FOR UPDATE`,
    pairs(keys),
  );
}

/** Every refund of these orders, in the order in which it was heard. */
export async function refundsOf(
  tx: Pick<Tx, 'query'>,
  keys: readonly OrderKey[],
): Promise<RefundRow[]> {
  return tx.query<RefundRow>(
    `SELECT shop_id, order_id, refund_id, refunded_at, items, state, correlation_id, message
       FROM refund
      WHERE (shop_id, order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      ORDER BY sequence`,
    pairs(keys),
  );
}

/** The refunds that waited for these orders. */
export async function waitingRefundsOf(tx: Tx, keys: readonly OrderKey[]): Promise<RefundRow[]> {
  return tx.prepared<RefundRow>(
    'waiting-refunds',
    `SELECT shop_id, order_id, refund_id, refunded_at, items, state, correlation_id, message
       FROM refund
      WHERE state = 'waiting'
        AND (shop_id, order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      ORDER BY sequence FOR UPDATE`,
    pairs(keys),
  );
}

export async function reversalsOf(
  tx: Tx,
  keys: readonly OrderKey[],
): Promise<{ shop_id: string; order_id: string; refund_id: string; at: Date }[]> {
  return tx.query(
    `SELECT shop_id, order_id, refund_id, at FROM refund_reversal
      WHERE (shop_id, order_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    pairs(keys),
  );
}

/** Keeps reversals; one of the same refund told before stands. @returns the keys that were new. */
export async function keepReversals(
  tx: Tx,
  reversals: readonly (OrderKey & { readonly refundId: string; readonly at: Date })[],
): Promise<void> {
  await insertRows(tx, {
    table: 'refund_reversal',
    columns: { shop_id: 'text', order_id: 'text', refund_id: 'text', at: 'timestamptz' },
    rows: reversals.map(({ shopId, orderId, refundId, at }) => [shopId, orderId, refundId, at]),
    onConflict: 'DO NOTHING',
  });
}

export interface RefundToKeep {
  readonly shopId: string;
  readonly orderId: string;
  readonly refundId: string;
  readonly refundedAt: Date;
  readonly items: RefundRows;
  readonly state: RefundRow['state'];
  readonly correlationId: string;
  readonly heardAt: Date;
  /** The message of a waiting refund, so that it can still become a dead letter. */
  readonly message: string | null;
  readonly reversedAt: Date | null;
}

/** Writes a refund's row; one that was refused may be told again, corrected. */
export async function keepRefund(tx: Tx, refund: RefundToKeep): Promise<void> {
  await tx.query(
    `INSERT INTO refund (shop_id, order_id, refund_id, refunded_at, items, state, correlation_id,
                         heard_at, message, reversed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (shop_id, order_id, refund_id) DO UPDATE
       SET refunded_at = excluded.refunded_at, items = excluded.items, state = excluded.state,
           correlation_id = excluded.correlation_id, heard_at = excluded.heard_at,
           message = excluded.message, reversed_at = excluded.reversed_at
     WHERE refund.state IN ('refused', 'waiting')`,
    [
      refund.shopId,
      refund.orderId,
      refund.refundId,
      refund.refundedAt,
      JSON.stringify(refund.items),
      refund.state,
      refund.correlationId,
      refund.heardAt,
      refund.message,
      refund.reversedAt,
    ],
  );
}

export async function setRefundState(
  tx: Tx,
  refund: OrderKey & { readonly refundId: string },
  state: RefundRow['state'],
  reversedAt: Date | null,
): Promise<void> {
  await tx.query(
    `UPDATE refund SET state = $4, reversed_at = $5, message = NULL
      WHERE shop_id = $1 AND order_id = $2 AND refund_id = $3`,
    [refund.shopId, refund.orderId, refund.refundId, state, reversedAt],
  );
}

/** Which journal batch booked a refund, or its reversal: what later statements knew of. */
export async function noteRefundBatch(
  tx: Tx,
  refund: OrderKey & { readonly refundId: string },
  cause: 'refund' | 'refund-reversal',
  batchId: bigint | null,
): Promise<void> {
  const column = cause === 'refund' ? 'applied_batch' : 'reversed_batch';
  await tx.query(
    `WITH noted AS (
       UPDATE refund SET ${column} = $4 WHERE shop_id = $1 AND order_id = $2 AND refund_id = $3
     )
     INSERT INTO refund_booking (shop_id, order_id, refund_id, cause, batch_id)
     SELECT $1, $2, $3, $5, $4::bigint WHERE $4::bigint IS NOT NULL`,
    [refund.shopId, refund.orderId, refund.refundId, batchId, cause],
  );
}

export function itemsOf(rows: RefundRows): RefundItem[] {
  return rows.map(([itemId, amount, subsidy]) => ({
    itemId,
    amountMinor: minor(BigInt(amount)),
    subsidyMinor: minor(BigInt(subsidy)),
  }));
}

/** What the applied refunds of one order come to, by line. */
export function refundedSoFar(rows: readonly Pick<RefundRow, 'state' | 'items'>[]): RefundedSoFar {
  const sums = new Map<string, { amountMinor: typeof ZERO; subsidyMinor: typeof ZERO }>();
  for (const row of rows) {
    if (row.state !== 'applied') continue;
    for (const { itemId, amountMinor, subsidyMinor } of itemsOf(row.items)) {
      const sum = sums.get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
      sums.set(itemId, {
        amountMinor: minor(sum.amountMinor + amountMinor),
        subsidyMinor: minor(sum.subsidyMinor + subsidyMinor),
      });
    }
  }
  return sums;
}

/** Marks refunds whose order has not come for so long that somebody should know; once each. */
export async function missOrders(
  tx: Tx,
  heardBefore: Date,
  limit: number,
): Promise<{ shop_id: string; order_id: string; refund_id: string }[]> {
  return tx.query(
    `UPDATE refund SET missed = true
      WHERE (shop_id, order_id, refund_id) IN (
        SELECT shop_id, order_id, refund_id FROM refund
         WHERE state = 'waiting' AND NOT missed AND heard_at <= $1
         ORDER BY heard_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING shop_id, order_id, refund_id`,
    [heardBefore, limit],
  );
}

/** Whether {@link missOrders} has anything to mark. */
export async function anyOrderMissed(tx: Pick<Tx, 'query'>, heardBefore: Date): Promise<boolean> {
  const [row] = await tx.query<{ missed: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM refund
                     WHERE state = 'waiting' AND NOT missed AND heard_at <= $1) AS missed`,
    [heardBefore],
  );
  return row?.missed === true;
}
