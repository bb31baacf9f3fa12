import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { alertCountQuery, type AlertCounts } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PermitService, queryOf } from '@qingfen/hosting';
import { countAlerts, type AlertCountRow } from './alert.store.js';

/** A shop's alerts by class, for the report of a day. */
@Controller('internal/shops/:shopId/alert-counts')
export class AlertCountController {
  constructor(@Inject(Database) private readonly database: Database) {}

  @Get()
  @PermitService('reconciliation')
  async read(@Param('shopId') shopId: string, @Query() query: unknown): Promise<AlertCounts> {
    const { from, to } = queryOf(alertCountQuery, query);
    const span = { shopId, from: parseInstant(from), to: parseInstant(to) };
    const rows = await countAlerts(this.database, span);
    const counts = ({ raised, open }: AlertCountRow): AlertCounts['totals'] => ({
      raised: Number(raised),
      open: Number(open),
    });
    const all = rows.find((row) => row.class === null);
    return {
      items: rows.flatMap((row) => {
        const { class: raised, severity } = row;
        return raised === null || severity === null
          ? []
          : [{ class: raised, severity, ...counts(row) }];
      }),
      totals: all === undefined ? { raised: 0, open: 0 } : counts(all),
    };
  }
}
