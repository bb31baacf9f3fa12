import type { AlipayCredentials } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import type { FieldCipher } from '@qingfen/security';
import type { Reader } from './payout.store.js';

/** What may be known of a shop's Alipay application outside of the key room. */
export interface CredentialSummary {
  readonly shopId: string;
  readonly appId: string;
  readonly mode: 'key' | 'certificate';
  /** Grows with every change; clients made of an older one are thrown away. */
  readonly version: bigint;
}

/** The keys themselves. Never logged, never answered. */
export interface Credentials extends CredentialSummary {
  readonly given: AlipayCredentials;
}

type CredentialRow = CredentialSummary & { readonly secrets: string };

const columns = `shop_id AS "shopId", app_id AS "appId", mode, version`;

/** Shops' Alipay keys, which stand encrypted in the table. */
export class CredentialStore {
  constructor(private readonly cipher: FieldCipher) {}

  /** The shop's keys, or null where it has given none. @throws DecryptionFailed */
  async find(reader: Reader, shopId: string): Promise<Credentials | null> {
    const rows = await reader.query<CredentialRow>(
      `SELECT ${columns}, secrets FROM credential WHERE shop_id = $1`,
      [shopId],
    );
    const row = rows[0];
    if (row === undefined) return null;
    const { secrets, ...summary } = row;
    // What stands here was judged by the schema before it was stored, by this class alone.
    const given: AlipayCredentials = JSON.parse(this.cipher.decrypt(secrets, contextOf(shopId)));
    return { ...summary, given };
  }

  /** Writes a shop's keys; a new version each time. */
  async put(
    tx: Tx,
    stored: { shopId: string; mode: 'key' | 'certificate'; given: AlipayCredentials; now: Date },
  ): Promise<CredentialSummary> {
    const { shopId, mode, given, now } = stored;
    const secrets = this.cipher.encrypt(JSON.stringify(given), contextOf(shopId));
    const rows = await tx.query<CredentialSummary>(
      `INSERT INTO credential AS c (shop_id, pid, app_id, mode, secrets, version, updated_at)
       VALUES ($1, $2, $3, $4, $5, 1, $6)
       ON CONFLICT (shop_id) DO UPDATE SET pid = excluded.pid, app_id = excluded.app_id,
         mode = excluded.mode, secrets = excluded.secrets, version = c.version + 1,
         updated_at = excluded.updated_at
       RETURNING ${columns}`,
      [shopId, given.pid ?? null, given.appId, mode, secrets, now],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('credentials were not written');
    return row;
  }
}

/** What may be known of these shops' applications, by shop. */
export async function credentialSummaries(
  reader: Reader,
  shopIds: readonly string[],
): Promise<Map<string, CredentialSummary>> {
  const rows = await reader.query<CredentialSummary>(
    `SELECT ${columns} FROM credential WHERE shop_id = ANY ($1)`,
    [shopIds],
  );
  return new Map(rows.map((row) => [row.shopId, row]));
}

function contextOf(shopId: string): string {
  return `${shopId}/alipay-credentials`;
}
