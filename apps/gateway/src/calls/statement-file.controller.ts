import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { problem, type Statement } from '@qingfen/contracts';
import { ProblemError, ServiceClient } from '@qingfen/hosting';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { permissions } from './permissions.js';
import { refuseQuery } from './reading.js';
import { sendCsv, sendPdf, sendWorkbook } from './send-file.js';
import { statementCsv, statementWorkbook } from './statement-file.js';
import { pdfEntriesMax, statementPdf } from './statement-pdf.js';

/** A statement may have as many entries as a month has orders. */
const readingMs = 20_000;

/** Statements as files: the same content as the API's, in another form. */
@Controller('api/v1/shops/:shopId/statements')
export class StatementFileController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
  ) {}

  @Get(':statementId.csv')
  async csv(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('statementId') statementId: string,
  ): Promise<void> {
    const statement = await this.read(request, shopId, statementId);
    sendCsv(response, encodeURIComponent(statementId), statementCsv(statement));
  }

  @Get(':statementId.xlsx')
  async xlsx(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('statementId') statementId: string,
  ): Promise<void> {
    const statement = await this.read(request, shopId, statementId);
    const workbook = await statementWorkbook(statement);
    sendWorkbook(response, encodeURIComponent(statementId), workbook);
  }

  @Get(':statementId.pdf')
  async pdf(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('statementId') statementId: string,
  ): Promise<void> {
    const statement = await this.read(request, shopId, statementId);
    if (statement.entries.length > pdfEntriesMax) throw tooLong(statement);
    sendPdf(response, encodeURIComponent(statementId), await statementPdf(statement));
  }

  private async read(request: Request, shopId: string, statementId: string): Promise<Statement> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId });
    refuseQuery(request);
    const [shop, id] = [shopId, statementId].map(encodeURIComponent);
    const answer = await this.client.request<Statement>({
      service: 'settlement-calculator',
      method: 'GET',
      path: `/internal/shops/${shop}/statements/${id}`,
      caller,
      timeoutMs: readingMs,
    });
    return bodyOrRefusal(answer);
  }
}

function tooLong({ entries }: Statement): ProblemError {
  const detail =
    `This statement has ${entries.length} entries, and a PDF lists at most ${pdfEntriesMax}; ` +
    'its .csv and its .xlsx have them all.';
  return new ProblemError(problem('statement-too-long', 422, 'Too long for a PDF', detail));
}
