import type { AccrualKind, BookedRow, Closing } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import { minor, type Minor } from '@qingfen/money';
import { orderColumns, type OrderRow } from './order-fact.js';
import type { RefundRows } from './refund.store.js';

// What the books have of orders, to be compared with what their facts come to. Read only.

type Reader = Pick<Tx, 'query'>;

/** Which orders are read: those of one shop with these ids. */
export interface OrderIds {
  readonly shopId: string;
  readonly orderIds: readonly string[];
}

export interface KeptOrder extends OrderRow {
  readonly plan_version: number | null;
  readonly window_ends_at: Date | null;
  readonly bound_by: string | null;
  readonly settled_outside: boolean;
  readonly correlation_id: string;
  readonly booked_at: Date;
}

const keptColumns = `${orderColumns}, plan_version, window_ends_at, bound_by, settled_outside,
  correlation_id, booked_at`;

export function keptOrders(tx: Reader, { shopId, orderIds }: OrderIds): Promise<KeptOrder[]> {
  return tx.query<KeptOrder>(
    `SELECT ${keptColumns} FROM completed_order
      WHERE shop_id = $1 AND order_id = ANY($2) ORDER BY order_id`,
    [shopId, orderIds],
  );
}

/** The ids of a shop's orders behind one, in their order. */
export async function orderIdsAfter(
  tx: Reader,
  shopId: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `SELECT order_id FROM completed_order WHERE shop_id = $1 AND order_id > $2
      ORDER BY order_id LIMIT $3`,
    [shopId, after, limit],
  );
  return rows.map((row) => row.order_id);
}

/** A refund as it was told, and what has become of it. */
export interface KeptRefund {
  readonly order_id: string;
  readonly refund_id: string;
  readonly refunded_at: Date;
  readonly items: RefundRows;
  readonly state: 'waiting' | 'applied' | 'refused' | 'reversed';
  readonly correlation_id: string;
  readonly heard_at: Date;
  readonly reversed_at: Date | null;
}

export function keptRefunds(tx: Reader, { shopId, orderIds }: OrderIds): Promise<KeptRefund[]> {
  return tx.query<KeptRefund>(
    `SELECT order_id, refund_id, refunded_at, items, state, correlation_id, heard_at, reversed_at
       FROM refund WHERE shop_id = $1 AND order_id = ANY($2) ORDER BY sequence`,
    [shopId, orderIds],
  );
}

export interface RefundBooking {
  readonly order_id: string;
  readonly refund_id: string;
  readonly cause: 'refund' | 'refund-reversal';
  readonly batch_id: bigint;
}

/** Every booking of these orders' refunds, in the order of booking. */
export function refundBookings(
  tx: Reader,
  { shopId, orderIds }: OrderIds,
): Promise<RefundBooking[]> {
  return tx.query<RefundBooking>(
    `SELECT b.order_id, b.refund_id, b.cause, b.batch_id
       FROM refund_booking b JOIN refund r USING (shop_id, order_id, refund_id)
      WHERE b.shop_id = $1 AND b.order_id = ANY($2) ORDER BY b.batch_id, r.sequence`,
    [shopId, orderIds],
  );
}

export interface KeptRebinding {
  readonly order_id: string;
  readonly batch_id: bigint;
  readonly from_version: number;
  readonly to_version: number | null;
  readonly rebound_at: Date;
}

export function keptRebindings(
  tx: Reader,
  { shopId, orderIds }: OrderIds,
): Promise<KeptRebinding[]> {
  return tx.query<KeptRebinding>(
    `SELECT order_id, batch_id, from_version, to_version, rebound_at FROM order_rebinding
      WHERE shop_id = $1 AND order_id = ANY($2) ORDER BY batch_id`,
    [shopId, orderIds],
  );
}

/** An entry of an order's line, or a correction of one, and where its money stands. */
export interface OrderEntry {
  readonly order_id: string;
  readonly entry_id: bigint;
  readonly item_id: string;
  readonly kind: AccrualKind;
  readonly level: number | null;
  readonly payee_id: string | null;
  readonly amount_minor: bigint;
  readonly matures_at: Date;
  readonly plan_version: number | null;
  readonly corrects: bigint | null;
  readonly cause: string;
  readonly cause_id: string | null;
  readonly booked_at: Date;
  readonly batch_id: bigint;
  readonly is_accrued: boolean;
  /** Its own; of what a completion booked, that of the order. */
  readonly correlation_id: string | null;
  /** What closed it: a statement, or a settlement outside. */
  readonly closed_batch: bigint | null;
  readonly closed_minor: bigint | null;
  readonly cutoff: Date | null;
  readonly open_minor: bigint | null;
  readonly open_matures_at: Date | null;
}

/** All entries that these orders' lines have caused; what people booked for the order is none. */
export function orderEntries(tx: Reader, { shopId, orderIds }: OrderIds): Promise<OrderEntry[]> {
  return tx.query<OrderEntry>(
    `SELECT e.order_id, e.entry_id, e.item_id, e.kind, e.level, e.payee_id, e.amount_minor,
            e.matures_at, e.plan_version, e.corrects, e.cause, e.cause_id, e.booked_at, e.batch_id,
            n.block IS NULL AS is_accrued, n.correlation_id,
            coalesce(x.batch_id, t.batch_id) AS closed_batch,
            coalesce(x.amount_minor, s.amount_minor) AS closed_minor, t.cutoff,
            u.amount_minor AS open_minor, u.matures_at AS open_matures_at
       FROM unnest($2::text[]) AS o(order_id)
      CROSS JOIN LATERAL (SELECT * FROM entry e WHERE e.shop_id = $1 AND e.order_id = o.order_id
                             AND e.item_id IS NOT NULL) e
       LEFT JOIN single_entry n ON n.shop_id = e.shop_id AND n.block = e.block
       LEFT JOIN LATERAL stated_entry(e.shop_id, e.account_no, e.entry_id) s ON true
       LEFT JOIN statement t ON t.shop_id = e.shop_id AND t.statement_no = s.statement_no
       LEFT JOIN settled_outside x ON x.shop_id = e.shop_id AND x.account_no = e.account_no
                                  AND x.entry_id = e.entry_id
       LEFT JOIN unstated u ON u.shop_id = e.shop_id AND u.account_no = e.account_no
                           AND u.entry_id = e.entry_id
      ORDER BY e.order_id, e.entry_id`,
    [shopId, orderIds],
  );
}

export interface EntryAdjustment {
  readonly entry_id: bigint;
  readonly amount_minor: bigint;
  readonly cause: string;
  readonly cause_id: string;
  readonly booked_at: Date;
  readonly batch_id: bigint;
}

export function entryAdjustments(
  tx: Reader,
  shopId: string,
  entryIds: readonly bigint[],
): Promise<EntryAdjustment[]> {
  return tx.query<EntryAdjustment>(
    `SELECT entry_id, amount_minor, cause, cause_id, booked_at, batch_id FROM entry_adjustment
      WHERE shop_id = $1 AND entry_id = ANY($2) ORDER BY adjustment_id`,
    [shopId, entryIds],
  );
}

/** What an order counts for its team now, and what of it runs have counted. */
export interface KeptTeamOrder {
  readonly order_id: string;
  readonly team_id: string;
  readonly base_minor: bigint;
  readonly counted_minor: bigint;
  readonly counts: readonly { readonly batch_id: string; readonly change_minor: string }[];
}

export function teamOrders(tx: Reader, { shopId, orderIds }: OrderIds): Promise<KeptTeamOrder[]> {
  return tx.query<KeptTeamOrder>(
    `SELECT t.order_id, t.team_id, t.base_minor, t.counted_minor,
            coalesce((SELECT json_agg(json_build_object('batch_id', c.batch_id::text,
                                                        'change_minor', c.change_minor::text)
                                      ORDER BY c.batch_id)
                        FROM team_count c
                       WHERE c.shop_id = t.shop_id AND c.order_id = t.order_id), '[]') AS counts
       FROM team_order t WHERE t.shop_id = $1 AND t.order_id = ANY($2)`,
    [shopId, orderIds],
  );
}

/** An entry, and the rows that change it, as the core compares them. */
export function bookedRows(
  entry: OrderEntry,
  adjustments: readonly EntryAdjustment[],
): readonly BookedRow[] {
  const own: BookedRow = {
    ...partyOf(entry),
    row: entry.cause === 'order' ? 'entry' : 'correction',
    entryId: entry.entry_id,
    corrects: entry.corrects,
    amountMinor: minor(entry.amount_minor),
    maturesAt: entry.matures_at,
    batchId: entry.batch_id,
    cause: entry.cause,
    causeId: entry.cause_id,
    planVersion: entry.plan_version,
  };
  const changes = adjustments.map((row): BookedRow => ({
    ...own,
    row: 'adjustment',
    corrects: null,
    amountMinor: minor(row.amount_minor),
    batchId: row.batch_id,
    cause: row.cause,
    causeId: row.cause_id,
    planVersion: null,
  }));
  return [own, ...changes];
}

/** What closed an entry, if anything did. */
export function closingOf(entry: OrderEntry): Closing[] {
  if (entry.closed_batch === null || entry.cause !== 'order') return [];
  return [{ ...partyOf(entry), begunBy: entry.batch_id, batchId: entry.closed_batch }];
}

export function partyOf({ item_id: itemId, kind, level, payee_id: payeeId }: OrderEntry): {
  readonly itemId: string;
  readonly kind: AccrualKind;
  readonly level: number | null;
  readonly payeeId: string | null;
} {
  return { itemId, kind, level, payeeId };
}

/** All rows of an entry together. */
export function sumOf(entry: OrderEntry, adjustments: readonly EntryAdjustment[]): Minor {
  return minor(adjustments.reduce((sum, row) => sum + row.amount_minor, entry.amount_minor));
}
