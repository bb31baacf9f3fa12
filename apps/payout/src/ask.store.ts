import type { Tx } from '@qingfen/database';
import {
  heldFrom,
  payoutColumns,
  type HeldPayout,
  type PayoutRow,
  type Reader,
} from './payout.store.js';

/**
 * Takes payouts, of those that are paid by themselves, about which Alipay is to be asked now. While they are being asked about they are
 * due again after `leaseMs` of real time, so that a crash loses no question.
 */
export async function claimDue(
  reader: Reader,
  by: { readonly begunUntil: Date; readonly limit: number; readonly leaseMs: number },
): Promise<HeldPayout[]> {
  const rows = await reader.query<PayoutRow>(
    `WITH due AS (
       SELECT shop_id, payout_id FROM payout
       WHERE state IN ('unknown', 'succeeded') AND batch_no IS NULL
         AND (ask_real_at <= clock_timestamp() OR ask_at <= $1)
       ORDER BY ask_real_at NULLS LAST, shop_id, payout_id LIMIT $2 FOR UPDATE SKIP LOCKED)
     UPDATE payout p SET revision = p.revision + 1, ask_at = NULL,
            ask_real_at = clock_timestamp() + $3::int * interval '1 millisecond'
     FROM due WHERE p.shop_id = due.shop_id AND p.payout_id = due.payout_id
     RETURNING ${payoutColumns}`,
    [by.begunUntil, by.limit, by.leaseMs],
  );
  return rows.map(heldFrom);
}

/** A number about which Alipay is to be asked at once. */
export interface AskSoon {
  readonly shopId: string;
  readonly outBizNo: string;
  /** Of a payout that has succeeded or is being sent, too; otherwise only where the outcome is unknown. */
  readonly alsoSucceeded: boolean;
}

/**
 * Has payouts asked about at once: someone said that something happened to them. What is told while a
 * payout is being sent may be later than the answer to its sending (money that came back at once): it is
 * asked about behind that answer, which is not in the way of it (hence no new revision). Answers whether
 * there are any such.
 */
export async function askSoon(tx: Tx, asked: readonly AskSoon[]): Promise<boolean> {
  if (asked.length === 0) return false;
  const rows = await tx.prepared(
    'ask_soon',
    `UPDATE payout p SET ask_real_at = clock_timestamp(),
            revision = revision + CASE WHEN p.state = 'sending' THEN 0 ELSE 1 END
       FROM unnest($1::text[], $2::text[], $3::boolean[]) AS k(shop_id, out_biz_no, also)
      WHERE p.shop_id = k.shop_id AND p.out_biz_no = k.out_biz_no
        AND (p.state = 'unknown' OR (k.also AND p.state IN ('sending', 'succeeded')))
      RETURNING p.payout_id`,
    [
      asked.map(({ shopId }) => shopId),
      asked.map(({ outBizNo }) => outBizNo),
      asked.map(({ alsoSucceeded }) => alsoSucceeded),
    ],
  );
  return rows.length > 0;
}

/** Has splits of these orders that succeeded, or are being sent, asked about at once. */
export async function askSplitsSoon(
  tx: Tx,
  orders: readonly { readonly shopId: string; readonly orderId: string }[],
): Promise<void> {
  if (orders.length === 0) return;
  await tx.query(
    `UPDATE payout p SET ask_real_at = clock_timestamp(),
            revision = revision + CASE WHEN p.state = 'sending' THEN 0 ELSE 1 END
       FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS k(shop_id, order_id)
      WHERE p.shop_id = k.shop_id AND p.order_id = k.order_id
        AND p.pay_via = 'royalty' AND p.state IN ('sending', 'succeeded')`,
    [orders.map(({ shopId }) => shopId), orders.map(({ orderId }) => orderId)],
  );
}

/** Open payouts counted by state and reason, and what of them is still being worked on. */
export interface OpenCounts {
  readonly counts: readonly { state: string; reason: string | null; count: number }[];
  /** Unknown ones that are asked about on real time, or whose instant has come. */
  readonly unknownDue: number;
  /** Succeeded ones, and those that wait for their payer, about which Alipay has still to be asked. */
  readonly settledDue: number;
  /** The next instant of business time at which an unknown one is asked about. */
  readonly nextAskAt: Date | null;
}

/** Reads what the status tells, in two cheap queries. */
export async function readOpenCounts(reader: Reader, begunUntil: Date): Promise<OpenCounts> {
  const [counts, due] = await Promise.all([
    reader.query<{ state: string; reason: string | null; count: number }>(
      `SELECT state, CASE WHEN state = 'waiting' THEN reason END AS reason, count(*)::int AS count
       FROM payout WHERE state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')
       GROUP BY 1, 2`,
    ),
    reader.query<{ unknownDue: number; settledDue: number; nextAskAt: Date | null }>(
      `SELECT count(*) FILTER (WHERE state = 'unknown'
                AND (ask_real_at IS NOT NULL OR ask_at <= $1))::int AS "unknownDue",
              count(*) FILTER (WHERE state IN ('succeeded', 'waiting')
                AND (ask_real_at IS NOT NULL OR ask_at <= $1))::int AS "settledDue",
              min(ask_at) FILTER (WHERE ask_at > $1) AS "nextAskAt"
       FROM payout WHERE ask_real_at IS NOT NULL OR ask_at IS NOT NULL`,
      [begunUntil],
    ),
  ]);
  const [row] = due;
  return {
    counts,
    unknownDue: row?.unknownDue ?? 0,
    settledDue: row?.settledDue ?? 0,
    nextAskAt: row?.nextAskAt ?? null,
  };
}
