import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { DueDays } from '@qingfen/contracts';
import { PermitService } from '@qingfen/hosting';
import { DueDayService } from './due-day.service.js';

/** What falls due, for payout, which knows what the account holds (R-FOR-1). */
@Controller('internal/shops/:shopId/due-days')
export class DueDayController {
  constructor(@Inject(DueDayService) private readonly days: DueDayService) {}

  @Get()
  @PermitService('payout')
  read(@Param('shopId') shopId: string): Promise<DueDays> {
    return this.days.of(shopId);
  }
}
