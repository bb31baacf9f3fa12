import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Statement } from '@qingfen/contracts';
import type { Request, Response } from 'express';
import { FileSource } from './file-source.js';
import { sendCsv, sendPdf, sendWorkbook } from './send-file.js';
import { statementCsv, statementWorkbook } from './statement-file.js';
import { statementPdf } from './statement-pdf.js';

/** Statements as files: the same content as the API's, in another form. */
@Controller('api/v1/shops/:shopId/statements')
export class StatementFileController {
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
    const statement = await this.read(request, shopId, statementId);
    sendPdf(response, encodeURIComponent(statementId), await statementPdf(statement));
  }

  private read(request: Request, shopId: string, statementId: string): Promise<Statement> {
    const path = ['statements', statementId];
    return this.files.read(request, shopId, { service: 'settlement-calculator', path });
  }
}
