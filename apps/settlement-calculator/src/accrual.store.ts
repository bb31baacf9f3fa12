import type { Tx } from '@qingfen/database';
import { copyRows, insertRows } from '@qingfen/database';
import type { OrderFact } from '@qingfen/core-settlement';
import type { OrderDocument } from './order-fact.js';

/** An order as it is about to be kept: bound to a version, or to none yet. */
export interface KeptOrder {
  readonly order: OrderFact;
  readonly document: string;
  readonly planVersion: number | null;
  readonly windowEndsAt: Date | null;
  readonly correlationId: string;
}

export interface NewEntry {
  readonly shopId: string;
  readonly orderId: string;
  readonly entryId: bigint;
  readonly itemId: string | null;
  readonly kind: string;
  readonly level: number | null;
  readonly payeeId: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly maturesAt: Date;
  readonly planVersion: number | null;
  readonly corrects: bigint | null;
  readonly cause: string;
  readonly causeId: string | null;
  /** Whether the close of the return window must have been heard before a run takes it. */
  readonly evidence: { readonly completedAt: Date; readonly closedFrom: Date } | null;
  readonly correlationId: string;
}

const key = (shopId: string, orderId: string): string => `${shopId} ${orderId}`;

/** Keeps orders that were never heard of; answers the keys of those that it kept. */
export async function keepOrders(
  tx: Tx,
  orders: readonly KeptOrder[],
  bookedAt: Date,
): Promise<ReadonlySet<string>> {
  const kept = await insertRows<{ shop_id: string; order_id: string }>(tx, {
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
    onConflict: 'DO NOTHING',
    returning: 'shop_id, order_id',
  });
  return new Set(kept.map((row) => key(row.shop_id, row.order_id)));
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

export interface UnboundOrder {
  readonly shop_id: string;
  readonly order_id: string;
  readonly currency: string;
  readonly document: OrderDocument;
  readonly correlation_id: string;
}

/** Orders without a version for which one that fits by its dates has arrived since. */
export async function claimUnbound(tx: Tx, limit: number): Promise<UnboundOrder[]> {
  return tx.query<UnboundOrder>(
    `SELECT o.shop_id, o.order_id, o.currency, o.document, o.correlation_id
       FROM completed_order o
      WHERE o.plan_version IS NULL
        AND EXISTS (SELECT 1 FROM shop s WHERE s.shop_id = o.shop_id)
        AND o.currency = (SELECT v.currency FROM plan_version v
                           WHERE v.shop_id = o.shop_id AND v.effective_from <= o.paid_at
                             AND v.withdrawn_at IS NULL
                           ORDER BY v.effective_from DESC, v.published_at DESC LIMIT 1)
      ORDER BY o.shop_id, o.order_id LIMIT $1
        FOR UPDATE OF o SKIP LOCKED`,
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

/** Numbers for new entries. Taken under the shop's shared lock, so a run's bound is above them all. */
export async function nextEntryIds(tx: Tx, count: number): Promise<bigint[]> {
  if (count === 0) return [];
  // As one text: fifteen thousand rows of a number each cost both sides more than the numbers do.
  const [row] = await tx.prepared<{ ids: string }>(
    'next-entry-ids',
    `SELECT string_agg(nextval('entry_id_seq')::text, ' ') AS ids FROM generate_series(1, $1)`,
    [count],
  );
  return row === undefined ? [] : row.ids.split(' ').map(BigInt);
}

export async function insertEntries(
  tx: Tx,
  entries: readonly NewEntry[],
  booked: { readonly at: Date; readonly batchId: bigint },
): Promise<void> {
  if (entries.length === 0) return;
  await copyRows(tx, {
    table: 'entry',
    columns: [
      'shop_id',
      'order_id',
      'entry_id',
      'item_id',
      'kind',
      'level',
      'payee_id',
      'currency',
      'amount_minor',
      'matures_at',
      'plan_version',
      'corrects',
      'cause',
      'cause_id',
      'booked_at',
      'batch_id',
    ],
    rows: eachRow(entries, (entry) => [
      entry.shopId,
      entry.orderId,
      entry.entryId,
      entry.itemId,
      entry.kind,
      entry.level,
      entry.payeeId,
      entry.currency,
      entry.amountMinor,
      entry.maturesAt,
      entry.planVersion,
      entry.corrects,
      entry.cause,
      entry.causeId,
      booked.at,
      booked.batchId,
    ]),
  });
  await insertOpenEntries(tx, entries);
}

/** What of them is owed to somebody, and so waits for a run. */
async function insertOpenEntries(tx: Tx, entries: readonly NewEntry[]): Promise<void> {
  const owed = entries.filter(({ payeeId }) => payeeId !== null);
  if (owed.length === 0) return;
  await copyRows(tx, {
    table: 'open_entry',
    columns: [
      'shop_id',
      'kind',
      'payee_id',
      'entry_id',
      'order_id',
      'currency',
      'amount_minor',
      'matures_at',
      'evidence_completed_at',
      'evidence_closed_from',
      'correlation_id',
    ],
    rows: eachRow(owed, (entry) => [
      entry.shopId,
      entry.kind,
      entry.payeeId,
      entry.entryId,
      entry.orderId,
      entry.currency,
      entry.amountMinor,
      entry.maturesAt,
      entry.evidence?.completedAt ?? null,
      entry.evidence?.closedFrom ?? null,
      entry.correlationId,
    ]),
  });
}

/** One row at a time: ten thousand at once would outlive the youngest memory and cost more. */
function* eachRow<T>(items: readonly T[], rowOf: (item: T) => unknown[]): Generator<unknown[]> {
  for (const item of items) yield rowOf(item);
}
