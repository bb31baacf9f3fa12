import type { Risk } from '@qingfen/contracts';
import { advisoryLock, type Tx } from '@qingfen/database';
import type { Reader } from './payout.store.js';

/** What a shop's settings were changed to; null while nobody has. */
export async function findRisk(reader: Reader, shopId: string): Promise<Risk | null> {
  const [row] = await reader.query<{ document: Risk }>(
    'SELECT document FROM risk WHERE shop_id = $1',
    [shopId],
  );
  return row?.document ?? null;
}

/** The same, with the settings this transaction's own until it ends. */
export async function lockRisk(tx: Tx, shopId: string): Promise<Risk | null> {
  // There is no row to lock before the first change.
  await advisoryLock(tx, `risk ${shopId}`, 'exclusive');
  return findRisk(tx, shopId);
}

/** Keeps what a shop's settings have become. */
export async function putRisk(
  tx: Tx,
  risk: {
    readonly shopId: string;
    readonly document: Risk;
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO risk (shop_id, document, changed_by, changed_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (shop_id) DO UPDATE SET document = excluded.document,
       changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    [risk.shopId, JSON.stringify(risk.document), risk.by, risk.at],
  );
}
