import type { Tx } from '@qingfen/database';

export interface VersionCopy {
  readonly shopId: string;
  readonly version: number;
  readonly document: Readonly<Record<string, unknown>>;
  readonly hash: string;
  readonly publishedAt: Date;
  readonly effectiveFrom: Date;
  readonly withdrawnAt: Date | null;
}

/** A version never changes but for its withdrawal. */
export async function keepVersion(tx: Tx, copy: VersionCopy): Promise<void> {
  await tx.query(
    `INSERT INTO plan_version (shop_id, version, currency, document, hash, published_at,
                               effective_from, withdrawn_at)
     VALUES ($1, $2, coalesce($3::json ->> 'currency', 'CNY'), $3::json, $4, $5, $6, $7)
     ON CONFLICT (shop_id, version) DO UPDATE
       SET withdrawn_at = coalesce(plan_version.withdrawn_at, excluded.withdrawn_at)`,
    [
      copy.shopId,
      copy.version,
      JSON.stringify(copy.document),
      copy.hash,
      copy.publishedAt,
      copy.effectiveFrom,
      copy.withdrawnAt,
    ],
  );
}

export interface PayeeCopy {
  readonly shopId: string;
  readonly payeeId: string;
  readonly roles: readonly string[];
  readonly teamId: string | null;
  readonly tasks: readonly string[];
  readonly level: string | null;
  readonly accountHash: string | null;
  /** Such as personal or enterprise; null: nobody said. */
  readonly accountType: string | null;
  readonly toldAt: Date;
}

/**
 * Keeps the newest word on a payee; a changed account ends the hold that the old one caused.
 * @returns what is no longer wrong with the payee, where this word was the newest.
 */
export async function keepPayee(
  tx: Tx,
  copy: PayeeCopy,
): Promise<{ readonly hasAccount: boolean; readonly isMended: boolean }> {
  const kept = await tx.query(
    `INSERT INTO payee (shop_id, payee_id, roles, team_id, tasks, level, account_hash, told_at,
                        account_type)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (shop_id, payee_id) DO UPDATE
       SET roles = excluded.roles, team_id = excluded.team_id, tasks = excluded.tasks,
           level = excluded.level, account_hash = excluded.account_hash, told_at = excluded.told_at,
           account_type = excluded.account_type
     WHERE payee.told_at <= excluded.told_at
     RETURNING payee_id`,
    [
      copy.shopId,
      copy.payeeId,
      copy.roles,
      copy.teamId,
      copy.tasks,
      copy.level,
      copy.accountHash,
      copy.toldAt,
      copy.accountType,
    ],
  );
  if (kept.length === 0 || copy.accountHash === null) return { hasAccount: false, isMended: false };
  const mended = await tx.query(
    `UPDATE hold SET released_at = $4
      WHERE shop_id = $1 AND subject_type = 'payee' AND subject_id = $2
        AND reason = 'payee-account' AND released_at IS NULL
        AND account_hash IS DISTINCT FROM $3 RETURNING hold_key`,
    [copy.shopId, copy.payeeId, copy.accountHash, copy.toldAt],
  );
  return { hasAccount: true, isMended: mended.length > 0 };
}

export async function keepEvidence(
  tx: Tx,
  closed: readonly {
    readonly shopId: string;
    readonly orderId: string;
    readonly completedAt: Date;
    readonly closedAt: Date;
  }[],
): Promise<void> {
  const params = [
    closed.map(({ shopId }) => shopId),
    closed.map(({ orderId }) => orderId),
    closed.map(({ completedAt }) => completedAt),
    closed.map(({ closedAt }) => closedAt),
  ];
  await tx.prepared(
    'keep-window-evidence',
    `INSERT INTO window_evidence (shop_id, order_id, completed_at, closed_at)
     SELECT shop_id, order_id, completed_at, max(closed_at)
       FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[])
              AS t(shop_id, order_id, completed_at, closed_at)
      GROUP BY 1, 2, 3
     ON CONFLICT (shop_id, order_id, completed_at) DO UPDATE
       SET closed_at = greatest(window_evidence.closed_at, excluded.closed_at)`,
    params,
  );
  // The window of an accrual ends when its commissions mature. Evidence that is here before its order
  // leaves a row for the run to drop.
  await tx.prepared(
    'drop-awaited-windows',
    `DELETE FROM awaited_window w
      USING unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[])
              AS t(shop_id, order_id, completed_at, closed_at),
            accrual a
      WHERE a.shop_id = t.shop_id AND a.order_id = t.order_id
        AND w.shop_id = a.shop_id AND w.closes_at = a.commission_at AND w.block = a.block
        AND w.completed_at = t.completed_at AND t.closed_at >= w.closes_at`,
    params,
  );
}
