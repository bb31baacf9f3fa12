import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Statement } from '@qingfen/contracts';
import { ServiceClient } from '@qingfen/hosting';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { permissions } from './permissions.js';
import { refuseQuery } from './reading.js';
import { sendCsv } from './send-file.js';
import { statementCsv } from './statement-csv.js';

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
    const file = statementCsv(bodyOrRefusal(answer));
    sendCsv(response, encodeURIComponent(statementId), file);
  }
}
