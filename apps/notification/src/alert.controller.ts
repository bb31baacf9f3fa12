import { Body, Controller, Get, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { alertQuery, reasonBody, type Alert } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  ActIs,
  bodyOf,
  CallerIs,
  instantPlace,
  instantPlaceAfter,
  pageOfRows,
  Permit,
  PostAct,
  queryOf,
  readers,
  type ManualAct,
} from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
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

  @PostAct('shops/:shopId/alerts/:alertId/acknowledge')
  @Permit('operator')
  async acknowledge(@Param('alertId') alertId: string, @ActIs() act: ManualAct): Promise<Alert> {
    const state = await this.alerts.acknowledge({ ...act, alertId });
    return shown(state, await this.zoneOf(act.shopId));
  }

  /** One of any shop, or of none: for who acts on all of them. */
  @PostAct('alerts/:alertId/acknowledge')
  @Permit('operator')
  async acknowledgeAny(
    @Param('alertId') alertId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Alert> {
    const { reason } = bodyOf(reasonBody, given);
    const state = await this.alerts.acknowledge({ shopId: null, alertId, caller, reason });
    return shown(state, houseTimezone);
  }

  private async list(shopId: string | null, query: unknown): Promise<AlertList> {
    const { state, acknowledged, limit, cursor } = queryOf(alertQuery, query);
    const found = await this.alerts.list({
      shopId,
      state: state ?? null,
      isAcknowledged: acknowledged === undefined ? null : acknowledged === 'true',
      after: instantPlaceAfter(cursor),
      limit: limit + 1,
    });
    const page = pageOfRows(found, limit, ({ raisedAt, alertId }) =>
      instantPlace({ at: raisedAt, id: alertId }),
    );
    const timezone = await this.zoneOf(shopId);
    return { items: page.rows.map((row) => shown(row, timezone)), nextCursor: page.nextCursor };
  }

  private async zoneOf(shopId: string | null): Promise<string> {
    const known = shopId === null ? null : await timezoneOf(this.database, shopId);
    return known ?? houseTimezone;
  }
}

function shown(alert: AlertState, timezone: string): Alert {
  const { raisedAt, resolvedAt, acknowledged, raisedBy: _service, ...rest } = alert;
  return {
    ...rest,
    acknowledged:
      acknowledged === null
        ? null
        : { ...acknowledged, at: formatInstant(acknowledged.at, timezone) },
    state: resolvedAt === null ? 'raised' : 'resolved',
    at: formatInstant(raisedAt, timezone),
    resolvedAt: resolvedAt === null ? null : formatInstant(resolvedAt, timezone),
  };
}
