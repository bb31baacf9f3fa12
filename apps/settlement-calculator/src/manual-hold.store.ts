import type { Tx } from '@qingfen/database';

/** What a person may hold. */
export interface HoldSubject {
  readonly shopId: string;
  readonly type: 'payee' | 'order' | 'run';
  readonly id: string;
}

/** Why something may be held; a person ends some of them, never a dispute. */
export type HoldReason = 'dispute' | 'refund-refused' | 'payee-account' | 'condition' | 'operator';

/** Places an operator's hold unless one is open already. */
export async function placeOperatorHold(
  tx: Tx,
  subject: HoldSubject,
  key: string,
  at: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO hold (shop_id, subject_type, subject_id, reason, hold_key, opened_at)
     SELECT $1, $2, $3, 'operator', $4, $5
      WHERE NOT EXISTS (SELECT 1 FROM hold WHERE shop_id = $1 AND subject_type = $2
                           AND subject_id = $3 AND reason = 'operator' AND released_at IS NULL)`,
    [subject.shopId, subject.type, subject.id, key, at],
  );
}

/** Ends every open hold of these reasons. */
export async function endHolds(
  tx: Tx,
  subject: HoldSubject,
  reasons: readonly HoldReason[],
  at: Date,
): Promise<void> {
  await tx.query(
    `UPDATE hold SET released_at = $5
      WHERE shop_id = $1 AND subject_type = $2 AND subject_id = $3 AND reason = ANY($4)
        AND released_at IS NULL`,
    [subject.shopId, subject.type, subject.id, reasons, at],
  );
}

/** Ends the operator's holds of a payee's give-backs, which no order and no payee carries. */
export async function endEntryHolds(
  tx: Tx,
  shopId: string,
  payeeId: string,
  at: Date,
): Promise<void> {
  await tx.query(
    `UPDATE hold SET released_at = $3
      WHERE shop_id = $1 AND subject_type = 'entry' AND reason = 'operator'
        AND released_at IS NULL
        AND subject_id IN (SELECT entry_id::text FROM open_entry
                            WHERE shop_id = $1 AND payee_id = $2 AND is_give_back
                              AND kind IN ('commission', 'supplier', 'team-reward'))`,
    [shopId, payeeId, at],
  );
}

/** The reasons of a subject's open holds, each once. */
export async function openHolds(tx: Tx, subject: HoldSubject): Promise<HoldReason[]> {
  const rows = await tx.query<{ reason: HoldReason }>(
    `SELECT DISTINCT reason FROM hold
      WHERE shop_id = $1 AND subject_type = $2 AND subject_id = $3 AND released_at IS NULL
      ORDER BY 1`,
    [subject.shopId, subject.type, subject.id],
  );
  return rows.map(({ reason }) => reason);
}

/** The open holds of payees; one without any is not named. */
export async function holdsOfPayees(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  payeeIds: readonly string[],
): Promise<{ readonly payee_id: string; readonly holds: HoldReason[] }[]> {
  return tx.query(
    `SELECT subject_id AS payee_id, array_agg(DISTINCT reason ORDER BY reason) AS holds FROM hold
      WHERE shop_id = $1 AND subject_type = 'payee' AND subject_id = ANY($2)
        AND released_at IS NULL
      GROUP BY 1 ORDER BY 1`,
    [shopId, payeeIds],
  );
}
