import type { PartKind } from '@qingfen/core-plan';
import type { Rollout } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';

/** What a shop's kinds are set to, by kind; a kind that nobody has set is left out. */
export async function rolloutsOf(
  tx: Pick<Tx, 'query'>,
  shopId: string,
): Promise<ReadonlyMap<PartKind, Rollout>> {
  const rows = await tx.query<{ kind: PartKind; rollout: Rollout }>(
    'SELECT kind, rollout FROM rollout WHERE shop_id = $1',
    [shopId],
  );
  return new Map(rows.map(({ kind, rollout }) => [kind, rollout]));
}

/** Sets a kind; runs that have begun go on as they began. */
export async function keepRollout(
  tx: Tx,
  shopId: string,
  kind: PartKind,
  rollout: Rollout,
): Promise<void> {
  await tx.query(
    `INSERT INTO rollout (shop_id, kind, rollout) VALUES ($1, $2, $3)
     ON CONFLICT (shop_id, kind) DO UPDATE SET rollout = excluded.rollout`,
    [shopId, kind, JSON.stringify(rollout)],
  );
}

/** Payees of a kind that come inside, whose entries matured before an instant are settled elsewhere. */
export interface OutsideClosing {
  readonly closing_id: bigint;
  readonly shop_id: string;
  readonly kind: PartKind;
  readonly settled_before: Date;
  readonly rollout_before: Rollout;
  readonly rollout_after: Rollout;
  readonly last_owner_id: string;
}

export async function insertClosing(
  tx: Tx,
  closing: Omit<OutsideClosing, 'closing_id' | 'last_owner_id'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO outside_closing (shop_id, kind, settled_before, rollout_before, rollout_after)
     VALUES ($1, $2, $3, $4, $5)`,
    [
      closing.shop_id,
      closing.kind,
      closing.settled_before,
      JSON.stringify(closing.rollout_before),
      JSON.stringify(closing.rollout_after),
    ],
  );
}

/** How many closings are under way. */
export async function closingsDue(tx: Pick<Tx, 'query'>): Promise<number> {
  const [row] = await tx.query<{ count: bigint }>(
    'SELECT count(*) FROM outside_closing WHERE NOT is_done',
  );
  return Number(row?.count ?? 0n);
}

/** The oldest closing that nobody is at, under its lock; a shop's come one after the other. */
export async function lockClosing(tx: Tx): Promise<OutsideClosing | undefined> {
  const [row] = await tx.query<OutsideClosing>(
    `SELECT closing_id, shop_id, kind, settled_before, rollout_before, rollout_after, last_owner_id
       FROM outside_closing c
      WHERE NOT is_done AND NOT EXISTS (
        SELECT 1 FROM outside_closing o
         WHERE o.shop_id = c.shop_id AND NOT o.is_done AND o.closing_id < c.closing_id)
      ORDER BY closing_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return row;
}

/** Goes on behind these owners, or ends the closing. */
export async function advanceClosing(
  tx: Tx,
  closing: OutsideClosing,
  progress: {
    readonly lastOwnerId: string | null;
    readonly entries: number;
    readonly settledMinor: bigint;
  },
): Promise<void> {
  await tx.query(
    `UPDATE outside_closing
        SET last_owner_id = coalesce($2, last_owner_id), is_done = $2::text IS NULL,
            entries = entries + $3, settled_minor = settled_minor + $4
      WHERE closing_id = $1`,
    [closing.closing_id, progress.lastOwnerId, progress.entries, progress.settledMinor],
  );
}

/** Whose entries come next: whoever has something unstated of the kind, in any currency. */
export async function nextOwnersOfClosing(
  tx: Tx,
  closing: OutsideClosing,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ owner_id: string }>(
    `SELECT DISTINCT c.owner_id FROM account c
      WHERE c.shop_id = $1 AND c.kind = $2 AND c.owner_id > $3
        AND EXISTS (SELECT 1 FROM unstated u
                     WHERE u.shop_id = c.shop_id AND u.account_no = c.account_no)
      ORDER BY c.owner_id LIMIT $4`,
    [closing.shop_id, closing.kind, closing.last_owner_id, limit],
  );
  return rows.map((row) => row.owner_id);
}
