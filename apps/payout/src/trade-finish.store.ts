import type { Tx } from '@qingfen/database';
import type { SplitMode } from './merchant.js';
import type { Reader } from './payout.store.js';

/** A trade that is split. */
export interface SplitTrade {
  readonly shopId: string;
  readonly tradeNo: string;
  /** The merchant whose trade it is. */
  readonly appId: string;
  /** Of all its splits, the one that ends them included. */
  readonly mode: SplitMode;
}

/** A trade that is split, and that is to be finished when nothing more is. */
export interface TradeToFinish extends SplitTrade {
  readonly state: 'open' | 'sent';
  /** What was sent, once something was. */
  readonly request: string | null;
}

const columns = `t.shop_id AS "shopId", t.trade_no AS "tradeNo", t.app_id AS "appId", t.mode, t.state, t.request`;

/** In which modes these trades are split, by `shopId tradeNo`; those that never were are missing. */
export async function modesOf(
  tx: Tx,
  trades: readonly Pick<SplitTrade, 'shopId' | 'tradeNo'>[],
): Promise<ReadonlyMap<string, SplitMode>> {
  if (trades.length === 0) return new Map();
  const rows = await tx.query<Pick<SplitTrade, 'shopId' | 'tradeNo' | 'mode'>>(
    `SELECT t.shop_id AS "shopId", t.trade_no AS "tradeNo", t.mode
       FROM trade_finish t JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS k
              (shop_id, trade_no) USING (shop_id, trade_no)`,
    [trades.map(({ shopId }) => shopId), trades.map(({ tradeNo }) => tradeNo)],
  );
  return new Map(rows.map((row) => [tradeKey(row), row.mode]));
}

/** The key of a trade as one text. */
export function tradeKey({ shopId, tradeNo }: Pick<SplitTrade, 'shopId' | 'tradeNo'>): string {
  return `${shopId} ${tradeNo}`;
}

/** Notes trades that are about to be split; those that are noted stay as they are. */
export async function noteTrades(tx: Tx, trades: readonly SplitTrade[], now: Date): Promise<void> {
  if (trades.length === 0) return;
  await tx.query(
    `INSERT INTO trade_finish (shop_id, trade_no, app_id, mode, look_at)
     SELECT DISTINCT k.*, $5::timestamptz + interval '10 minutes'
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS k
     ON CONFLICT DO NOTHING`,
    [
      trades.map(({ shopId }) => shopId),
      trades.map(({ tradeNo }) => tradeNo),
      trades.map(({ appId }) => appId),
      trades.map(({ mode }) => mode),
      now,
    ],
  );
}

/**
 * Takes trades that are to be looked at by then. Each is due again after ten minutes, an hour, six hours,
 * and then every day, whatever comes of the look.
 */
export async function claimTrades(
  reader: Reader,
  { dueBy, limit }: { readonly dueBy: Date; readonly limit: number },
): Promise<TradeToFinish[]> {
  return reader.query<TradeToFinish>(
    `WITH due AS (
       SELECT shop_id, trade_no FROM trade_finish
        WHERE state IN ('open', 'sent') AND look_at <= $1
        ORDER BY look_at, shop_id, trade_no LIMIT $2 FOR UPDATE SKIP LOCKED)
     UPDATE trade_finish t
        SET tries = t.tries + 1,
            look_at = $1::timestamptz + CASE t.tries WHEN 0 THEN interval '10 minutes'
              WHEN 1 THEN interval '1 hour' WHEN 2 THEN interval '6 hours'
              ELSE interval '1 day' END
       FROM due WHERE t.shop_id = due.shop_id AND t.trade_no = due.trade_no
     RETURNING ${columns}`,
    [dueBy, limit],
  );
}

/** Stores what is sent, before it is. Answers false when somebody else has, or the trade is done with. */
export async function storeFinish(
  tx: Tx,
  { shopId, tradeNo }: TradeToFinish,
  request: string,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE trade_finish SET state = 'sent', request = $3
      WHERE shop_id = $1 AND trade_no = $2 AND state = 'open' RETURNING trade_no`,
    [shopId, tradeNo, request],
  );
  return rows.length > 0;
}

/** Notes that a trade is done with. */
export async function endFinish(
  reader: Reader,
  { shopId, tradeNo }: TradeToFinish,
  { state, reason }: { readonly state: 'finished' | 'ended'; readonly reason: string | null },
): Promise<void> {
  await reader.query(
    `UPDATE trade_finish SET state = $3, reason = $4
      WHERE shop_id = $1 AND trade_no = $2 AND state IN ('open', 'sent')`,
    [shopId, tradeNo, state, reason],
  );
}
