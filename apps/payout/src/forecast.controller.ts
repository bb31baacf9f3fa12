import { Controller, Get, Inject, Param } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import type { Forecast } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { Permit, readers } from '@qingfen/hosting';
import { formatAmount, type Minor } from '@qingfen/money';
import { ForecastService } from './forecast.service.js';
import { timezoneOf } from './shop.store.js';

/** What falls due on the coming days, and how long the account will do. */
@Controller('internal/shops/:shopId/forecast')
export class ForecastController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ForecastService) private readonly forecasts: ForecastService,
  ) {}

  @Get()
  @Permit(...readers)
  async read(@Param('shopId') shopId: string): Promise<Forecast> {
    const timezone = await timezoneOf(this.database, shopId);
    const asOf = formatInstant(this.clock.now(), timezone);
    const forecast = await this.forecasts.of(shopId);
    return {
      currency,
      asOf,
      balance: shownOrNull(forecast.balanceMinor),
      open: shown(forecast.openMinor),
      days: forecast.days.map(({ day, dueMinor, leftMinor }) => ({
        day,
        due: shown(dueMinor),
        left: shownOrNull(leftMinor),
      })),
      shortOn: forecast.shortOn,
      missing: shown(forecast.missingMinor),
    };
  }
}

/** The only currency that an Alipay account pays. */
const currency = 'CNY';

function shown(amount: Minor): string {
  return formatAmount(amount, currency);
}

function shownOrNull(amount: Minor | null): string | null {
  return amount === null ? null : shown(amount);
}
