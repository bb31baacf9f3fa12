import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Reconciliation } from '@qingfen/contracts';
import type { Request, Response } from 'express';
import { reconciliationCsv, reconciliationWorkbook } from './reconciliation-file.js';
import { FileSource } from './file-source.js';
import { sendCsv, sendWorkbook } from './send-file.js';

/** A day's comparison as files: the same content as the API's, in another form. */
@Controller('api/v1/shops/:shopId/reconciliations')
export class ReconciliationFileController {
  constructor(@Inject(FileSource) private readonly reports: FileSource) {}

  @Get(':day.csv')
  async csv(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('day') day: string,
  ): Promise<void> {
    const report = await this.report(request, shopId, day);
    sendCsv(response, `reconciliation-${report.day}`, reconciliationCsv(report));
  }

  @Get(':day.xlsx')
  async xlsx(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('day') day: string,
  ): Promise<void> {
    const report = await this.report(request, shopId, day);
    sendWorkbook(response, `reconciliation-${report.day}`, await reconciliationWorkbook(report));
  }

  private report(request: Request, shopId: string, day: string): Promise<Reconciliation> {
    const path = ['reconciliations', day];
    return this.reports.read(request, shopId, { service: 'reconciliation', path });
  }
}
