import type { OrderShare, TradeRoom } from '@qingfen/core-settlement';
import { advisoryLock, type Tx } from '@qingfen/database';
import { minor } from '@qingfen/money';
import type { OrderDocument } from './order-fact.js';
import { itemsOf, type RefundRow } from './refund.store.js';

/** Nothing else splits trades of the shop until the transaction ends: what is left of one is counted. */
export function lockTrades(tx: Tx, shopId: string): Promise<void> {
  return advisoryLock(tx, `royalty ${shopId}`, 'exclusive');
}

interface ShareRow {
  readonly statement_no: bigint;
  readonly order_id: string;
  readonly paid_at: Date;
  readonly trade: string | null;
  readonly document: OrderDocument;
  readonly amount_minor: bigint;
}

/** What statements owe of each of their orders, and the trades by which those were paid. */
export interface StatedOrders {
  /** By the number of the statement; only what is more than nothing. */
  readonly shares: ReadonlyMap<bigint, readonly OrderShare[]>;
  readonly rooms: ReadonlyMap<string, TradeRoom>;
}

/**
 * Reads what is to be known before statements are split. Of a trade that paid several orders only those
 * that are stated here count, so that never too much is split of it.
 */
export async function statedOrders(
  tx: Tx,
  shopId: string,
  statementNos: readonly bigint[],
): Promise<StatedOrders> {
  const rows = await tx.query<ShareRow>(
    `SELECT l.statement_no, o.order_id, o.paid_at, o.document->>'trade' AS trade, o.document,
            sum(l.amount_minor)::bigint AS amount_minor
       FROM statement_entry l
      CROSS JOIN LATERAL (
        SELECT a.order_id FROM accrual a
         WHERE a.shop_id = l.shop_id AND a.block = l.entry_id / 16384
         UNION ALL
        SELECT s.order_id FROM single_entry s
         WHERE s.shop_id = l.shop_id AND s.block = l.entry_id / 16384 AND s.order_id <> '') AS e
       JOIN completed_order o ON o.shop_id = l.shop_id AND o.order_id = e.order_id
      WHERE l.shop_id = $1 AND l.statement_no = ANY ($2)
      GROUP BY l.statement_no, o.shop_id, o.order_id HAVING sum(l.amount_minor) > 0`,
    [shopId, statementNos],
  );
  const shares = new Map<bigint, OrderShare[]>();
  const orders = new Map<string, ShareRow>();
  for (const row of rows) {
    const { order_id: orderId, trade: tradeNo, paid_at: paidAt } = row;
    const share = { orderId, tradeNo, paidAt, amountMinor: minor(row.amount_minor) };
    const known = shares.get(row.statement_no);
    if (known === undefined) shares.set(row.statement_no, [share]);
    else known.push(share);
    if (tradeNo !== null) orders.set(orderId, row);
  }
  return { shares, rooms: await roomsOf(tx, shopId, orders) };
}

async function roomsOf(
  tx: Tx,
  shopId: string,
  orders: ReadonlyMap<string, ShareRow>,
): Promise<Map<string, TradeRoom>> {
  if (orders.size === 0) return new Map();
  const refunds = await tx.query<Pick<RefundRow, 'order_id' | 'items'>>(
    `SELECT order_id, items FROM refund
      WHERE shop_id = $1 AND order_id = ANY ($2) AND state = 'applied'`,
    [shopId, [...orders.keys()]],
  );
  const paid = new Map<string, bigint>();
  const add = (trade: string | null | undefined, amountMinor: bigint): void => {
    if (trade != null) paid.set(trade, (paid.get(trade) ?? 0n) + amountMinor);
  };
  for (const { trade, document } of orders.values()) {
    for (const [, , , amount, subsidy] of document.items) {
      // What the platform pays of a line is no part of what the buyer paid through the trade.
      add(trade, BigInt(amount) - BigInt(subsidy));
    }
  }
  for (const { order_id: orderId, items } of refunds) {
    for (const { amountMinor } of itemsOf(items)) add(orders.get(orderId)?.trade, -amountMinor);
  }
  const taken = await takenOf(tx, shopId, [...paid.keys()]);
  return new Map(
    [...paid].map(([trade, paidMinor]) => {
      const takenMinor = minor(taken.get(trade) ?? 0n);
      return [trade, { paidMinor: minor(paidMinor > 0n ? paidMinor : 0n), takenMinor }];
    }),
  );
}

/** What splits have taken of these trades, or may yet: all that have not failed, less what came back. */
async function takenOf(
  tx: Tx,
  shopId: string,
  trades: readonly string[],
): Promise<Map<string, bigint>> {
  const rows = await tx.query<{ trade_no: string; taken_minor: bigint }>(
    `SELECT trade_no, sum(amount_minor - returned_minor)::bigint AS taken_minor FROM payout
      WHERE shop_id = $1 AND trade_no = ANY ($2) AND (status IS NULL OR status = 'succeeded')
      GROUP BY trade_no`,
    [shopId, trades],
  );
  return new Map(rows.map((row) => [row.trade_no, row.taken_minor]));
}

/** A payout of a statement whose splits have ended: what is still to be asked for. */
export interface HeldBackPayout {
  readonly shop_id: string;
  readonly payout_id: string;
  readonly part: number;
  readonly parts: number;
  readonly amount_minor: bigint;
  readonly withheld_minor: bigint;
  readonly statement_id: string;
  readonly payee_id: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly currency: string;
  readonly period: string;
  readonly issued_at: Date;
  readonly correlation_id: string;
  readonly makers: readonly string[];
}

/**
 * Releases what was held back of these statements, if all their splits have ended. Their rows are locked
 * first, so that of several that hear of the last splits at once one sees them all.
 */
export async function releaseHeldBack(
  tx: Tx,
  statements: readonly { readonly shopId: string; readonly statementId: string }[],
): Promise<HeldBackPayout[]> {
  const params = [
    statements.map(({ shopId }) => shopId),
    statements.map(({ statementId }) => statementId),
  ];
  const ours = '(SELECT * FROM unnest($1::text[], $2::text[]))';
  await tx.query(
    `SELECT FROM statement WHERE (shop_id, statement_id) IN ${ours}
      ORDER BY shop_id, statement_id FOR UPDATE`,
    params,
  );
  return tx.query<HeldBackPayout>(
    `WITH released AS (
       UPDATE payout p SET is_requested = true
        WHERE (p.shop_id, p.statement_id) IN ${ours} AND NOT p.is_requested
          AND NOT EXISTS (SELECT 1 FROM payout q
                           WHERE q.shop_id = p.shop_id AND q.statement_id = p.statement_id
                             AND q.pay_via = 'royalty' AND q.status IS NULL)
       RETURNING p.shop_id, p.statement_id, p.payout_id, p.part, p.parts, p.amount_minor,
                 p.withheld_minor)
     SELECT r.*, s.payee_id, s.kind, s.currency, s.period, s.issued_at, s.correlation_id, s.makers
       FROM released r JOIN statement s USING (shop_id, statement_id)
      ORDER BY r.shop_id, r.statement_id, r.part`,
    params,
  );
}

/**
 * Those of these trades, as `shopId tradeNo`, of which a split has not ended, or of whose split orders an
 * entry is on no statement.
 */
export async function openTrades(
  reader: Pick<Tx, 'query'>,
  trades: readonly { readonly shopId: string; readonly tradeNo: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await reader.query<{ name: string }>(
    `SELECT k.shop_id || ' ' || k.trade_no AS name
       FROM unnest($1::text[], $2::text[]) AS k(shop_id, trade_no)
      WHERE EXISTS (
        SELECT FROM payout p
         WHERE p.shop_id = k.shop_id AND p.trade_no = k.trade_no AND p.status IS NULL)
         OR EXISTS (
        SELECT FROM payout p
          JOIN accrual a ON a.shop_id = p.shop_id AND a.order_id = p.order_id
          JOIN unstated u ON u.shop_id = a.shop_id AND u.account_no = ANY (a.account_nos)
           AND u.entry_id BETWEEN a.block * 16384 AND a.block * 16384 + 16383
         WHERE p.shop_id = k.shop_id AND p.trade_no = k.trade_no)
         OR EXISTS (
        SELECT FROM payout p
          JOIN single_entry s ON s.shop_id = p.shop_id AND s.order_id = p.order_id
          JOIN unstated u ON u.shop_id = s.shop_id AND u.account_no = s.account_no
           AND u.entry_id = s.block * 16384
         WHERE p.shop_id = k.shop_id AND p.trade_no = k.trade_no)`,
    [trades.map(({ shopId }) => shopId), trades.map(({ tradeNo }) => tradeNo)],
  );
  return new Set(rows.map(({ name }) => name));
}
