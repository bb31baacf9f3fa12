import { insertRows, type Tx } from '@qingfen/database';
import type { Run } from './run.store.js';

/** No id begins with it, so what a team waits for is nobody's by accident. */
const teamPrefix = '#';

/** Under whose name a team's reward waits until a run finds its leader. */
export function teamOwner(teamId: string): string {
  return `${teamPrefix}${teamId}`;
}

/** The team whose reward waits under this name; null for a payee's own. */
export function teamOfOwner(ownerId: string): string | null {
  return ownerId.startsWith(teamPrefix) ? ownerId.slice(teamPrefix.length) : null;
}

export interface TeamOrder {
  readonly shopId: string;
  readonly teamId: string;
  readonly orderId: string;
  readonly currency: string;
  /** Σ of the goods' base; shipping is no performance. */
  readonly baseMinor: bigint;
  readonly completedAt: Date;
  readonly windowEndsAt: Date;
}

/** What orders count for their teams now, and from when; of one that is bound anew, once more. */
export async function keepTeamOrders(tx: Tx, orders: readonly TeamOrder[]): Promise<void> {
  await insertRows(tx, {
    table: 'team_order',
    columns: {
      shop_id: 'text',
      team_id: 'text',
      order_id: 'text',
      currency: 'text',
      base_minor: 'bigint',
      completed_at: 'timestamptz',
      window_ends_at: 'timestamptz',
    },
    rows: orders.map((order) => [
      order.shopId,
      order.teamId,
      order.orderId,
      order.currency,
      order.baseMinor,
      order.completedAt,
      order.windowEndsAt,
    ]),
    onConflict: `(shop_id, order_id) DO UPDATE
      SET base_minor = excluded.base_minor, window_ends_at = excluded.window_ends_at`,
  });
}

/** A refund or its reversal changes what an order's goods come to; counted or not. */
export async function moveTeamBase(
  tx: Tx,
  order: { readonly shopId: string; readonly orderId: string },
  deltaMinor: bigint,
): Promise<void> {
  await tx.query(
    `UPDATE team_order SET base_minor = base_minor + $3 WHERE shop_id = $1 AND order_id = $2`,
    [order.shopId, order.orderId, deltaMinor],
  );
}

const evidenceThere = `EXISTS (
  SELECT 1 FROM window_evidence w
   WHERE w.shop_id = t.shop_id AND w.order_id = t.order_id
     AND w.completed_at = t.completed_at AND w.closed_at >= t.window_ends_at)`;

/** Whether lines that would be counted first by this run lack the close of their window. */
export async function teamsLackEvidence(tx: Pick<Tx, 'query'>, run: Run): Promise<boolean> {
  const [row] = await tx.query<{ lacking: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM team_order t
        WHERE t.shop_id = $1 AND t.currency = $2 AND t.base_minor <> t.counted_minor
          AND t.counted_in IS NULL AND t.window_ends_at < $3 AND NOT t.waited_for
          AND NOT ${evidenceThere}) AS lacking`,
    [run.shop_id, run.currency, run.cutoff],
  );
  return row?.lacking === true;
}

export async function giveUpOnTeams(tx: Tx, run: Run): Promise<number> {
  const marked = await tx.query(
    `UPDATE team_order t SET waited_for = true
      WHERE t.shop_id = $1 AND t.currency = $2 AND t.base_minor <> t.counted_minor
        AND t.counted_in IS NULL AND t.window_ends_at < $3 AND NOT t.waited_for
        AND NOT ${evidenceThere} RETURNING order_id`,
    [run.shop_id, run.currency, run.cutoff],
  );
  return marked.length;
}

export interface TeamCount {
  readonly team_id: string;
  readonly change_minor: bigint;
  readonly carried_minor: bigint;
  readonly order_count: number;
  /** The platform's fees of the orders counted, as they are now. */
  readonly fee_minor: bigint;
}

/**
 * Counts what changed since it was last counted, in one statement: orders counted before always, held or
 * not; others once their window has closed before the cutoff and no hold is open on them. Teams with
 * nothing but a carry are left alone. What is counted of each order is kept, under `batchId`.
 */
export async function countTeams(tx: Tx, run: Run, batchId: bigint): Promise<TeamCount[]> {
  return tx.query<TeamCount>(
    `WITH countable AS (
       SELECT t.shop_id, t.order_id, t.team_id, t.base_minor - t.counted_minor AS change_minor
         FROM team_order t
        WHERE t.shop_id = $1 AND t.currency = $2 AND t.base_minor <> t.counted_minor
          AND (t.counted_in IS NOT NULL
            OR (t.window_ends_at < $3 AND ${evidenceThere}
              AND NOT EXISTS (SELECT 1 FROM hold h
                               WHERE h.shop_id = t.shop_id AND h.subject_type = 'order'
                                 AND h.subject_id = t.order_id AND h.released_at IS NULL)))
        FOR UPDATE OF t
     ), counted AS (
       UPDATE team_order t SET counted_minor = t.base_minor, counted_in = coalesce(t.counted_in, $4)
         FROM countable c WHERE t.shop_id = c.shop_id AND t.order_id = c.order_id
       RETURNING t.order_id
     ), kept AS (
       INSERT INTO team_count (shop_id, currency, team_id, period, order_id, change_minor, batch_id)
       SELECT shop_id, $2, team_id, $4, order_id, change_minor, $5 FROM countable
     )
     SELECT c.team_id, sum(c.change_minor)::bigint AS change_minor,
            coalesce(min(k.carry_minor), 0)::bigint AS carried_minor,
            count(*)::integer AS order_count,
            coalesce(sum((SELECT sum(e.amount_minor + coalesce(
                (SELECT sum(a.amount_minor) FROM entry_adjustment a
                  WHERE a.shop_id = e.shop_id AND a.entry_id = e.entry_id), 0))
              FROM entry e WHERE e.shop_id = c.shop_id AND e.order_id = c.order_id
                             AND e.kind = 'platform-fee')), 0)::bigint AS fee_minor
       FROM countable c JOIN counted d ON d.order_id = c.order_id
       LEFT JOIN team_carry k ON k.shop_id = c.shop_id AND k.currency = $2 AND k.team_id = c.team_id
      GROUP BY c.team_id ORDER BY c.team_id`,
    [run.shop_id, run.currency, run.cutoff, run.period, batchId],
  );
}

export async function keepPerformance(
  tx: Tx,
  run: Run,
  result: {
    readonly teamId: string;
    readonly orderCount: number;
    readonly performanceMinor: bigint;
    readonly rewardMinor: bigint;
    readonly carryMinor: bigint;
    readonly batchId: bigint;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO team_carry (shop_id, currency, team_id, carry_minor) VALUES ($1, $2, $3, $4)
     ON CONFLICT (shop_id, currency, team_id) DO UPDATE SET carry_minor = excluded.carry_minor`,
    [run.shop_id, run.currency, result.teamId, result.carryMinor],
  );
  await tx.query(
    `INSERT INTO team_performance (shop_id, currency, team_id, period, order_count,
                                   performance_minor, reward_minor, batch_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      run.shop_id,
      run.currency,
      result.teamId,
      run.period,
      result.orderCount,
      result.performanceMinor,
      result.rewardMinor,
      result.batchId,
    ],
  );
}

/** The leaders of these teams, by team. */
export async function leadersOf(
  tx: Tx,
  shopId: string,
  teamIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ team_id: string; payee_ids: string[] }>(
    `SELECT team_id, array_agg(payee_id ORDER BY payee_id) AS payee_ids FROM payee
      WHERE shop_id = $1 AND team_id = ANY($2) AND 'team-leader' = ANY (roles) GROUP BY team_id`,
    [shopId, teamIds],
  );
  return new Map(rows.map((row) => [row.team_id, row.payee_ids]));
}

/** Teams with something to count of orders whose windows closed before an instant, or with a carry. */
export async function uncountedTeams(
  tx: Tx,
  shopId: string,
  before: Date,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ team_id: string }>(
    `SELECT team_id FROM team_order
      WHERE shop_id = $1 AND window_ends_at < $2 AND base_minor <> counted_minor
      UNION SELECT team_id FROM team_carry WHERE shop_id = $1 AND carry_minor < 0
      ORDER BY team_id LIMIT $3`,
    [shopId, before, limit],
  );
  return rows.map((row) => row.team_id);
}

/**
 * Counts what these teams sold before as spent, and drops what they carried: settled elsewhere. What was
 * counted is kept under `batchId`; to be called with the entries closed.
 */
export async function forgetTeamsBefore(
  tx: Tx,
  shopId: string,
  before: Date,
  { teamIds, batchId }: { readonly teamIds: readonly string[]; readonly batchId: bigint },
): Promise<void> {
  await tx.query(
    `WITH spent AS (
       SELECT order_id, currency, team_id, base_minor - counted_minor AS change_minor
         FROM team_order
        WHERE shop_id = $1 AND window_ends_at < $2 AND team_id = ANY ($3)
          FOR UPDATE
     ), kept AS (
       INSERT INTO team_count (shop_id, currency, team_id, period, order_id, change_minor, batch_id)
       SELECT $1, currency, team_id, 'settled-outside:' || $4, order_id, change_minor, $4::bigint
         FROM spent WHERE change_minor <> 0
     ), noted AS (
       INSERT INTO team_forgotten (shop_id, team_id, batch_id)
       SELECT $1, team_id, $4::bigint FROM unnest($3::text[]) AS team_id
     )
     UPDATE team_order t
        SET counted_minor = t.base_minor, counted_in = coalesce(t.counted_in, 'settled-outside')
       FROM spent s WHERE t.shop_id = $1 AND t.order_id = s.order_id`,
    [shopId, before, teamIds, batchId.toString()],
  );
  await tx.query('DELETE FROM team_carry WHERE shop_id = $1 AND team_id = ANY ($2)', [
    shopId,
    teamIds,
  ]);
}
