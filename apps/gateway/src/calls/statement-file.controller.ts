import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Statement } from '@qingfen/contracts';
import type { Request, Response } from 'express';
import { Turnstile } from '../access/turnstile.js';
import { tooMany } from '../refusals.js';
import { FileSource } from './file-source.js';
import { sendCsv, sendPdf, sendWorkbook } from './send-file.js';
import { statementCsv, statementWorkbook } from './statement-file.js';
import { statementPdf } from './statement-pdf.js';

/** The longest takes two seconds of a core and some hundred megabytes. */
const pdfsAtOnce = 2;
const pdfsWaiting = 16;

/** Statements as files: the same content as the API's, in another form. */
@Controller('api/v1/shops/:shopId/statements')
export class StatementFileController {
  private readonly press = new Turnstile(pdfsAtOnce, pdfsWaiting);

  constructor(@Inject(FileSource) private readonly files: FileSource) {}

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
    const pdf = await this.press.pass(async () => {
      return statementPdf(await this.read(request, shopId, statementId));
    });
    if (pdf === null) throw tooMany('Too many PDFs are being made at once.', 5);
    sendPdf(response, encodeURIComponent(statementId), pdf.result);
  }

  private read(request: Request, shopId: string, statementId: string): Promise<Statement> {
    const path = ['statements', statementId];
    return this.files.read(request, shopId, { service: 'settlement-calculator', path });
  }
}
