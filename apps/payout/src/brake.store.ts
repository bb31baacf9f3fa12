import type { BrakeRule } from '@qingfen/core-risk';
import type { Tx } from '@qingfen/database';
import type { Reader } from './payout.store.js';

/** When a rule last stopped a shop, and when somebody let its payouts go on. */
export interface BrakeMark {
  readonly rule: BrakeRule;
  readonly stoppedAt: Date;
  readonly liftedAt: Date | null;
}

/** The marks of one shop. */
export function brakeMarks(reader: Reader, shopId: string): Promise<BrakeMark[]> {
  return reader.query<BrakeMark>(
    `SELECT rule, stopped_at AS "stoppedAt", lifted_at AS "liftedAt" FROM brake WHERE shop_id = $1`,
    [shopId],
  );
}

/** Notes that a rule has stopped a shop. */
export async function markStopped(
  tx: Tx,
  { shopId, rule, at }: { readonly shopId: string; readonly rule: BrakeRule; readonly at: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO brake (shop_id, rule, stopped_at) VALUES ($1, $2, $3)
     ON CONFLICT (shop_id, rule) DO UPDATE SET stopped_at = excluded.stopped_at, lifted_at = NULL`,
    [shopId, rule, at],
  );
}

/** Notes that somebody has let the payouts of a shop go on. */
export async function markLifted(tx: Tx, shopId: string, at: Date): Promise<void> {
  await tx.query('UPDATE brake SET lifted_at = $2 WHERE shop_id = $1 AND lifted_at IS NULL', [
    shopId,
    at,
  ]);
}

/**
 * What became of the last `of` payouts of a shop that were sent after an instant (null: ever). One has
 * failed that Alipay refused for good, that waits for a human after a refusal, or of which all the first
 * questions brought no answer.
 */
export async function sentLately(
  reader: Reader,
  {
    shopId,
    after,
    of,
  }: { readonly shopId: string; readonly after: Date | null; readonly of: number },
): Promise<{ readonly sent: number; readonly failed: number }> {
  const [row] = await reader.query<{ sent: number; failed: number }>(
    `SELECT count(*)::int AS sent,
            count(*) FILTER (WHERE state IN ('failed', 'review')
                             OR (state = 'unknown' AND ask_real_at IS NULL))::int AS failed
       FROM (SELECT p.state, p.ask_real_at FROM payout p
              WHERE p.shop_id = $1 AND p.sent_at > coalesce($2, '-infinity'::timestamptz)
              ORDER BY p.sent_at DESC LIMIT $3) AS lately`,
    [shopId, after, of],
  );
  return row ?? { sent: 0, failed: 0 };
}

/** What a shop was asked to pay since an instant and is not given back, in fen of CNY. */
export async function askedSince(reader: Reader, shopId: string, since: Date): Promise<bigint> {
  const [row] = await reader.query<{ sum: bigint }>(
    `SELECT coalesce(sum(p.amount_minor), 0)::bigint AS sum FROM payout p
      WHERE p.shop_id = $1 AND p.requested_at >= $2 AND p.currency = 'CNY'
        AND p.state NOT IN ('failed', 'cancelled', 'returned')`,
    [shopId, since],
  );
  return row?.sum ?? 0n;
}

/** What was foreseen for a day (`2026-01-05`) of a shop before it began; null: nobody looked. */
export async function foreseenOn(
  reader: Reader,
  shopId: string,
  day: string,
): Promise<bigint | null> {
  const [row] = await reader.query<{ due: bigint }>(
    'SELECT due_minor AS due FROM foreseen_day WHERE shop_id = $1 AND day = $2::date',
    [shopId, day],
  );
  return row?.due ?? null;
}
