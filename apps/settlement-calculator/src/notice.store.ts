import type { Tx } from '@qingfen/database';

/** A version that takes, or would have taken, effect later than it was published. */
export interface AnnouncedVersion {
  readonly shop_id: string;
  readonly version: number;
  readonly published_at: Date;
  readonly effective_from: Date;
  readonly withdrawn_at: Date | null;
}

const versionColumns = 'v.shop_id, v.version, v.published_at, v.effective_from, v.withdrawn_at';

/** Takes a version of which nobody has been listed yet; undefined when there is none. */
export async function claimUnlisted(tx: Tx, now: Date): Promise<AnnouncedVersion | undefined> {
  const [row] = await tx.query<AnnouncedVersion>(
    `WITH unlisted AS (
       SELECT ${versionColumns} FROM plan_version v
        WHERE v.effective_from > v.published_at AND v.withdrawn_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM plan_announcement a
                           WHERE a.shop_id = v.shop_id AND a.version = v.version)
        ORDER BY v.published_at LIMIT 1
     ), listed AS (
       INSERT INTO plan_announcement (shop_id, version, listed_at)
       SELECT shop_id, version, $1 FROM unlisted
       ON CONFLICT DO NOTHING RETURNING shop_id
     )
     SELECT u.* FROM unlisted u JOIN listed USING (shop_id)`,
    [now],
  );
  return row;
}

/**
 * Lists who is told of a version: payees with an entry booked since an instant, and leaders with a reward
 * stated since then, which waited under their team's name. The newest entry of each account is looked up, so
 * that the cost is one of payees and not of entries; one that was cancelled is found by what cancelled it.
 */
export async function listPayees(
  tx: Tx,
  { shop_id: shopId, version }: AnnouncedVersion,
  since: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO plan_notice (shop_id, version, payee_id)
     SELECT $1, $2, payee_id FROM (
       SELECT c.owner_id AS payee_id
         FROM account c
        CROSS JOIN LATERAL (
          SELECT greatest(
            (SELECT max(u.entry_id) FROM unstated u
              WHERE u.shop_id = $1 AND u.account_no = c.account_no),
            (SELECT max(p.last_entry_id) FROM statement_page p
              WHERE p.shop_id = $1 AND p.account_no = c.account_no),
            (SELECT max(o.entry_id) FROM settled_outside o
              WHERE o.shop_id = $1 AND o.account_no = c.account_no)) / 16384 AS block) newest
        WHERE c.shop_id = $1 AND c.kind IS NOT NULL AND c.owner_id NOT LIKE '#%'
          AND coalesce(
            (SELECT a.booked_at FROM accrual a WHERE a.shop_id = $1 AND a.block = newest.block),
            (SELECT s.booked_at FROM single_entry s
              WHERE s.shop_id = $1 AND s.block = newest.block)) >= $3
       UNION
       SELECT e.payee_id FROM entry_adjustment d
         JOIN entry e ON e.shop_id = $1 AND e.block = d.entry_id / 16384 AND e.entry_id = d.entry_id
        WHERE d.shop_id = $1 AND d.booked_at >= $3 AND e.booked_at >= $3
          AND e.payee_id NOT LIKE '#%'
       UNION
       SELECT payee_id FROM statement
        WHERE shop_id = $1 AND kind = 'team-reward' AND issued_at >= $3) p
     ON CONFLICT DO NOTHING`,
    [shopId, version, since],
  );
}

/** Takes a version of which some have not been told yet, or not that it was withdrawn; its row is locked. */
export async function claimUntold(tx: Tx): Promise<AnnouncedVersion | undefined> {
  const [row] = await tx.query<AnnouncedVersion>(
    `SELECT ${versionColumns}
       FROM plan_announcement a
       JOIN plan_version v ON v.shop_id = a.shop_id AND v.version = a.version
      WHERE (NOT a.is_told AND v.withdrawn_at IS NULL)
         OR (NOT a.is_taken_back AND v.withdrawn_at IS NOT NULL)
      ORDER BY a.listed_at LIMIT 1 FOR UPDATE OF a SKIP LOCKED`,
  );
  return row;
}

/** Marks payees as told, so many at most. */
export async function tellPayees(
  tx: Tx,
  of: AnnouncedVersion,
  { limit, at }: { readonly limit: number; readonly at: Date },
): Promise<string[]> {
  return markPayees(tx, of, { limit, at, mark: 'told_at', where: 'told_at IS NULL' });
}

/** Marks payees that were told as told that it was withdrawn, so many at most. */
export async function takeBackFrom(
  tx: Tx,
  of: AnnouncedVersion,
  { limit, at }: { readonly limit: number; readonly at: Date },
): Promise<string[]> {
  const where = 'told_at IS NOT NULL AND taken_back_at IS NULL';
  return markPayees(tx, of, { limit, at, mark: 'taken_back_at', where });
}

async function markPayees(
  tx: Tx,
  of: AnnouncedVersion,
  how: {
    readonly limit: number;
    readonly at: Date;
    readonly mark: 'told_at' | 'taken_back_at';
    readonly where: string;
  },
): Promise<string[]> {
  const rows = await tx.query<{ payee_id: string }>(
    `UPDATE plan_notice n SET ${how.mark} = $4
       FROM (SELECT payee_id FROM plan_notice
              WHERE shop_id = $1 AND version = $2 AND ${how.where} ORDER BY payee_id LIMIT $3) p
      WHERE n.shop_id = $1 AND n.version = $2 AND n.payee_id = p.payee_id
     RETURNING n.payee_id`,
    [of.shop_id, of.version, how.limit, how.at],
  );
  return rows.map((row) => row.payee_id).sort();
}

/** Everybody has been told; of one that was withdrawn, that it was. */
export async function announcementDone(tx: Tx, of: AnnouncedVersion): Promise<void> {
  const done = of.withdrawn_at === null ? 'is_told' : 'is_taken_back';
  await tx.query(
    `UPDATE plan_announcement SET ${done} = true WHERE shop_id = $1 AND version = $2`,
    [of.shop_id, of.version],
  );
}
