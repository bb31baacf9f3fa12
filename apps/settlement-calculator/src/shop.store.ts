import type { WithholdingSettings } from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';
import { minor, type Minor } from '@qingfen/money';

export interface ShopCopy {
  readonly shopId: string;
  readonly timezone: string;
  readonly transferMaxMinor: Minor;
  /** null: it withholds no tax. */
  readonly withholding: WithholdingSettings | null;
}

/** Keeps the newest word on each shop; an older one that comes later changes nothing. */
export async function keepShop(
  tx: Tx,
  shop: ShopCopy & { readonly name: string; readonly updatedAt: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO shop (shop_id, name, timezone, transfer_max_minor, updated_at, withholding)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (shop_id) DO UPDATE
       SET name = excluded.name, timezone = excluded.timezone,
           transfer_max_minor = excluded.transfer_max_minor, updated_at = excluded.updated_at,
           withholding = excluded.withholding
     WHERE shop.updated_at <= excluded.updated_at`,
    [
      shop.shopId,
      shop.name,
      shop.timezone,
      shop.transferMaxMinor,
      shop.updatedAt,
      shop.withholding === null ? null : JSON.stringify(shop.withholding),
    ],
  );
}

export async function knownShops(tx: Tx, shopIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.prepared<{ shop_id: string }>(
    'known-shops',
    'SELECT shop_id FROM shop WHERE shop_id = ANY($1)',
    [shopIds],
  );
  return new Set(rows.map((row) => row.shop_id));
}

/** @returns undefined for a shop that was never created. */
export async function shopOf(tx: Pick<Tx, 'query'>, shopId: string): Promise<ShopCopy | undefined> {
  const [row] = await tx.query<{
    timezone: string;
    transfer_max_minor: bigint;
    withholding: WithholdingSettings | null;
  }>('SELECT timezone, transfer_max_minor, withholding FROM shop WHERE shop_id = $1', [shopId]);
  if (row === undefined) return undefined;
  return {
    shopId,
    timezone: row.timezone,
    transferMaxMinor: minor(row.transfer_max_minor),
    withholding: row.withholding,
  };
}

const firstTimezone = 'Asia/Shanghai';

/** The zone in which a shop's instants are shown; of one never created, the default. */
export async function timezoneOf(tx: Pick<Tx, 'query'>, shopId: string): Promise<string> {
  return (await shopOf(tx, shopId))?.timezone ?? firstTimezone;
}
