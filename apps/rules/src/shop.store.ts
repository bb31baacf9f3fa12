import type { ShopBody } from '@qingfen/contracts';
import type { Database, Tx } from '@qingfen/database';

/** How a shop withholds tax, as it was set. */
export type WithholdingSettings = NonNullable<ShopBody['withholding']>;

/** A shop as it stands in the table. */
export interface Shop {
  readonly shopId: string;
  readonly name: string;
  /** IANA name. */
  readonly timezone: string;
  /** Days of 24 hours between a version's publication and its first possible effect. */
  readonly noticePeriodDays: number;
  /** The most that one payout carries, in fen. */
  readonly transferMaxMinor: bigint;
  /** null: it withholds no tax. */
  readonly withholding: WithholdingSettings | null;
  readonly updatedAt: Date;
}

/** A locked shop, with what its next plan version has to follow. */
export interface LockedShop extends Shop {
  /** 0 before the first version. */
  readonly lastVersion: number;
  readonly lastPublishedAt: Date | null;
}

const columns = `shop_id AS "shopId", name, timezone, notice_period_days AS "noticePeriodDays",
  transfer_max_minor AS "transferMaxMinor", withholding, updated_at AS "updatedAt"`;

/** The shop under its row lock, which orders everything that changes it or publishes for it. */
export async function lockShop(tx: Tx, shopId: string): Promise<LockedShop | null> {
  const rows = await tx.query<LockedShop>(
    `SELECT ${columns}, last_version AS "lastVersion", last_published_at AS "lastPublishedAt"
     FROM shop WHERE shop_id = $1 FOR UPDATE`,
    [shopId],
  );
  return rows[0] ?? null;
}

/** Makes the shop; false when another call has made it first. */
export async function insertShop(tx: Tx, shop: Shop): Promise<boolean> {
  const made = await tx.query(
    `INSERT INTO shop (shop_id, name, timezone, notice_period_days, transfer_max_minor, updated_at,
                       withholding)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (shop_id) DO NOTHING RETURNING shop_id`,
    valuesOf(shop),
  );
  return made.length === 1;
}

/** Writes what a locked shop has become. */
export async function updateShop(tx: Tx, shop: Shop): Promise<void> {
  await tx.query(
    `UPDATE shop SET name = $2, timezone = $3, notice_period_days = $4, transfer_max_minor = $5,
                     updated_at = $6, withholding = $7
     WHERE shop_id = $1`,
    valuesOf(shop),
  );
}

/** Remembers the last version and when it was published, in the locked shop. */
export async function notePublished(
  tx: Tx,
  published: { readonly shopId: string; readonly version: number; readonly publishedAt: Date },
): Promise<void> {
  await tx.query('UPDATE shop SET last_version = $2, last_published_at = $3 WHERE shop_id = $1', [
    published.shopId,
    published.version,
    published.publishedAt,
  ]);
}

/** One shop, or null. */
export async function findShop(database: Database, shopId: string): Promise<Shop | null> {
  const rows = await database.query<Shop>(`SELECT ${columns} FROM shop WHERE shop_id = $1`, [
    shopId,
  ]);
  return rows[0] ?? null;
}

/** Shops behind `after`, by id. */
export function listShops(
  database: Database,
  page: { readonly after: string; readonly limit: number },
): Promise<Shop[]> {
  return database.query<Shop>(
    `SELECT ${columns} FROM shop WHERE shop_id > $1 ORDER BY shop_id LIMIT $2`,
    [page.after, page.limit],
  );
}

function valuesOf(shop: Shop): unknown[] {
  const { shopId, name, timezone, noticePeriodDays, transferMaxMinor, updatedAt } = shop;
  const withholding = shop.withholding === null ? null : JSON.stringify(shop.withholding);
  return [shopId, name, timezone, noticePeriodDays, transferMaxMinor, updatedAt, withholding];
}
