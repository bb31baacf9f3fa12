import type { ExportedOrder, OrderFigures } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

interface DoubtfulRow {
  readonly orderId: string;
  readonly exportId: string;
  readonly asOf: Date;
  readonly isTold: boolean;
  readonly isExported: boolean;
  readonly toldCurrency: string;
  readonly toldPaid: bigint;
  readonly toldRefunded: bigint;
  readonly toldCompletedAt: Date | null;
  readonly currency: string;
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly completedAt: Date;
}

/** The newest row of an order. */
const newestRow = `
  SELECT e.export_no, e.as_of, r.completed_at FROM order_export_row r
    JOIN order_export e ON e.shop_id = r.shop_id AND e.export_no = r.export_no
   WHERE r.shop_id = $1 AND r.order_id = l.order_id AND e.state <> 'refused'
   ORDER BY e.as_of DESC, e.export_no DESC LIMIT 1`;

/** The newest export that should have a row of it: of its completion as it was told, or stood there once. */
const newestSpan = `
  SELECT e.export_no, e.as_of FROM order_export e
   WHERE e.shop_id = $1 AND e.state <> 'refused'
     AND ((o.completed_at >= e.from_at AND o.completed_at < least(e.to_at, e.as_of))
       OR (n.completed_at >= e.from_at AND n.completed_at < least(e.to_at, e.as_of)))
   ORDER BY e.as_of DESC, e.export_no DESC LIMIT 1`;

/** What stood refunded of an order as of its export. */
const refunded = `
  SELECT coalesce(sum(f.amount_minor), 0)::bigint AS minor FROM told_refund f
   WHERE f.shop_id = o.shop_id AND f.order_id = o.order_id
     AND coalesce(f.refunded_at <= e.as_of, true)
     AND NOT EXISTS (SELECT 1 FROM told_reversal v
                      WHERE v.shop_id = f.shop_id AND v.order_id = f.order_id
                        AND v.refund_id = f.refund_id
                        AND coalesce(v.reversed_at <= e.as_of, true))`;

/**
 * Those of these orders of which the topics and the deciding export do not say the same. Orders are looked
 * up one by one: for a thousand of them PostgreSQL would read all that a shop has.
 */
export async function ordersInDoubt(
  reader: Reader,
  shopId: string,
  orderIds: readonly string[],
): Promise<ExportedOrder[]> {
  const rows = await reader.query<DoubtfulRow>(
    `SELECT l.order_id AS "orderId", e.export_id AS "exportId", e.as_of AS "asOf",
            o.order_id IS NOT NULL AS "isTold", r.order_id IS NOT NULL AS "isExported",
            o.currency AS "toldCurrency", o.base_minor AS "toldPaid",
            back.minor AS "toldRefunded", o.completed_at AS "toldCompletedAt", r.currency,
            r.paid_minor AS paid, r.refunded_minor AS refunded, r.completed_at AS "completedAt"
       FROM unnest($2::text[]) AS l(order_id)
       LEFT JOIN LATERAL (SELECT * FROM told_order t
                           WHERE t.shop_id = $1 AND t.order_id = l.order_id LIMIT 1) o ON true
       LEFT JOIN LATERAL (${newestRow}) n ON true
       LEFT JOIN LATERAL (${newestSpan}) s ON true
       JOIN order_export e ON e.shop_id = $1 AND e.export_no =
            CASE WHEN n.export_no IS NULL OR (s.as_of, s.export_no) > (n.as_of, n.export_no)
                 THEN s.export_no ELSE n.export_no END
       LEFT JOIN order_export_row r ON r.shop_id = $1 AND r.order_id = l.order_id
                                   AND r.export_no = e.export_no
       LEFT JOIN LATERAL (${refunded}) back ON true
      WHERE (o.currency, o.base_minor, back.minor)
            IS DISTINCT FROM (r.currency, r.paid_minor, r.refunded_minor)
      ORDER BY 1`,
    [shopId, orderIds],
  );
  return rows.map((row) => ({
    orderId: row.orderId,
    deciding: { exportId: row.exportId, asOf: row.asOf },
    told: row.isTold ? toldFigures(row) : null,
    exported: row.isExported ? exportedFigures(row) : null,
  }));
}

function toldFigures(row: DoubtfulRow): OrderFigures {
  return {
    currency: row.toldCurrency,
    paidMinor: row.toldPaid,
    refundedMinor: row.toldRefunded,
    completedAt: row.toldCompletedAt,
  };
}

function exportedFigures(row: DoubtfulRow): OrderFigures {
  return {
    currency: row.currency,
    paidMinor: row.paid,
    refundedMinor: row.refunded,
    completedAt: row.completedAt,
  };
}

/** Those of these orders that have an open difference with an export. */
export function openWithExports(
  reader: Reader,
  told: readonly { readonly shopId: string; readonly orderId: string }[],
): Promise<{ readonly shopId: string; readonly orderId: string }[]> {
  return reader.query(
    `SELECT DISTINCT d.shop_id AS "shopId", d.subject_id AS "orderId"
       FROM unnest($1::text[], $2::text[]) AS t(shop_id, order_id)
       JOIN difference d ON d.shop_id = t.shop_id AND d.subject_id = t.order_id
      WHERE d.comparison = 'exports' AND d.state = 'open'`,
    [told.map(({ shopId }) => shopId), told.map(({ orderId }) => orderId)],
  );
}
