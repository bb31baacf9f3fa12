import { Inject, Injectable } from '@nestjs/common';
import type { Risk } from '@qingfen/contracts';
import { riskDefaults, type RiskSettings } from '@qingfen/core-risk';
import { ServiceEnv } from '@qingfen/hosting';
import type { Reader } from './payout.store.js';
import { riskSettingsOf, riskView } from './risk.view.js';
import { defaultTimezone } from './shop.store.js';

/** A shop's settings, with the zone that its days are of. */
export interface ShopRisk {
  readonly settings: RiskSettings;
  readonly timezone: string;
}

/** What shops' limits and lists are, changed or not. */
@Injectable()
export class RiskBook {
  /** What holds for a shop until somebody changes it. */
  readonly defaults: Risk;

  constructor(@Inject(ServiceEnv) env: Pick<ServiceEnv, 'environment'>) {
    const isPlayMoney = env.environment === 'local-sandbox';
    const shown = riskView(riskDefaults({ isPlayMoney }), defaultTimezone);
    this.defaults = { ...shown, payoutRatioMax: isPlayMoney ? '1' : '0.50' };
  }

  /** What was stored, with the defaults of fields that came later; all defaults where nothing was. */
  whole(stored: Partial<Risk> | null): Risk {
    return { ...this.defaults, ...stored };
  }

  /** The settings of each of these shops, in one look. */
  async of(reader: Reader, shopIds: readonly string[]): Promise<Map<string, ShopRisk>> {
    const rows = await reader.query<{ shopId: string; timezone: string; document: Risk | null }>(
      `SELECT k.shop_id AS "shopId", coalesce(s.timezone, $2) AS timezone, r.document
         FROM unnest($1::text[]) AS k(shop_id)
         LEFT JOIN shop s USING (shop_id) LEFT JOIN risk r USING (shop_id)`,
      [shopIds, defaultTimezone],
    );
    return new Map(
      rows.map(({ shopId, timezone, document }) => {
        return [shopId, { settings: riskSettingsOf(this.whole(document)), timezone }];
      }),
    );
  }
}
