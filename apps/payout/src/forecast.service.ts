import { Inject, Injectable } from '@nestjs/common';
import { dueDaysSchema } from '@qingfen/contracts';
import { foreseeCash, type CashForecast } from '@qingfen/core-payout';
import { Database, isInfrastructureError } from '@qingfen/database';
import { LOGGER, ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import { formatAmount, minor, parseAmount, type Minor } from '@qingfen/money';
import { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import { keepForeseen, openMinor } from './forecast.store.js';
import { Merchants } from './merchants.js';

/** The only currency that an Alipay account pays. */
const currency = 'CNY';
/** Sums over all that is owed. */
const summingMs = 10_000;

/** A shop's forecast with what it was made of. */
export interface ShopForecast extends CashForecast {
  readonly balanceMinor: Minor | null;
  readonly openMinor: Minor;
}

/** What falls due on 30 days, by settlement-calculator, against what the account holds (R-FOR-1). */
@Injectable()
export class ForecastService {
  constructor(
    private readonly database: Database,
    private readonly units: Units,
    private readonly merchants: Merchants,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws ServiceUnavailable */
  async of(shopId: string): Promise<ShopForecast> {
    const path = `/internal/shops/${shopId}/due-days`;
    const call = { service: 'settlement-calculator', method: 'GET', path } as const;
    const answer = await this.client.request<unknown>({ ...call, timeoutMs: summingMs });
    if (answer.status !== 200) {
      throw new ServiceUnavailable(call.service, new Error(`it answered ${answer.status}`));
    }
    const due = dueDaysSchema.parse(answer.body).days.map((one) => {
      return { day: one.day, dueMinor: parseAmount(one.due, currency) };
    });
    // Before the balance: what is paid meanwhile is then taken twice rather than not at all.
    const open = minor(await openMinor(this.database, shopId));
    const balanceMinor = await this.balanceOf(shopId);
    return {
      balanceMinor,
      openMinor: open,
      ...foreseeCash({ balanceMinor, openMinor: open, due }),
    };
  }

  /** Keeps a forecast for the brake, and tells while the account will fall short. */
  async tell(shopId: string): Promise<void> {
    const { days, shortOn, missingMinor, balanceMinor } = await this.of(shopId);
    await this.units.run(async (unit) => {
      // The first is the present day, which has begun.
      await keepForeseen(unit.tx, { shopId, days: days.slice(1), at: unit.now });
      const subject = { type: 'shop', id: shopId };
      if (shortOn === null) {
        // Of an account that nobody could ask, what was told still holds.
        if (balanceMinor !== null) unit.resolveAlert('forecast-short', subject, shopId);
        return;
      }
      const missing = formatAmount(missingMinor, currency);
      unit.alert({
        class: 'forecast-short',
        severity: 'warning',
        shopId,
        subject,
        message: `The Alipay account will not cover what falls due from ${shortOn} on: ${missing} CNY are missing within 30 days.`,
        messageZh: `自 ${shortOn} 起支付宝余额不足以支付到期款项, 30 天内共缺 ${missing} 元.`,
      });
    });
  }

  private async balanceOf(shopId: string): Promise<Minor | null> {
    try {
      const merchant = await this.merchants.of(shopId);
      const balance = (await merchant?.balanceMinor()) ?? null;
      return balance === null ? null : minor(balance);
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
      return null;
    }
  }
}
