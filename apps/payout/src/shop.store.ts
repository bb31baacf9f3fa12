import type { Tx } from '@qingfen/database';
import { insertRows } from '@qingfen/database';
import type { Reader } from './payout.store.js';

/** What payout keeps of a shop. */
export interface Shop {
  readonly shopId: string;
  readonly name: string;
  /** IANA name. */
  readonly timezone: string;
  readonly updatedAt: Date;
}

/** Used for a shop that nobody has told us of. */
export const defaultTimezone = 'Asia/Shanghai';

/** Keeps the latest word on each shop. */
export async function upsertShops(tx: Tx, shops: readonly Shop[]): Promise<void> {
  const latest = new Map(shops.map((shop) => [shop.shopId, shop]));
  await insertRows(tx, {
    table: 'shop',
    columns: { shop_id: 'text', name: 'text', timezone: 'text', updated_at: 'timestamptz' },
    rows: [...latest.values()]
      .sort((a, b) => (a.shopId < b.shopId ? -1 : 1))
      .map(({ shopId, name, timezone, updatedAt }) => [shopId, name, timezone, updatedAt]),
    onConflict: `(shop_id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone,
      updated_at = excluded.updated_at WHERE shop.updated_at <= excluded.updated_at`,
  });
}

/** The shop's time zone, in which its instants are shown. */
export async function timezoneOf(reader: Reader, shopId: string): Promise<string> {
  const rows = await reader.query<{ timezone: string }>(
    'SELECT timezone FROM shop WHERE shop_id = $1',
    [shopId],
  );
  return rows[0]?.timezone ?? defaultTimezone;
}
