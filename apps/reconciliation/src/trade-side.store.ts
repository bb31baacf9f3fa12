import { nothingBilled, type ToldTrade, type TradeFacts } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';
import type { ShopDay } from './bill.store.js';

type Reader = Pick<Tx, 'query'>;

/** Up to where what was told of a shop's trades counts. */
export interface TradeHorizon {
  readonly shopId: string;
  /** The last day of which a bill was read, and the midnight that ends it. */
  readonly lastDay: string;
  readonly until: Date;
  /** So much before and behind it clocks may differ. */
  readonly early: Date;
  readonly late: Date;
}

/** Which trades are looked at after the bill of a day came. */
export interface TradeSpan extends TradeHorizon, ShopDay {
  readonly start: Date;
  readonly end: Date;
}

/** What the orders of the trades that were looked at have come to. */
export interface OrdersOfTrades {
  readonly orders: bigint;
  /** Their trades leave nothing on `clearing`. */
  readonly settled: bigint;
  /** Paid or refunded on a day of which there is no bill yet, or before bills had any trade. */
  readonly waiting: bigint;
}

/** What the orders of a day left on `clearing`. */
export interface Clearing extends OrdersOfTrades {
  /** Fen that those orders leave which are neither settled nor waiting. */
  readonly openMinor: bigint;
}

export interface TradesInDoubt extends OrdersOfTrades {
  readonly doubtful: readonly TradeFacts[];
}

/** So many of a trade's orders are named; one has very few. */
const ordersNamed = 20;

/** Of the bills of a day only one has lines: the last that could be read. */
const billsOf = (day: string): string =>
  `(SELECT bill_no FROM bill WHERE shop_id = $1 AND day = ${day} AND problem IS NULL)`;

/**
 * Trades with orders that moved on the day, of which something was told on it, or that should have moved on it
 * as it was told, and those with a difference. Each is there once; of what was paid on the day nearly nothing
 * has an order yet.
 */
const looked = `
    SELECT l.trade_no FROM trade_line l
     WHERE l.bill_no IN ${billsOf('$2')}
       AND EXISTS (SELECT 1 FROM told_order o
                    WHERE o.shop_id = $1 AND o.trade_no = l.trade_no OFFSET 0)
     UNION
    SELECT trade_no FROM told_order
     WHERE shop_id = $1 AND trade_no IS NOT NULL
       AND (told_on = $2 OR (paid_at >= $3 AND paid_at < $4))
     UNION
    SELECT o.trade_no FROM (
      SELECT order_id FROM told_refund
       WHERE shop_id = $1 AND (told_on = $2 OR (refunded_at >= $3 AND refunded_at < $4))
       UNION SELECT order_id FROM told_reversal WHERE shop_id = $1 AND told_on = $2) t
      JOIN told_order o ON o.shop_id = $1 AND o.order_id = t.order_id
     WHERE o.trade_no IS NOT NULL
     UNION
    SELECT unnest($5::text[])`;

/** Which trades are compared how. */
export interface TradesWanted {
  /** Trades with a difference. */
  readonly open: readonly string[];
  readonly limit: number;
  /** So many are looked at by one statement: a day may concern millions. */
  readonly atOnce: number;
}

/** Pages of the trades that are looked at, within a transaction. */
async function* lookedTrades(
  tx: Tx,
  { shopId, day, start, end }: TradeSpan,
  { open, atOnce }: TradesWanted,
): AsyncGenerator<readonly string[]> {
  const cursor = 'looked_trades';
  await tx.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${looked}`, [
    ...[shopId, day, start, end, open],
  ]);
  for (let isMore = true; isMore;) {
    const rows = await tx.query<{ trade_no: string }>(`FETCH ${atOnce} FROM ${cursor}`);
    if (rows.length > 0) yield rows.map((row) => row.trade_no);
    isMore = rows.length === atOnce;
  }
  await tx.query(`CLOSE ${cursor}`);
}

/** Days whose bill was read and could show a trade: from the first on that had any. */
const shown = `
  shown AS MATERIALIZED (
    SELECT DISTINCT b.day FROM bill b
     WHERE b.shop_id = $1 AND b.problem IS NULL
       AND b.day >= (SELECT min(f.day) FROM bill f
                      WHERE f.shop_id = $1 AND f.problem IS NULL AND f.trade_lines > 0))`;

/**
 * Trades are looked up one by one, as their lines and refunds below: for some thousands of them PostgreSQL
 * would read all that a shop has. `OFFSET 0` keeps a part of a query as it is written.
 */
const orders = `
  orders AS MATERIALIZED (
    SELECT o.order_id, o.trade_no, o.paid_minor, o.paid_at, s.day IS NOT NULL AS is_shown
      FROM looked l
     CROSS JOIN LATERAL (SELECT * FROM told_order t
                          WHERE t.shop_id = $1 AND t.trade_no = l.trade_no OFFSET 0) o
      LEFT JOIN shown s ON s.day = (o.paid_at AT TIME ZONE 'Asia/Shanghai')::date
     WHERE o.currency = 'CNY')`;

const sumBefore = (what: string, at: string, before: string): string =>
  `coalesce(sum(${what}) FILTER (WHERE ${at} < ${before}), 0)::bigint`;

const paid = `
  paid AS MATERIALIZED (
    SELECT trade_no, count(*) AS orders, bool_and(is_shown) AS is_shown,
           bool_and(paid_at < $3) AS is_due,
           (array_agg(order_id ORDER BY order_id))[1:${ordersNamed}] AS order_ids,
           ${sumBefore('paid_minor', 'paid_at', '$3')} AS minor,
           ${sumBefore('paid_minor', 'paid_at', '$4')} AS early,
           ${sumBefore('paid_minor', 'paid_at', '$5')} AS late
      FROM orders GROUP BY trade_no)`;

/** A refund counts from when it was made until it was reversed; of old ones no instant was kept. */
const standing = (before: string): string =>
  `coalesce(sum(b.minor) FILTER (WHERE b.from_at < ${before} AND b.to_at >= ${before}), 0)::bigint`;

const back = `
  back AS MATERIALIZED (
    SELECT b.trade_no, ${standing('$3')} AS minor, ${standing('$4')} AS early,
           ${standing('$5')} AS late,
           coalesce(bool_and(b.is_shown) FILTER (WHERE b.from_at < $3), true) AS is_shown
      FROM (
        SELECT o.trade_no, coalesce(f.back_minor, f.amount_minor) AS minor,
               coalesce(f.refunded_at, '-infinity') AS from_at,
               CASE WHEN v.refund_id IS NULL THEN 'infinity'
                    ELSE coalesce(v.reversed_at, '-infinity') END AS to_at,
               s.day IS NOT NULL OR f.refunded_at IS NULL AS is_shown
          FROM orders o
         CROSS JOIN LATERAL (SELECT * FROM told_refund t
                              WHERE t.shop_id = $1 AND t.order_id = o.order_id OFFSET 0) f
          LEFT JOIN told_reversal v ON v.shop_id = $1 AND v.order_id = f.order_id
                                   AND v.refund_id = f.refund_id
          LEFT JOIN shown s ON s.day = (f.refunded_at AT TIME ZONE 'Asia/Shanghai')::date) b
     GROUP BY b.trade_no)`;

const billedOf = (trades: string): string => `
    SELECT l.trade_no, count(*) AS lines, min(l.at) AS first_at,
           coalesce(sum(l.amount_minor) FILTER (WHERE l.amount_minor > 0), 0)::bigint AS paid,
           coalesce(-sum(l.amount_minor) FILTER (WHERE l.amount_minor < 0), 0)::bigint AS back
      FROM ${trades} t
     CROSS JOIN LATERAL (SELECT * FROM trade_line x WHERE x.trade_no = t.trade_no OFFSET 0) l
      JOIN bill b ON b.bill_no = l.bill_no AND b.shop_id = $1 AND b.day <= $2
     GROUP BY l.trade_no`;

const facts = `
  billed AS MATERIALIZED (${billedOf('paid')}),
  facts AS MATERIALIZED (
    SELECT p.trade_no, p.orders, p.order_ids, p.minor AS told_paid,
           coalesce(b.minor, 0) AS told_back,
           p.early - coalesce(b.early, 0) AS told_early, p.late - coalesce(b.late, 0) AS told_late,
           coalesce(x.lines, 0) AS lines, x.first_at, coalesce(x.paid, 0) AS paid,
           coalesce(x.back, 0) AS back,
           CASE WHEN p.minor - coalesce(b.minor, 0) = coalesce(x.paid, 0) - coalesce(x.back, 0)
                THEN CASE WHEN p.is_due THEN 'settled' ELSE 'waiting' END
                WHEN (p.is_shown OR coalesce(x.paid, 0) > 0) AND coalesce(b.is_shown, true)
                THEN 'open' ELSE 'waiting' END AS state
      FROM paid p LEFT JOIN back b USING (trade_no) LEFT JOIN billed x USING (trade_no))`;

const factsColumns = `f.trade_no AS "tradeNo", f.orders AS "tradeOrders", f.order_ids AS "orderIds",
  f.told_paid AS "toldPaid", f.told_back AS "toldBack", f.told_early AS "toldEarly",
  f.told_late AS "toldLate", f.lines, f.first_at AS "firstAt", f.paid, f.back`;

/** What both sides have of these trades, as common table expressions that end in `facts`. */
const factsOfTrades = [
  'looked AS MATERIALIZED (SELECT unnest($6::text[]) AS trade_no)',
  ...[shown, orders, paid, back, facts],
].join(',');

interface BilledRow {
  readonly tradeNo: string;
  readonly lines: bigint;
  readonly firstAt: Date | null;
  readonly paid: bigint;
  readonly back: bigint;
}

interface FactsRow extends BilledRow {
  readonly tradeOrders: bigint | null;
  readonly orderIds: readonly string[];
  readonly toldPaid: bigint;
  readonly toldBack: bigint;
  readonly toldEarly: bigint;
  readonly toldLate: bigint;
}

/**
 * Every trade with orders that is looked at on a day leaves nothing on `clearing`, but these: at most `limit`
 * and a page more.
 */
export async function tradesInDoubt(
  tx: Tx,
  span: TradeSpan,
  wanted: TradesWanted,
): Promise<TradesInDoubt> {
  const doubtful: TradeFacts[] = [];
  let [all, settled, waiting] = [0n, 0n, 0n];
  for await (const tradeNos of lookedTrades(tx, span, wanted)) {
    const page = await doubtsAmong(tx, span, tradeNos);
    all += page.orders;
    settled += page.settled;
    waiting += page.waiting;
    doubtful.push(...page.doubtful);
    if (doubtful.length > wanted.limit) break;
  }
  return { orders: all, settled, waiting, doubtful };
}

/** One statement for all of them: their orders, what was paid and refunded of these, and lines of all bills. */
async function doubtsAmong(
  tx: Tx,
  horizon: TradeHorizon,
  tradeNos: readonly string[],
): Promise<TradesInDoubt> {
  const rows = await tx.query<FactsRow & OrdersOfTrades>(
    `WITH ${factsOfTrades}
     SELECT t.orders, t.settled, t.waiting, ${factsColumns}
       FROM (SELECT coalesce(sum(orders), 0)::bigint AS orders,
                    coalesce(sum(orders) FILTER (WHERE state = 'settled'), 0)::bigint AS settled,
                    coalesce(sum(orders) FILTER (WHERE state = 'waiting'), 0)::bigint AS waiting
               FROM facts) t
       LEFT JOIN LATERAL (SELECT * FROM facts WHERE state = 'open') f ON true`,
    valuesOf(horizon, tradeNos),
  );
  const { orders: all = 0n, settled = 0n, waiting = 0n } = rows[0] ?? {};
  const doubtful = rows.flatMap((row) => {
    const told = toldIn(row);
    return told === null ? [] : [{ tradeNo: row.tradeNo, told, billed: billedIn(row) }];
  });
  return { orders: all, settled, waiting, doubtful };
}

/** From `$1` on, as `factsOfTrades` takes them. */
function valuesOf(horizon: TradeHorizon, tradeNos: readonly string[]): unknown[] {
  const { shopId, lastDay, until, early, late } = horizon;
  return [shopId, lastDay, until, early, late, tradeNos];
}

/** The first row is there for its counts, whether it has a trade or not. */
function toldIn(row: FactsRow): ToldTrade | null {
  if (row.tradeOrders === null) return null;
  return {
    orderCount: Number(row.tradeOrders),
    orderIds: row.orderIds,
    paidMinor: row.toldPaid,
    backMinor: row.toldBack,
    earlyMinor: row.toldEarly,
    lateMinor: row.toldLate,
  };
}

function billedIn({
  lines,
  firstAt,
  paid: paidMinor,
  back: backMinor,
}: BilledRow): TradeFacts['billed'] {
  return lines === 0n ? nothingBilled : { lineCount: Number(lines), firstAt, paidMinor, backMinor };
}

/** What both sides have of the trade of an order. */
export interface OrderOfTrade {
  readonly tradeNo: string | null;
  /** Null for an order without a trade. */
  readonly facts: TradeFacts | null;
  /** As `OrdersOfTrades` has it; outside: without a trade. */
  readonly state: 'settled' | 'waiting' | 'open' | 'outside';
}

/** An order that was told, with its trade; null for one that was not. */
export async function tradeOfOrder(
  reader: Reader,
  horizon: TradeHorizon,
  orderId: string,
): Promise<OrderOfTrade | null> {
  const [order] = await reader.query<{ tradeNo: string | null }>(
    `SELECT trade_no AS "tradeNo" FROM told_order WHERE shop_id = $1 AND order_id = $2`,
    [horizon.shopId, orderId],
  );
  if (order === undefined) return null;
  const { tradeNo } = order;
  const [row] = await reader.query<FactsRow & Pick<OrderOfTrade, 'state'>>(
    `WITH ${factsOfTrades} SELECT f.state, ${factsColumns} FROM facts f`,
    valuesOf(horizon, tradeNo === null ? [] : [tradeNo]),
  );
  if (row === undefined) return { tradeNo, facts: null, state: 'outside' };
  const both = { tradeNo: row.tradeNo, told: toldIn(row), billed: billedIn(row) };
  return { tradeNo, facts: both, state: row.state };
}

/**
 * Trades paid on a day, and these, that kept money and of which no topic has told an order: on the day that
 * a payment is as old as an order may be late, it is looked at once.
 */
export async function untoldTrades(
  reader: Reader,
  { shopId, lastDay }: TradeHorizon,
  wanted: { readonly paidOn: string; readonly open: readonly string[]; readonly limit: number },
): Promise<TradeFacts[]> {
  const rows = await reader.query<BilledRow>(
    `WITH wanted AS MATERIALIZED (
       SELECT trade_no FROM trade_line WHERE bill_no IN ${billsOf('$3')} AND NOT is_refund
        UNION
       SELECT unnest($4::text[])),
     untold AS MATERIALIZED (
       SELECT w.trade_no FROM wanted w
        WHERE NOT EXISTS (SELECT 1 FROM told_order o
                           WHERE o.shop_id = $1 AND o.trade_no = w.trade_no))
     SELECT b.trade_no AS "tradeNo", b.lines, b.first_at AS "firstAt", b.paid, b.back
       FROM (${billedOf('untold')}) b WHERE b.paid > b.back LIMIT $5`,
    [shopId, lastDay, wanted.paidOn, wanted.open, wanted.limit],
  );
  return rows.map((row) => ({ tradeNo: row.tradeNo, told: null, billed: billedIn(row) }));
}
