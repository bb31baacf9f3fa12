import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { DailyReport } from '@qingfen/contracts';
import type { Request, Response } from 'express';
import { dailyReportCsv, dailyReportWorkbook } from './daily-report-file.js';
import { FileSource } from './file-source.js';
import { sendCsv, sendWorkbook } from './send-file.js';

/** What a day brought a shop, as files: the same figures as the API's, in another form. */
@Controller('api/v1/shops/:shopId/reports/daily')
export class DailyReportFileController {
  constructor(@Inject(FileSource) private readonly reports: FileSource) {}

  @Get(':day.csv')
  async csv(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('day') day: string,
  ): Promise<void> {
    const report = await this.report(request, shopId, day);
    sendCsv(response, `daily-report-${report.day}`, dailyReportCsv(report));
  }

  @Get(':day.xlsx')
  async xlsx(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('day') day: string,
  ): Promise<void> {
    const report = await this.report(request, shopId, day);
    sendWorkbook(response, `daily-report-${report.day}`, await dailyReportWorkbook(report));
  }

  private report(request: Request, shopId: string, day: string): Promise<DailyReport> {
    const path = ['reports', 'daily', day];
    return this.reports.read(request, shopId, { service: 'reconciliation', path });
  }
}
