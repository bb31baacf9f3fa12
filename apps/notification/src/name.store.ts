import { insertRows, type Database, type Tx } from '@qingfen/database';

/** A shop's display name as it was told. */
export interface ToldShop {
  readonly shopId: string;
  readonly name: string;
  readonly timezone: string;
  readonly updatedAt: Date;
}

/** A payee's display name, encrypted, as it was told. */
export interface ToldPayee {
  readonly shopId: string;
  readonly payeeId: string;
  readonly nameCipher: string;
  readonly toldAt: Date;
}

/** Keeps shops, each at most once in `told`; what is older than the copy changes nothing. */
export async function keepShops(tx: Tx, told: readonly ToldShop[]): Promise<void> {
  await insertRows(tx, {
    table: 'shop',
    columns: { shop_id: 'text', name: 'text', timezone: 'text', updated_at: 'timestamptz' },
    rows: told.map((row) => [row.shopId, row.name, row.timezone, row.updatedAt]),
    onConflict: `(shop_id) DO UPDATE
      SET name = excluded.name, timezone = excluded.timezone, updated_at = excluded.updated_at
      WHERE shop.updated_at <= excluded.updated_at`,
  });
}

/** Keeps payees' names, each payee at most once in `told`; the latest instant wins, then the later word. */
export async function keepPayees(tx: Tx, told: readonly ToldPayee[]): Promise<void> {
  await insertRows(tx, {
    table: 'payee',
    columns: { shop_id: 'text', payee_id: 'text', name_cipher: 'text', told_at: 'timestamptz' },
    rows: told.map((row) => [row.shopId, row.payeeId, row.nameCipher, row.toldAt]),
    onConflict: `(shop_id, payee_id) DO UPDATE
      SET name_cipher = excluded.name_cipher, told_at = excluded.told_at
      WHERE payee.told_at <= excluded.told_at`,
  });
}

/** What is known of a payee's and its shop's names; each null where nothing was told. */
export interface KnownNames {
  readonly shopName: string | null;
  readonly timezone: string | null;
  readonly payeeNameCipher: string | null;
}

/** The names that mails to payees need, in the order given. */
export async function namesFor(
  database: Database,
  payees: readonly { readonly shopId: string; readonly payeeId: string | null }[],
): Promise<KnownNames[]> {
  return database.query<KnownNames>(
    `SELECT s.name AS "shopName", s.timezone, p.name_cipher AS "payeeNameCipher"
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (shop_id, payee_id, place)
     LEFT JOIN shop s ON s.shop_id = w.shop_id
     LEFT JOIN payee p ON p.shop_id = w.shop_id AND p.payee_id = w.payee_id
     ORDER BY w.place`,
    [payees.map(({ shopId }) => shopId), payees.map(({ payeeId }) => payeeId)],
  );
}

/** The zone that a shop's instants are shown in; null for a shop never told. */
export async function timezoneOf(database: Database, shopId: string): Promise<string | null> {
  const rows = await database.query<{ timezone: string }>(
    'SELECT timezone FROM shop WHERE shop_id = $1',
    [shopId],
  );
  return rows[0]?.timezone ?? null;
}
