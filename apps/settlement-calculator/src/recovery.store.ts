import type { Tx } from '@qingfen/database';

export interface RecoveryRow {
  readonly shop_id: string;
  readonly recovery_id: bigint;
  readonly payee_id: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly reason: string;
  readonly state: 'demanded' | 'received' | 'written-off' | 'withdrawn';
  readonly made_by: string;
  readonly approved_by: string | null;
  readonly demanded_at: Date;
}

const columns = `shop_id, recovery_id, payee_id, kind, currency, amount_minor, reason, state, made_by,
  approved_by, demanded_at`;

export async function nextRecoveryId(tx: Tx): Promise<bigint> {
  const [row] = await tx.query<{ id: bigint }>(`SELECT nextval('recovery_id_seq') AS id`);
  if (row === undefined) throw new Error('the sequence answered nothing');
  return row.id;
}

export async function insertRecovery(tx: Tx, row: RecoveryRow): Promise<void> {
  await tx.query(
    `INSERT INTO recovery (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      row.shop_id,
      row.recovery_id,
      row.payee_id,
      row.kind,
      row.currency,
      row.amount_minor,
      row.reason,
      row.state,
      row.made_by,
      row.approved_by,
      row.demanded_at,
    ],
  );
}

export async function lockRecovery(
  tx: Tx,
  shopId: string,
  recoveryId: bigint,
): Promise<RecoveryRow | undefined> {
  const [row] = await tx.query<RecoveryRow>(
    `SELECT ${columns} FROM recovery WHERE shop_id = $1 AND recovery_id = $2 FOR UPDATE`,
    [shopId, recoveryId],
  );
  return row;
}

/** Ends a demand; it was locked and `demanded`. */
export async function endRecovery(
  tx: Tx,
  row: RecoveryRow,
  end: { readonly state: RecoveryRow['state']; readonly by: string; readonly at: Date },
): Promise<RecoveryRow> {
  const [ended] = await tx.query<RecoveryRow>(
    `UPDATE recovery SET state = $3, ended_by = $4, ended_at = $5
      WHERE shop_id = $1 AND recovery_id = $2 AND state = 'demanded' RETURNING ${columns}`,
    [row.shop_id, row.recovery_id, end.state, end.by, end.at],
  );
  if (ended === undefined) throw new Error('a recovery was ended under its own lock');
  return ended;
}

/** What a payee owes back of one kind and currency: the negative of its unstated sum, or nothing. */
export async function debtOf(
  tx: Tx,
  key: {
    readonly shopId: string;
    readonly kind: string;
    readonly payeeId: string;
    readonly currency: string;
  },
): Promise<bigint> {
  const [row] = await tx.query<{ debt: bigint }>(
    `SELECT greatest(-coalesce(sum(amount_minor), 0), 0)::bigint AS debt FROM open_entry
      WHERE shop_id = $1 AND kind = $2 AND payee_id = $3 AND currency = $4`,
    [key.shopId, key.kind, key.payeeId, key.currency],
  );
  return row?.debt ?? 0n;
}
