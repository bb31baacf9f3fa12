import type { Tx } from '@qingfen/database';
import type { Reader } from './payout.store.js';

/** What of a shop's payouts is asked for and not final, in fen of CNY. */
export async function openMinor(reader: Reader, shopId: string): Promise<bigint> {
  const [row] = await reader.query<{ sum: bigint }>(
    `SELECT coalesce(sum(amount_minor), 0)::bigint AS sum FROM payout
      WHERE shop_id = $1 AND currency = 'CNY'
        AND state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')`,
    [shopId],
  );
  return row?.sum ?? 0n;
}

/** Keeps what is foreseen for days that have not begun, in place of what was foreseen before. */
export async function keepForeseen(
  tx: Tx,
  foreseen: {
    readonly shopId: string;
    readonly days: readonly { readonly day: string; readonly dueMinor: bigint }[];
    readonly at: Date;
  },
): Promise<void> {
  const { shopId, days, at } = foreseen;
  await tx.query(
    `INSERT INTO foreseen_day (shop_id, day, due_minor, told_at)
     SELECT $1, day, due, $4 FROM unnest($2::date[], $3::bigint[]) AS d(day, due) ORDER BY day
     ON CONFLICT (shop_id, day) DO UPDATE
       SET due_minor = excluded.due_minor, told_at = excluded.told_at`,
    [shopId, days.map(({ day }) => day), days.map(({ dueMinor }) => dueMinor), at],
  );
}

/** Takes shops whose forecasts were last made at `madeUntil` or before; nobody else takes them then. */
export async function claimForecasts(
  tx: Tx,
  {
    now,
    madeUntil,
    limit,
  }: { readonly now: Date; readonly madeUntil: Date; readonly limit: number },
): Promise<string[]> {
  await tx.query(
    `INSERT INTO forecast (shop_id, made_at) SELECT shop_id, '-infinity' FROM credential
     ON CONFLICT DO NOTHING`,
  );
  const rows = await tx.query<{ shopId: string }>(
    `UPDATE forecast f SET made_at = $1
       FROM (SELECT shop_id FROM forecast WHERE made_at <= $2
              ORDER BY made_at, shop_id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
      WHERE f.shop_id = due.shop_id RETURNING f.shop_id AS "shopId"`,
    [now, madeUntil, limit],
  );
  return rows.map(({ shopId }) => shopId);
}

/** Has forecasts that could not be made made at the next look. */
export async function releaseForecasts(reader: Reader, shopIds: readonly string[]): Promise<void> {
  await reader.query(`UPDATE forecast SET made_at = '-infinity' WHERE shop_id = ANY ($1)`, [
    shopIds,
  ]);
}
