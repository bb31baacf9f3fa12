import { Controller, Get, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { alertQuery, type Alert } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  instantPlace,
  instantPlaceAfter,
  pageOfRows,
  Permit,
  queryOf,
  readers,
} from '@qingfen/hosting';
import type { AlertState } from './alert-state.js';
import { AlertService } from './alert.service.js';
import { timezoneOf } from './name.store.js';

interface AlertList {
  readonly items: Alert[];
  readonly nextCursor: string | null;
}

/** What belongs to no shop is shown in the installation's own zone. */
const houseTimezone = 'Asia/Shanghai';

@Controller('internal')
export class AlertController {
  constructor(
    private readonly alerts: AlertService,
    private readonly database: Database,
  ) {}

  @Get('shops/:shopId/alerts')
  @Permit(...readers)
  async ofShop(@Param('shopId') shopId: string, @Query() query: unknown): Promise<AlertList> {
    return this.list(shopId, query);
  }

  /** Of every shop and of none: for who has a role on all of them. */
  @Get('alerts')
  @Permit(...readers)
  async ofAll(@Query() query: unknown): Promise<AlertList> {
    return this.list(null, query);
  }

  private async list(shopId: string | null, query: unknown): Promise<AlertList> {
    const { state, limit, cursor } = queryOf(alertQuery, query);
    const found = await this.alerts.list({
      shopId,
      state: state ?? null,
      after: instantPlaceAfter(cursor),
      limit: limit + 1,
    });
    const page = pageOfRows(found, limit, ({ raisedAt, alertId }) =>
      instantPlace({ at: raisedAt, id: alertId }),
    );
    const known = shopId === null ? null : await timezoneOf(this.database, shopId);
    const timezone = known ?? houseTimezone;
    return { items: page.rows.map((row) => shown(row, timezone)), nextCursor: page.nextCursor };
  }
}

function shown(alert: AlertState, timezone: string): Alert {
  const { raisedAt, resolvedAt, ...rest } = alert;
  return {
    ...rest,
    state: resolvedAt === null ? 'raised' : 'resolved',
    at: formatInstant(raisedAt, timezone),
    resolvedAt: resolvedAt === null ? null : formatInstant(resolvedAt, timezone),
  };
}
