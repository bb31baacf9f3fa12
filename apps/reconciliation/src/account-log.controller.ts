import { Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { problem, type AccountLogLook } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { conflict, notFound, Permit, ProblemError } from '@qingfen/hosting';
import { AccountLogService } from './account-log.service.js';
import { timezoneOf } from './day.store.js';

/** Looks into the account log of today for whoever does not want to wait for the hour, or for the bill. */
@Controller('internal/shops/:shopId/reconciliations/account-log')
export class AccountLogController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AccountLogService) private readonly log: Pick<AccountLogService, 'look'>,
  ) {}

  /** It changes nothing but what is known: told again it finds the same differences. */
  @Post()
  @HttpCode(200)
  @Permit('operator')
  async look(@Param('shopId') shopId: string): Promise<AccountLogLook> {
    const timezone = await timezoneOf(this.database, shopId);
    if (timezone === null) throw notFound('There is no such shop.');
    const look = await this.log.look(shopId);
    if (look.kind === 'looked') {
      const { until, lines, found } = look;
      return { until: formatInstant(until, timezone), movements: lines, found };
    }
    const detail = look.why.slice(0, 500);
    if (look.kind === 'refused') throw conflict('account-log-refused', detail);
    throw new ProblemError(problem('account-log-unclear', 503, 'Nobody can say now', detail));
  }
}
