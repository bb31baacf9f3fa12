import type { Tx } from '@qingfen/database';

/** What a run found of one team, and what it was told by. */
export interface PerformanceFact {
  readonly team_id: string;
  readonly currency: string;
  readonly period: string;
  readonly order_count: number;
  readonly performance_minor: bigint;
  readonly reward_minor: bigint;
  /** Null of those counted before counts were kept order by order. */
  readonly batch_id: bigint | null;
  readonly plan_version: number;
  readonly cutoff: Date;
  /** What was counted of orders, and of how many. */
  readonly counted_minor: bigint;
  readonly counted_orders: bigint;
  /** The performance of the team's run before; null for its first, and after all before was settled. */
  readonly before_minor: bigint | null;
  /** The reward as it was booked; null where none was. */
  readonly entry_id: bigint | null;
  readonly entry_minor: bigint | null;
}

// Entries of a team stand on its own account: waiting, or on a statement.
const performanceSelect = `
SELECT p.team_id, p.currency, p.period, p.order_count, p.performance_minor, p.reward_minor,
       p.batch_id, r.plan_version, r.cutoff, c.counted_minor, c.counted_orders,
       (SELECT q.performance_minor FROM team_performance q
          JOIN run b ON b.shop_id = q.shop_id AND b.currency = q.currency
                    AND b.kind = 'team-reward' AND b.period = q.period
         WHERE q.shop_id = p.shop_id AND q.currency = p.currency AND q.team_id = p.team_id
           AND b.scheduled_at < r.scheduled_at
           AND NOT EXISTS (SELECT 1 FROM team_forgotten f
                            WHERE f.shop_id = p.shop_id AND f.team_id = p.team_id
                              AND f.batch_id > q.batch_id AND f.batch_id < p.batch_id)
         ORDER BY b.scheduled_at DESC LIMIT 1) AS before_minor,
       e.entry_id, e.entry_minor
  FROM team_performance p
  JOIN run r ON r.shop_id = p.shop_id AND r.currency = p.currency AND r.kind = 'team-reward'
            AND r.period = p.period
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(t.change_minor), 0)::bigint AS counted_minor, count(*) AS counted_orders
     FROM team_count t WHERE t.shop_id = p.shop_id AND t.currency = p.currency
      AND t.team_id = p.team_id AND t.period = p.period) c
  LEFT JOIN LATERAL (
   SELECT n.block * 16384 AS entry_id, n.amount_minor AS entry_minor
     FROM account a
    CROSS JOIN LATERAL (
      SELECT u.entry_id FROM unstated u
       WHERE u.shop_id = a.shop_id AND u.account_no = a.account_no
      UNION ALL
      SELECT s.entry_id FROM statement_entry s
       WHERE s.shop_id = a.shop_id AND s.account_no = a.account_no) w
     JOIN single_entry n ON n.shop_id = a.shop_id AND n.block = w.entry_id / 16384
    WHERE a.shop_id = p.shop_id AND a.currency = p.currency
      AND a.name = 'payable:team-reward:#' || p.team_id
      AND n.cause = 'team-reward' AND n.cause_id = p.period LIMIT 1) e ON true
 WHERE p.shop_id = $1`;

/** A team's performance of one period. */
export async function performanceOf(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  key: { readonly currency: string; readonly teamId: string; readonly period: string },
): Promise<PerformanceFact | undefined> {
  const [row] = await tx.query<PerformanceFact>(
    `${performanceSelect} AND p.currency = $2 AND p.team_id = $3 AND p.period = $4`,
    [shopId, key.currency, key.teamId, key.period],
  );
  return row;
}

/** A shop's performances behind one, in the order of their keys. */
export function performancesAfter(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  page: { readonly after: readonly [string, string, string]; readonly limit: number },
): Promise<PerformanceFact[]> {
  return tx.query<PerformanceFact>(
    `${performanceSelect} AND (p.currency, p.team_id, p.period) > ($2, $3, $4)
      ORDER BY p.currency, p.team_id, p.period LIMIT $5`,
    [shopId, ...page.after, page.limit],
  );
}

/** What a run counted of orders of a team, behind one, in the order of their ids. */
export function countsAfter(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  key: { readonly currency: string; readonly teamId: string; readonly period: string },
  page: { readonly after: string; readonly limit: number },
): Promise<{ readonly order_id: string; readonly change_minor: bigint }[]> {
  return tx.query(
    `SELECT order_id, change_minor FROM team_count
      WHERE shop_id = $1 AND currency = $2 AND team_id = $3 AND period = $4 AND order_id > $5
      ORDER BY order_id LIMIT $6`,
    [shopId, key.currency, key.teamId, key.period, page.after, page.limit],
  );
}
