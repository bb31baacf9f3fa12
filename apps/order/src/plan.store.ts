import { insertRows, type Tx } from '@qingfen/database';
import type { ShopVersion } from './reign.js';

/** A version as rules told it. */
export interface ToldVersion extends ShopVersion {
  readonly hash: string;
}

/** A shop as rules told it. */
export interface ToldShop {
  readonly shopId: string;
  readonly timezone: string;
  readonly updatedAt: Date;
}

/**
 * Keeps versions, each (shop, version) at most once in `told`. A version is immutable: what contradicts the
 * copy changes nothing; a withdrawal is never taken back.
 */
export async function keepVersions(tx: Tx, told: readonly ToldVersion[]): Promise<void> {
  await insertRows(tx, {
    table: 'plan_version',
    columns: {
      shop_id: 'text',
      version: 'integer',
      hash: 'text',
      return_window_days: 'integer',
      published_at: 'timestamptz',
      effective_from: 'timestamptz',
      withdrawn_at: 'timestamptz',
    },
    rows: told.map((row) => [
      row.shopId,
      row.version,
      row.hash,
      row.returnWindowDays,
      row.publishedAt,
      row.effectiveFrom,
      row.withdrawnAt ?? null,
    ]),
    onConflict: `(shop_id, version) DO UPDATE SET withdrawn_at = excluded.withdrawn_at
      WHERE plan_version.hash = excluded.hash AND plan_version.withdrawn_at IS NULL`,
  });
}

/** Every version of these shops, withdrawn ones too. */
export function versionsOf(tx: Tx, shopIds: readonly string[]): Promise<ShopVersion[]> {
  return tx.query<ShopVersion>(
    `SELECT shop_id AS "shopId", version, return_window_days AS "returnWindowDays",
            published_at AS "publishedAt", effective_from AS "effectiveFrom",
            withdrawn_at AS "withdrawnAt"
     FROM plan_version WHERE shop_id = ANY ($1)`,
    [shopIds],
  );
}

/** Keeps shops, each at most once in `told`; what is older than the copy changes nothing. */
export async function keepShops(tx: Tx, told: readonly ToldShop[]): Promise<void> {
  await insertRows(tx, {
    table: 'shop',
    columns: { shop_id: 'text', timezone: 'text', updated_at: 'timestamptz' },
    rows: told.map((row) => [row.shopId, row.timezone, row.updatedAt]),
    onConflict: `(shop_id) DO UPDATE
      SET timezone = excluded.timezone, updated_at = excluded.updated_at
      WHERE shop.updated_at <= excluded.updated_at`,
  });
}
