import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { DailyReport } from '@qingfen/contracts';
import { Permit, PermitService, readers } from '@qingfen/hosting';
import { DailyReportService } from './daily-report.service.js';

/** What a day brought a shop; notification asks for it too, for the digest. */
@Controller('internal/shops/:shopId/reports/daily')
export class DailyReportController {
  constructor(@Inject(DailyReportService) private readonly reports: DailyReportService) {}

  @Get(':day')
  @Permit(...readers)
  @PermitService('notification')
  read(@Param('shopId') shopId: string, @Param('day') day: string): Promise<DailyReport> {
    return this.reports.of(shopId, day);
  }
}
