import { Controller, Get, Inject, Param } from '@nestjs/common';
import { formatInstant, localDate } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import type { ForeseenDue, OpenPayouts, PayoutPosition } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PermitService } from '@qingfen/hosting';
import { formatAmount, sumMinor, type Minor } from '@qingfen/money';
import { foreseenDays, openSums, type ForeseenDay, type OpenSum } from './position.store.js';
import { timezoneOf } from './shop.store.js';

/** As many of the coming days as a day's report shows. */
const daysForeseen = 7;

/** What of a shop is open here and what was foreseen, for the report of a day. */
@Controller('internal/shops/:shopId/payout-position')
export class PositionController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Of the forecast that is kept: nobody else is asked for it. */
  @Get()
  @PermitService('reconciliation')
  async read(@Param('shopId') shopId: string): Promise<PayoutPosition> {
    const timezone = await timezoneOf(this.database, shopId);
    const after = localDate(this.clock.now(), timezone);
    const [sums, foreseen] = await Promise.all([
      openSums(this.database, shopId),
      foreseenDays(this.database, shopId, { after, limit: daysForeseen }),
    ]);
    return { openPayouts: openView(sums), foreseen: foreseenView(foreseen, timezone) };
  }
}

function openView(sums: readonly OpenSum[]): OpenPayouts {
  const shown = (sum: OpenSum): OpenPayouts['totals'][number] => {
    const { currency, count, amountMinor } = sum;
    return { currency, count: Number(count), amount: formatAmount(amountMinor, currency) };
  };
  return {
    items: sums.flatMap((sum) => {
      const { kind, state } = sum;
      return kind === null || state === null ? [] : [{ kind, state, ...shown(sum) }];
    }),
    totals: sums.filter(({ state }) => state === null).map(shown),
  };
}

function foreseenView(days: readonly ForeseenDay[], timezone: string): ForeseenDue {
  // Each forecast tells all days anew, so that the oldest word is as good as the whole.
  const [toldAt] = days.map((one) => one.toldAt).sort((a, b) => a.getTime() - b.getTime());
  const yuan = (amount: Minor): string => formatAmount(amount, 'CNY');
  return {
    asOf: toldAt === undefined ? null : formatInstant(toldAt, timezone),
    days: days.map(({ day, dueMinor }) => ({ day, due: yuan(dueMinor) })),
    total: yuan(sumMinor(days.map(({ dueMinor }) => dueMinor))),
  };
}
