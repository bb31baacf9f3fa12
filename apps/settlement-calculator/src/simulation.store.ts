import type { Simulation } from '@qingfen/contracts';
import type { PartKind } from '@qingfen/core-plan';
import type { CountedPeriod, TeamPeriod } from '@qingfen/core-settlement';
import { copyRows, type Tx } from '@qingfen/database';
import { orderColumns, type OrderRow } from './order-fact.js';

/** Orders of a shop that were paid in a time, `from` ≤ paidAt < `to`. */
export interface OrderSpan {
  readonly shopId: string;
  readonly from: Date;
  readonly to: Date;
}

/** Everything is read as it stood at one instant, however long it takes; nothing can be written. */
export async function readOneInstant(tx: Tx): Promise<void> {
  await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
}

/** How many orders of the span there are, counted no further than one above `max`. */
export async function countOrders(tx: Tx, span: OrderSpan, max: number): Promise<number> {
  const [row] = await tx.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM (
       SELECT 1 FROM completed_order
        WHERE shop_id = $1 AND paid_at >= $2 AND paid_at < $3 LIMIT $4) o`,
    [span.shopId, span.from, span.to, max + 1],
  );
  return Number(row?.count ?? 0n);
}

/** An order as a simulation reads it: bound or not, counted for its team or not. */
export type SpanOrderRow = OrderRow & {
  readonly plan_version: number | null;
  readonly counts_for_team: boolean;
  readonly counted_in: string | null;
  readonly counted_minor: bigint | null;
};

/** The orders of a span, page by page, in no order that means anything. */
export function ordersPaidIn(
  tx: Tx,
  span: OrderSpan,
  pageSize: number,
): AsyncGenerator<SpanOrderRow[]> {
  return pages<SpanOrderRow>(tx, pageSize, {
    cursor: 'orders_paid',
    sql: `SELECT o.*, t.order_id IS NOT NULL AS counts_for_team, t.counted_in, t.counted_minor
            FROM (SELECT ${orderColumns}, plan_version FROM completed_order
                   WHERE shop_id = $1 AND paid_at >= $2 AND paid_at < $3) o
            LEFT JOIN team_order t ON t.shop_id = o.shop_id AND t.order_id = o.order_id`,
    params: [span.shopId, span.from, span.to],
  });
}

/** Bound orders of a shop and currency that were completed in a time, page by page. */
export function ordersCompletedIn(
  tx: Tx,
  span: OrderSpan & { readonly currency: string },
  pageSize: number,
): AsyncGenerator<(OrderRow & { readonly plan_version: number })[]> {
  return pages(tx, pageSize, {
    cursor: 'orders_completed',
    sql: `SELECT ${orderColumns}, plan_version FROM completed_order
           WHERE shop_id = $1 AND currency = $2 AND completed_at >= $3 AND completed_at < $4
             AND plan_version IS NOT NULL`,
    params: [span.shopId, span.currency, span.from, span.to],
  });
}

async function* pages<R>(
  tx: Tx,
  pageSize: number,
  of: { readonly cursor: string; readonly sql: string; readonly params: readonly unknown[] },
): AsyncGenerator<R[]> {
  await tx.query(`DECLARE ${of.cursor} NO SCROLL CURSOR FOR ${of.sql}`, of.params);
  for (;;) {
    const rows = await tx.query<R>(`FETCH ${pageSize} FROM ${of.cursor}`);
    if (rows.length > 0) yield rows;
    if (rows.length < pageSize) break;
  }
  await tx.query(`CLOSE ${of.cursor}`);
}

export interface BookedAmount {
  readonly kind: PartKind;
  readonly payee_id: string;
  readonly amount_minor: bigint;
}

/**
 * What the books owe for the orders of a span, by kind and payee: entries, the rows that changed them, and
 * their corrections. Amounts by hand are no order's, also where they name one.
 */
export async function bookedFor(
  tx: Tx,
  span: OrderSpan & { readonly currency: string },
): Promise<BookedAmount[]> {
  return tx.query<BookedAmount>(
    `WITH paid AS MATERIALIZED (
       SELECT order_id FROM completed_order
        WHERE shop_id = $1 AND paid_at >= $2 AND paid_at < $3 AND currency = $4
     ), accrued AS MATERIALIZED (
       SELECT a.block, a.account_nos, a.amounts
         FROM paid o JOIN accrual a ON a.shop_id = $1 AND a.order_id = o.order_id
     ), single AS MATERIALIZED (
       SELECT s.block, s.account_no, s.amount_minor
         FROM paid o JOIN single_entry s ON s.shop_id = $1 AND s.order_id = o.order_id
        WHERE s.cause <> 'adjustment'
     ), amounts AS (
       SELECT t.account_no, t.amount_minor
         FROM accrued a
        CROSS JOIN LATERAL unnest(a.account_nos, a.amounts) AS t(account_no, amount_minor)
       UNION ALL
       SELECT account_no, amount_minor FROM single
       UNION ALL
       SELECT a.account_nos[d.entry_id % 16384 + 1], d.amount_minor
         FROM accrued a
         JOIN entry_adjustment d ON d.shop_id = $1 AND d.entry_id >= a.block * 16384
                                AND d.entry_id < (a.block + 1) * 16384
       UNION ALL
       SELECT s.account_no, d.amount_minor
         FROM single s
         JOIN entry_adjustment d ON d.shop_id = $1 AND d.entry_id = s.block * 16384
     ), sums AS (
       SELECT account_no, sum(amount_minor)::bigint AS amount_minor FROM amounts GROUP BY account_no
     )
     SELECT c.kind, c.owner_id AS payee_id, sum(s.amount_minor)::bigint AS amount_minor
       FROM sums s JOIN account c ON c.shop_id = $1 AND c.account_no = s.account_no
      WHERE c.kind IS NOT NULL GROUP BY 1, 2`,
    [span.shopId, span.from, span.to, span.currency],
  );
}

/** What runs made of these teams in these periods; one that no run counted is missing. */
export async function countedPeriods(
  tx: Tx,
  shop: { readonly shopId: string; readonly currency: string },
  periods: readonly TeamPeriod[],
): Promise<CountedPeriod[]> {
  return tx.query<CountedPeriod>(
    `SELECT p.team_id AS "teamId", p.period, p.performance_minor AS "performanceMinor",
            p.reward_minor AS "rewardMinor"
       FROM unnest($3::text[], $4::text[]) AS w(team_id, period)
       JOIN team_performance p ON p.shop_id = $1 AND p.currency = $2
                              AND p.team_id = w.team_id AND p.period = w.period`,
    [
      shop.shopId,
      shop.currency,
      periods.map(({ teamId }) => teamId),
      periods.map(({ period }) => period),
    ],
  );
}

/** A simulation without its items. */
export interface SimulationHead extends Omit<Simulation, 'items' | 'nextCursor'> {
  readonly currency: string;
}

/** A simulation whose list is longer than one page. */
export interface KeptSimulation {
  readonly shopId: string;
  readonly simulationId: string;
  /** Of what was asked: a page of it is given to nobody who asks for something else. */
  readonly requestHash: string;
  readonly head: SimulationHead;
}

export interface KeptItem {
  readonly payee_id: string;
  readonly kind: PartKind;
  readonly owed_minor: bigint;
  readonly owed_now_minor: bigint;
}

/** Keeps a result for an hour of real time, and drops those that are older. */
export async function keepSimulation(
  tx: Tx,
  kept: KeptSimulation,
  items: readonly KeptItem[],
): Promise<void> {
  const { shopId, simulationId, requestHash, head } = kept;
  await tx.query(
    `WITH old AS (
       DELETE FROM simulation WHERE made_at < clock_timestamp() - interval '1 hour'
       RETURNING shop_id, simulation_id)
     DELETE FROM simulation_item i USING old
      WHERE i.shop_id = old.shop_id AND i.simulation_id = old.simulation_id`,
  );
  await tx.query(
    `INSERT INTO simulation (shop_id, simulation_id, request_hash, head) VALUES ($1, $2, $3, $4)`,
    [shopId, simulationId, requestHash, JSON.stringify(head)],
  );
  await copyRows(tx, {
    table: 'simulation_item',
    columns: {
      shop_id: 'text',
      simulation_id: 'text',
      place: 'integer',
      payee_id: 'text',
      kind: 'text',
      owed_minor: 'bigint',
      owed_now_minor: 'bigint',
    },
    rows: items.map((item, place) => [
      shopId,
      simulationId,
      place,
      item.payee_id,
      item.kind,
      item.owed_minor,
      item.owed_now_minor,
    ]),
  });
}

/** A kept result; undefined when it is gone, or was of something else. */
export async function findSimulation(
  tx: Pick<Tx, 'query'>,
  asked: Omit<KeptSimulation, 'head'>,
): Promise<SimulationHead | undefined> {
  const [row] = await tx.query<{ head: SimulationHead }>(
    `SELECT head FROM simulation
      WHERE shop_id = $1 AND simulation_id = $2 AND request_hash = $3
        AND made_at >= clock_timestamp() - interval '1 hour'`,
    [asked.shopId, asked.simulationId, asked.requestHash],
  );
  return row?.head;
}

/** Items of a kept result from a place on. */
export async function keptItems(
  tx: Pick<Tx, 'query'>,
  of: Pick<KeptSimulation, 'shopId' | 'simulationId'>,
  page: { readonly from: number; readonly limit: number },
): Promise<KeptItem[]> {
  return tx.query<KeptItem>(
    `SELECT payee_id, kind, owed_minor, owed_now_minor FROM simulation_item
      WHERE shop_id = $1 AND simulation_id = $2 AND place >= $3::bigint ORDER BY place LIMIT $4`,
    [of.shopId, of.simulationId, page.from, page.limit],
  );
}
