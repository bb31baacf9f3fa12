import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { topics, type EventData } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { audit } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { Acknowledgement } from './acknowledgement.js';
import { distinctInstant } from './distinct-instant.js';
import {
  findShop,
  insertShop,
  listShops,
  lockShop,
  updateShop,
  type Shop,
  type WithholdingSettings,
} from './shop.store.js';

/** What may be changed of a shop; undefined leaves it as it is, or at its default in a new one. */
export interface ShopChange {
  readonly shopId: string;
  readonly name: string;
  readonly timezone: string | undefined;
  readonly noticePeriodDays: number | undefined;
  readonly transferMaxMinor: bigint | undefined;
  /** null switches it off. */
  readonly withholding: WithholdingSettings | null | undefined;
}

const shopDefaults: Kept = {
  timezone: 'Asia/Shanghai',
  noticePeriodDays: 0,
  /** 50,000.00 in fen. */
  transferMaxMinor: 5_000_000n,
  withholding: null,
};

/** Creates and changes shops, and says what they have become. */
@Injectable()
export class ShopService {
  constructor(
    private readonly database: Database,
    private readonly units: Units,
    @Inject(Acknowledgement) private readonly acknowledgement: Pick<Acknowledgement, 'arrived'>,
  ) {}

  /**
   * Creates or changes a shop. What is not named keeps its value, so that a forgotten limit is never
   * lifted by accident; a call that changes nothing says and audits nothing.
   */
  async put(change: ShopChange, caller: Caller): Promise<Shop> {
    const shop = await this.units.run((unit) => put(unit, change, caller));
    // Nothing is lost without the acknowledgement: it only spares others a shop they do not know yet.
    await this.acknowledgement.arrived();
    return shop;
  }

  find(shopId: string): Promise<Shop | null> {
    return findShop(this.database, shopId);
  }

  list(page: { readonly after: string; readonly limit: number }): Promise<Shop[]> {
    return listShops(this.database, page);
  }
}

async function put(unit: Unit, change: ShopChange, caller: Caller): Promise<Shop> {
  const { tx, now } = unit;
  const fresh = changed(shopDefaults, change, now);
  const before = await lockShop(tx, change.shopId);
  if (before === null && (await insertShop(tx, fresh))) {
    await tell(unit, { before: null, after: fresh, caller });
    return fresh;
  }
  const found = before ?? (await lockShop(tx, change.shopId));
  if (found === null) throw new Error(`shop ${change.shopId} exists and does not`);
  const after = changed(found, change, distinctInstant(now, found.updatedAt));
  if (isSame(found, after)) return found;
  await updateShop(tx, after);
  await tell(unit, { before: found, after, caller });
  return after;
}

type Kept = Pick<Shop, 'timezone' | 'noticePeriodDays' | 'transferMaxMinor' | 'withholding'>;

function changed(shop: Kept, change: ShopChange, updatedAt: Date): Shop {
  return {
    shopId: change.shopId,
    name: change.name,
    timezone: change.timezone ?? shop.timezone,
    noticePeriodDays: change.noticePeriodDays ?? shop.noticePeriodDays,
    transferMaxMinor: change.transferMaxMinor ?? shop.transferMaxMinor,
    withholding: change.withholding === undefined ? shop.withholding : change.withholding,
    updatedAt,
  };
}

function isSame(a: Shop, b: Shop): boolean {
  return (
    a.name === b.name &&
    a.timezone === b.timezone &&
    a.noticePeriodDays === b.noticePeriodDays &&
    a.transferMaxMinor === b.transferMaxMinor &&
    isDeepStrictEqual(a.withholding, b.withholding)
  );
}

async function tell(
  unit: Unit,
  told: { readonly before: Shop | null; readonly after: Shop; readonly caller: Caller },
): Promise<void> {
  const { before, after, caller } = told;
  const data = shopData(after);
  unit.say({
    topic: topics.shopUpserted,
    key: after.shopId,
    data,
    correlationId: caller.requestId,
  });
  await audit(unit.tx, {
    caller,
    action: before === null ? 'shop.create' : 'shop.change',
    subject: { type: 'shop', id: after.shopId },
    shopId: after.shopId,
    before: before === null ? null : shopData(before),
    after: data,
    reason: null,
    at: unit.now,
  });
}

/** A shop as its event has it. */
function shopData(shop: Shop): EventData['shop-upserted'] {
  return {
    shopId: shop.shopId,
    name: shop.name,
    timezone: shop.timezone,
    noticePeriodDays: shop.noticePeriodDays,
    transferMax: transferMaxText(shop),
    ...(shop.withholding === null ? {} : { withholding: shop.withholding }),
    updatedAt: shop.updatedAt.toISOString(),
  };
}

/** Limits of transfers are in CNY, as Alipay's transfers are. */
export function transferMaxText(shop: Shop): string {
  return formatAmount(minor(shop.transferMaxMinor), 'CNY');
}
