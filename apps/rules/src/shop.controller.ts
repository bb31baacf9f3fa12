import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { formatInstant, isTimezone } from '@qingfen/calendar';
import {
  pageQuery,
  parseWith,
  shopBody,
  shopSchema,
  type Shop as ShopView,
} from '@qingfen/contracts';
import { readWithholding } from '@qingfen/core-plan';
import {
  bodyOf,
  CallerIs,
  invalid,
  notFound,
  Permit,
  PermitService,
  queryOf,
} from '@qingfen/hosting';
import { parseAmount } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import type { FieldError } from './publication.js';
import { ShopService, transferMaxText } from './shop.service.js';
import type { Shop, WithholdingSettings } from './shop.store.js';

/** Alipay's credentials are payout's: here they are an unknown field, refused like any other. */
const body = shopBody.omit({ alipay: true });

/** 0.20 in fen: below it a payout cannot be divided into parts of at least 0.10 each. */
const transferMaxLeastMinor = 20n;

/** A shop as the API shows one; payout adds what may be known of its credentials. */
type ShownShop = Omit<ShopView, 'alipay'>;

@Controller('internal/shops')
export class ShopController {
  constructor(private readonly shops: ShopService) {}

  /** Every shop, by id: for who has a role on all of them, and for the gateway, which filters. */
  @Get()
  @Permit('viewer', 'operator', 'approver', 'admin', 'auditor')
  @PermitService('gateway')
  async list(@Query() query: unknown): Promise<{ items: ShownShop[]; nextCursor: string | null }> {
    const { limit, cursor } = queryOf(pageQuery, query);
    const found = await this.shops.list({ after: cursor ?? '', limit: limit + 1 });
    const items = found.slice(0, limit);
    const nextCursor = found.length > limit ? (items.at(-1)?.shopId ?? null) : null;
    return { items: items.map(shown), nextCursor };
  }

  @Get(':shopId')
  @Permit('viewer', 'operator', 'approver', 'admin', 'auditor')
  async read(@Param('shopId') shopId: string): Promise<ShownShop> {
    const shop = await this.shops.find(shopId);
    if (shop === null) throw notFound(`There is no shop "${shopId}".`);
    return shown(shop);
  }

  @Put(':shopId')
  @Permit('admin')
  async put(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownShop> {
    if (!parseWith(shopSchema.shape.shopId, shopId).ok) throw invalid([badShopId(shopId)]);
    const { name, timezone, noticePeriodDays, transferMax, withholding } = bodyOf(body, given);
    const errors: FieldError[] = [];
    if (timezone !== undefined && !isTimezone(timezone)) errors.push(badTimezone(timezone));
    const transferMaxMinor =
      transferMax === undefined ? undefined : parseAmount(transferMax, 'CNY');
    if (transferMaxMinor !== undefined && transferMaxMinor < transferMaxLeastMinor) {
      errors.push(tooSmall);
    }
    if (withholding) errors.push(...badWithholding(withholding));
    if (errors.length > 0) throw invalid(errors);
    const change = { shopId, name, timezone, noticePeriodDays, transferMaxMinor, withholding };
    return shown(await this.shops.put(change, caller));
  }
}

function shown(shop: Shop): ShownShop {
  return {
    shopId: shop.shopId,
    name: shop.name,
    timezone: shop.timezone,
    noticePeriodDays: shop.noticePeriodDays,
    transferMax: transferMaxText(shop),
    withholding: shop.withholding,
    updatedAt: formatInstant(shop.updatedAt, shop.timezone),
  };
}

const tooSmall: FieldError = {
  pointer: '/transferMax',
  message: 'is less than 0.20: payouts could not be divided',
  messageZh: '小于 0.20，付款无法拆分',
};

/** Its tiers are judged as a plan's are. */
function badWithholding(withholding: WithholdingSettings): readonly FieldError[] {
  const reading = readWithholding(withholding);
  if (reading.kind === 'ok') return [];
  return reading.problems.map(({ pointer, message, messageZh }) => {
    return { pointer: `/withholding${pointer}`, message, messageZh };
  });
}

function badTimezone(timezone: string): FieldError {
  return {
    pointer: '/timezone',
    message: `"${timezone}" is not an IANA time zone such as "Asia/Shanghai"`,
    messageZh: `"${timezone}" 不是 IANA 时区，例如 "Asia/Shanghai"`,
  };
}

function badShopId(shopId: string): FieldError {
  const shownId = JSON.stringify(shopId.slice(0, 40));
  return {
    pointer: '',
    message: `${shownId} is not an id of 1 to 64 letters, digits and . _ : @ -`,
    messageZh: `${shownId} 不是有效的编号 (1 到 64 个字母、数字或 . _ : @ -)`,
  };
}
