import type { Tx } from '@qingfen/database';
import { orderColumns, type OrderRow } from './order-fact.js';

/** A payee's commissions of one calendar month of a shop, in its zone. */
export interface MonthKey {
  readonly shopId: string;
  readonly payeeId: string;
  readonly currency: string;
  /** `2026-01` */
  readonly month: string;
}

export interface VolumeChange extends MonthKey {
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
}

/** A month's row stands in so many parts, so that batches at work side by side never want the same. */
export const volumeParts = 8;

export async function addVolumes(
  tx: Tx,
  changes: readonly VolumeChange[],
  part: number,
): Promise<void> {
  if (changes.length === 0) return;
  await tx.prepared(
    'add-volumes',
    `INSERT INTO payee_volume AS v (shop_id, payee_id, currency, month, part, paid_minor,
                                    refunded_minor)
     SELECT shop_id, payee_id, currency, month, $7, sum(paid), sum(refunded)
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
              AS c(shop_id, payee_id, currency, month, paid, refunded)
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
     ON CONFLICT (shop_id, payee_id, currency, month, part) DO UPDATE
       SET paid_minor = v.paid_minor + excluded.paid_minor,
           refunded_minor = v.refunded_minor + excluded.refunded_minor`,
    [
      changes.map(({ shopId }) => shopId),
      changes.map(({ payeeId }) => payeeId),
      changes.map(({ currency }) => currency),
      changes.map(({ month }) => month),
      changes.map(({ paidMinor }) => paidMinor),
      changes.map(({ refundedMinor }) => refundedMinor),
      part,
    ],
  );
}

export interface Volume {
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
}

/** Names a month in the answer of {@link volumesOf}. */
export function monthKeyText({ shopId, payeeId, currency, month }: MonthKey): string {
  return `${shopId} ${payeeId} ${currency} ${month}`;
}

/** What payees sold in months, by {@link monthKeyText}; one that sold nothing is missing. */
export async function volumesOf(
  tx: Tx,
  keys: readonly MonthKey[],
): Promise<ReadonlyMap<string, Volume>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.query<MonthKey & Volume>(
    `SELECT shop_id AS "shopId", payee_id AS "payeeId", currency, month,
            sum(paid_minor)::bigint AS "paidMinor", sum(refunded_minor)::bigint AS "refundedMinor"
       FROM payee_volume
      WHERE (shop_id, payee_id, currency, month)
         IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]))
      GROUP BY 1, 2, 3, 4`,
    [
      keys.map(({ shopId }) => shopId),
      keys.map(({ payeeId }) => payeeId),
      keys.map(({ currency }) => currency),
      keys.map(({ month }) => month),
    ],
  );
  return new Map(rows.map((row) => [monthKeyText(row), row]));
}

/** The levels that payees were told to have, by `shop payee`. */
export async function levelsOf(
  tx: Tx,
  payees: readonly { readonly shopId: string; readonly payeeId: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (payees.length === 0) return new Map();
  const rows = await tx.query<{ shop_id: string; payee_id: string; level: string }>(
    `SELECT shop_id, payee_id, level FROM payee
      WHERE level IS NOT NULL
        AND (shop_id, payee_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [payees.map(({ shopId }) => shopId), payees.map(({ payeeId }) => payeeId)],
  );
  return new Map(rows.map((row) => [`${row.shop_id} ${row.payee_id}`, row.level]));
}

/** Keeps with orders what their rates follow: read once, and used for all their refunds and replays. */
export async function keepRateFacts(
  tx: Tx,
  orders: readonly {
    readonly shopId: string;
    readonly orderId: string;
    readonly facts: Readonly<Record<string, string>>;
  }[],
): Promise<void> {
  await tx.query(
    `UPDATE completed_order o
        SET rate_facts = (coalesce(o.rate_facts::jsonb, '{}') || f.facts::jsonb)::json
       FROM unnest($1::text[], $2::text[], $3::text[]) AS f(shop_id, order_id, facts)
      WHERE o.shop_id = f.shop_id AND o.order_id = f.order_id`,
    [
      orders.map(({ shopId }) => shopId),
      orders.map(({ orderId }) => orderId),
      orders.map(({ facts }) => JSON.stringify(facts)),
    ],
  );
}

/** Bound orders of a shop that were completed since an instant, page by page in the order of their ids. */
export async function bookedSince(
  tx: Tx,
  page: {
    readonly shopId: string;
    readonly since: Date;
    readonly after: string;
    readonly limit: number;
  },
): Promise<(OrderRow & { readonly plan_version: number })[]> {
  return tx.query(
    `SELECT ${orderColumns}, plan_version FROM completed_order
      WHERE shop_id = $1 AND completed_at >= $2 AND order_id > $3 AND plan_version IS NOT NULL
      ORDER BY order_id LIMIT $4`,
    [page.shopId, page.since, page.after, page.limit],
  );
}
