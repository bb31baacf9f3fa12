import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { fileTypes, type Reconciliation } from '@qingfen/contracts';
import { ServiceClient } from '@qingfen/hosting';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { permissions } from './permissions.js';
import { refuseQuery } from './reading.js';
import { reconciliationCsv, reconciliationWorkbook } from './reconciliation-file.js';

const readingMs = 20_000;

/** A day's comparison as files: the same content as the API's, in another form. */
@Controller('api/v1/shops/:shopId/reconciliations')
export class ReconciliationFileController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
  ) {}

  @Get(':day.csv')
  async csv(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('day') day: string,
  ): Promise<void> {
    const report = await this.report(request, shopId, day);
    response.type(`${fileTypes.csv}; charset=utf-8`);
    response.attachment(`reconciliation-${report.day}.csv`);
    response.send(reconciliationCsv(report));
  }

  @Get(':day.xlsx')
  async xlsx(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('day') day: string,
  ): Promise<void> {
    const report = await this.report(request, shopId, day);
    const workbook = await reconciliationWorkbook(report);
    response.type(fileTypes.xlsx);
    response.attachment(`reconciliation-${report.day}.xlsx`);
    response.send(workbook);
  }

  private async report(request: Request, shopId: string, day: string): Promise<Reconciliation> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId });
    refuseQuery(request);
    const [shop, of] = [shopId, day].map(encodeURIComponent);
    const answer = await this.client.request<Reconciliation>({
      service: 'reconciliation',
      method: 'GET',
      path: `/internal/shops/${shop}/reconciliations/${of}`,
      caller,
      timeoutMs: readingMs,
    });
    return bodyOrRefusal(answer);
  }
}
