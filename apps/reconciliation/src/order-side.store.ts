import type { StatementFacts, ToldOrder } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';
import type { ShopDay } from './bill.store.js';

type Reader = Pick<Tx, 'query'>;

/** Orders of which something was told on a day, behind one in the order of their ids. */
export async function ordersToldOn(
  reader: Reader,
  { shopId, day }: ShopDay,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const behind = 'shop_id = $1 AND told_on = $2 AND order_id > $3';
  const rows = await reader.query<{ orderId: string }>(
    `SELECT t.order_id AS "orderId" FROM (
       SELECT order_id FROM told_order WHERE ${behind}
       UNION SELECT order_id FROM told_refund WHERE ${behind}
       UNION SELECT order_id FROM told_reversal WHERE ${behind}) t
      ORDER BY 1 LIMIT $4`,
    [shopId, day, after, limit],
  );
  return rows.map(({ orderId }) => orderId);
}

/** What was told of these orders: paid and subsidised, less refunds that were not reversed. */
export function toldOrders(
  reader: Reader,
  { shopId, orderIds }: { readonly shopId: string; readonly orderIds: readonly string[] },
): Promise<(ToldOrder & { readonly currency: string })[]> {
  return reader.query<ToldOrder & { readonly currency: string }>(
    `SELECT o.order_id AS "orderId", o.currency, (o.base_minor - r.refunded)::bigint AS "baseMinor"
       FROM told_order o
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.amount_minor), 0) AS refunded FROM told_refund r
         WHERE r.shop_id = o.shop_id AND r.order_id = o.order_id
           AND NOT EXISTS (SELECT 1 FROM told_reversal v
                            WHERE v.shop_id = r.shop_id AND v.order_id = r.order_id
                              AND v.refund_id = r.refund_id)) r
      WHERE o.shop_id = $1 AND o.order_id = ANY ($2)`,
    [shopId, orderIds],
  );
}

/** Statements of a day, or these, whose payouts do not ask for their net. */
export async function statementsInDoubt(
  reader: Reader,
  { shopId, day }: ShopDay,
  { statementIds, limit }: { readonly statementIds: readonly string[]; readonly limit: number },
): Promise<(StatementFacts & { readonly currency: string })[]> {
  const rows = await reader.query<{
    statementId: string;
    currency: string;
    netMinor: bigint | null;
    payoutCount: bigint;
    requestedMinor: bigint;
  }>(
    `WITH looked AS (
       SELECT statement_id FROM told_statement WHERE shop_id = $1 AND told_on = $2
       UNION SELECT statement_id FROM told_payout
              WHERE shop_id = $1 AND told_on = $2 AND is_requested
       UNION SELECT unnest($3::text[]))
     SELECT l.statement_id AS "statementId", coalesce(s.currency, min(p.currency), 'CNY') AS currency,
            s.net_minor AS "netMinor", count(p.payout_id) AS "payoutCount",
            coalesce(sum(p.amount_minor), 0)::bigint AS "requestedMinor"
       FROM looked l
       LEFT JOIN told_statement s ON s.shop_id = $1 AND s.statement_id = l.statement_id
       LEFT JOIN told_payout p ON p.shop_id = $1 AND p.statement_id = l.statement_id
                              AND p.is_requested
      GROUP BY l.statement_id, s.currency, s.net_minor
     HAVING s.net_minor IS DISTINCT FROM coalesce(sum(p.amount_minor), 0)
      LIMIT $4`,
    [shopId, day, statementIds, limit],
  );
  return rows.map((row) => ({ ...row, payoutCount: Number(row.payoutCount) }));
}

export async function countStatements(reader: Reader, { shopId, day }: ShopDay): Promise<bigint> {
  const [row] = await reader.query<{ count: bigint }>(
    'SELECT count(*) AS count FROM told_statement WHERE shop_id = $1 AND told_on = $2',
    [shopId, day],
  );
  return row?.count ?? 0n;
}
