import type { LedgerKey } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';

interface KeyRow {
  readonly keyId: string;
  readonly publicKey: string;
  readonly introducedBy: string | null;
  readonly introducedAt: Date | null;
  readonly signature: Buffer | null;
  readonly countersignature: Buffer | null;
}

/** Every key that ever signed heads, the first one first. */
export async function ledgerKeys(reader: Pick<Tx, 'query'>): Promise<LedgerKey[]> {
  const rows = await reader.query<KeyRow>(
    `SELECT key_id AS "keyId", public_key AS "publicKey", introduced_by AS "introducedBy",
            introduced_at AS "introducedAt", signature, countersignature
       FROM ledger_key ORDER BY key_no LIMIT 100`,
  );
  return rows.map(({ keyId, publicKey, introducedBy: by, introducedAt: at, ...signed }) => {
    const { signature, countersignature } = signed;
    if (by === null || at === null || countersignature === null) return { keyId, publicKey };
    return {
      keyId,
      publicKey,
      introduced: {
        by,
        atMs: at.getTime(),
        signature: signature === null ? null : signature.toString('base64'),
        countersignature: countersignature.toString('base64'),
      },
    };
  });
}

/** Appends a key behind all that there are. */
export async function insertKey(
  tx: Tx,
  { keyId, publicKey, introduced }: LedgerKey,
): Promise<void> {
  const bytes = (text: string | null | undefined): Buffer | null =>
    text == null ? null : Buffer.from(text, 'base64');
  await tx.query(
    `INSERT INTO ledger_key (key_id, public_key, introduced_by, introduced_at, signature,
                             countersignature)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      keyId,
      publicKey,
      introduced?.by ?? null,
      introduced === undefined ? null : new Date(introduced.atMs),
      bytes(introduced?.signature),
      bytes(introduced?.countersignature),
    ],
  );
}

/** When the last block of any shop was sealed; null before the first. */
export async function lastSealedAt(reader: Pick<Tx, 'query'>): Promise<Date | null> {
  const [row] = await reader.query<{ at: Date | null }>(
    `SELECT max(b.sealed_at) AS at FROM ledger_tip t
       JOIN ledger_block b ON b.shop_id = t.shop_id AND b.block = t.block`,
  );
  return row?.at ?? null;
}
