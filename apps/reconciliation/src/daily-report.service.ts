import { Inject, Injectable } from '@nestjs/common';
import { isDay } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import {
  alertCountsSchema,
  payoutPositionSchema,
  type AlertCounts,
  type DailyReport,
  type PayoutPosition,
} from '@qingfen/contracts';
import { localDaySpan } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { notFound, ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import type { ServiceName } from '@qingfen/security';
import { movementsIn, openDifferences, type ShopSpan } from './daily-report.store.js';
import { dailyReportView } from './daily-report.view.js';
import { findDay, timezoneOf } from './day.store.js';

/** Sums over what is open. */
const summingMs = 10_000;

/**
 * What a day brought a shop (R-REC-1): movements from what the topics told, cash and differences of our
 * own, what is open from payout, alerts from notification. All of it or nothing.
 */
@Injectable()
export class DailyReportService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
  ) {}

  /**
   * `day` is one in the shop's time zone; of a day that has not ended it is the report so far.
   *
   * @throws ProblemError 404 for an unknown shop, and for what is no day or has not begun
   * @throws ServiceUnavailable where payout or notification does not answer
   */
  async of(shopId: string, day: string): Promise<DailyReport> {
    const timezone = await timezoneOf(this.database, shopId);
    if (timezone === null) throw notFound('There is no such shop.');
    if (!isDay(day)) throw notFound(`${day.slice(0, 40)} is not a day such as 2026-01-05.`);
    const span = { shopId, ...localDaySpan(day, timezone) };
    const asOf = this.clock.now();
    if (span.from > asOf) throw notFound(`The day ${day} has not begun.`);
    const [movements, differences, reconciled, position, alerts] = await Promise.all([
      movementsIn(this.database, span),
      openDifferences(this.database, shopId),
      findDay(this.database, { shopId, day }),
      this.positionOf(shopId),
      this.alertsOf(span),
    ]);
    const parts = { movements, differences, reconciled, position, alerts };
    return dailyReportView({ ...span, day, timezone, asOf }, parts);
  }

  private async positionOf(shopId: string): Promise<PayoutPosition> {
    const path = `/internal/shops/${encodeURIComponent(shopId)}/payout-position`;
    return payoutPositionSchema.parse(await this.ask('payout', path));
  }

  private async alertsOf({ shopId, from, to }: ShopSpan): Promise<AlertCounts> {
    const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
    const path = `/internal/shops/${encodeURIComponent(shopId)}/alert-counts?${query.toString()}`;
    return alertCountsSchema.parse(await this.ask('notification', path));
  }

  private async ask(service: ServiceName, path: string): Promise<unknown> {
    const call = { service, method: 'GET', path, timeoutMs: summingMs } as const;
    const { status, body } = await this.client.request<unknown>(call);
    if (status !== 200) throw new ServiceUnavailable(service, new Error(`it answered ${status}`));
    return body;
  }
}
