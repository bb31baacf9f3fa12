import type { KnownPayout } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

/**
 * Takes the shops of these that nobody has looked at since an instant: whoever takes one notes at once that
 * it is being looked at.
 */
export async function claimLooks(
  tx: Tx,
  wanted: {
    readonly shopIds: readonly string[];
    readonly now: Date;
    readonly lookedBefore: Date;
    readonly limit: number;
  },
): Promise<string[]> {
  const { shopIds, now, lookedBefore, limit } = wanted;
  const rows = await tx.query<{ shopId: string }>(
    `INSERT INTO account_log_look (shop_id, looked_at, read_until)
     SELECT s.shop_id, $2, '-infinity'
       FROM unnest($1::text[]) AS s(shop_id)
       LEFT JOIN account_log_look l ON l.shop_id = s.shop_id
      WHERE l.shop_id IS NULL OR l.looked_at <= $3
      ORDER BY s.shop_id LIMIT $4
     ON CONFLICT (shop_id) DO UPDATE SET looked_at = excluded.looked_at
       WHERE account_log_look.looked_at <= $3
     RETURNING shop_id AS "shopId"`,
    [shopIds, now, lookedBefore, limit],
  );
  return rows.map(({ shopId }) => shopId);
}

/** Gives shops back that could not be looked at, as if they had been looked at earlier. */
export async function releaseLooks(
  reader: Reader,
  shopIds: readonly string[],
  lookedAt: Date,
): Promise<void> {
  await reader.query('UPDATE account_log_look SET looked_at = $2 WHERE shop_id = ANY ($1)', [
    shopIds,
    lookedAt,
  ]);
}

/** Up to where a shop's log was read; null where it never was. */
export async function readUntil(reader: Reader, shopId: string): Promise<Date | null> {
  const rows = await reader.query<{ at: Date }>(
    `SELECT read_until AS at FROM account_log_look
      WHERE shop_id = $1 AND read_until > '-infinity'`,
    [shopId],
  );
  return rows[0]?.at ?? null;
}

/** Of two looks at once the one that has read further counts. */
export async function noteRead(
  tx: Tx,
  shopId: string,
  { now, until }: { readonly now: Date; readonly until: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO account_log_look AS l (shop_id, looked_at, read_until) VALUES ($1, $2, $3)
     ON CONFLICT (shop_id) DO UPDATE SET looked_at = greatest(l.looked_at, excluded.looked_at),
       read_until = greatest(l.read_until, excluded.read_until)`,
    [shopId, now, until],
  );
}

/** What was asked to be paid under these numbers. */
export async function payoutsOfNumbers(
  reader: Reader,
  shopId: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, KnownPayout>> {
  const rows = await reader.query<KnownPayout & { readonly outBizNo: string }>(
    `SELECT out_biz_no AS "outBizNo", payout_id AS "payoutId", amount_minor AS "amountMinor"
       FROM told_payout WHERE shop_id = $1 AND out_biz_no = ANY ($2)`,
    [shopId, numbers],
  );
  return new Map(rows.map(({ outBizNo, ...known }) => [outBizNo, known]));
}
