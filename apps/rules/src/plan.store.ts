import type { JsonObject } from '@qingfen/contracts';
import type { Database, Tx } from '@qingfen/database';

/** A published plan version; only its withdrawal ever changes. */
export interface PlanVersionRow {
  readonly shopId: string;
  readonly version: number;
  /** The document as it was published. */
  readonly plan: JsonObject;
  /** SHA-256 of the canonical document, hex. */
  readonly hash: string;
  readonly publishedAt: Date;
  readonly effectiveFrom: Date;
  readonly withdrawnAt: Date | null;
}

const columns = `shop_id AS "shopId", version, plan, hash, published_at AS "publishedAt",
  effective_from AS "effectiveFrom", withdrawn_at AS "withdrawnAt"`;

/** Appends a version of a locked shop. */
export async function insertVersion(
  tx: Tx,
  row: PlanVersionRow & {
    readonly requestedFrom: Date | null;
    readonly publishedBy: string;
    readonly approvedBy: string | null;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO plan_version (shop_id, version, plan, hash, published_at, effective_from,
                               requested_from, published_by, approved_by)
     VALUES ($1, $2, $3::json, $4, $5, $6, $7, $8, $9)`,
    [
      row.shopId,
      row.version,
      JSON.stringify(row.plan),
      row.hash,
      row.publishedAt,
      row.effectiveFrom,
      row.requestedFrom,
      row.publishedBy,
      row.approvedBy,
    ],
  );
}

/**
 * Takes the version whose publisher was sent away without an answer, if this call repeats that one: same
 * document, same wish. It is handed out once.
 */
export async function takeOwedAnswer(
  tx: Tx,
  call: { readonly shopId: string; readonly hash: string; readonly requestedFrom: Date | null },
): Promise<PlanVersionRow | null> {
  const rows = await tx.query<PlanVersionRow>(
    `UPDATE plan_version SET is_answer_owed = false
     WHERE shop_id = $1 AND version = (
       SELECT min(version) FROM plan_version
       WHERE shop_id = $1 AND is_answer_owed AND hash = $2 AND withdrawn_at IS NULL
         AND requested_from IS NOT DISTINCT FROM $3::timestamptz)
     RETURNING ${columns}`,
    [call.shopId, call.hash, call.requestedFrom],
  );
  return rows[0] ?? null;
}

/** Remembers that the publisher of a version was sent away before it was acknowledged. */
export async function oweAnswer(database: Database, row: PlanVersionRow): Promise<void> {
  await database.query(
    'UPDATE plan_version SET is_answer_owed = true WHERE shop_id = $1 AND version = $2',
    [row.shopId, row.version],
  );
}

/** One version under the lock of its shop, or null. */
export async function versionOf(
  tx: Tx,
  { shopId, version }: { readonly shopId: string; readonly version: number },
): Promise<PlanVersionRow | null> {
  const rows = await tx.query<PlanVersionRow>(
    `SELECT ${columns} FROM plan_version WHERE shop_id = $1 AND version = $2`,
    [shopId, version],
  );
  return rows[0] ?? null;
}

/** Withdraws a version of a locked shop. */
export async function withdrawVersion(
  tx: Tx,
  withdrawal: { readonly shopId: string; readonly version: number; readonly withdrawnAt: Date },
): Promise<void> {
  await tx.query(
    `UPDATE plan_version SET withdrawn_at = $3
     WHERE shop_id = $1 AND version = $2 AND withdrawn_at IS NULL`,
    [withdrawal.shopId, withdrawal.version, withdrawal.withdrawnAt],
  );
}

/** One version, or null. */
export async function findVersion(
  database: Database,
  { shopId, version }: { readonly shopId: string; readonly version: number },
): Promise<PlanVersionRow | null> {
  const rows = await database.query<PlanVersionRow>(
    `SELECT ${columns} FROM plan_version WHERE shop_id = $1 AND version = $2`,
    [shopId, version],
  );
  return rows[0] ?? null;
}

/** A shop's versions behind `after`, oldest first. */
export function listVersions(
  database: Database,
  page: { readonly shopId: string; readonly after: number; readonly limit: number },
): Promise<PlanVersionRow[]> {
  return database.query<PlanVersionRow>(
    `SELECT ${columns} FROM plan_version WHERE shop_id = $1 AND version > $2
     ORDER BY version LIMIT $3`,
    [page.shopId, page.after, page.limit],
  );
}
