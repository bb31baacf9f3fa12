import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { taxSumFileQuery, type Page, type TaxSum } from '@qingfen/contracts';
import { ServiceClient } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { csvOf, type Cell } from './csv.js';
import { KnownShops } from './known-shops.js';
import { permissions } from './permissions.js';
import { readQuery } from './reading.js';
import { sendCsv } from './send-file.js';

const readingMs = 15_000;
/** More payees than that and the file is asked for payee by payee. */
const pagesMax = 2_000;

const columns = [
  'payeeId',
  'name',
  'accountType',
  'kind',
  'currency',
  'paid',
  'returned',
  'net',
  'payouts',
  'withheld',
  'gross',
] as const;

/** What payees received within a period, as a file of all of them (RFC 4180). */
@Controller('api/v1/shops/:shopId')
export class TaxSumFileController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(KnownShops) private readonly shops: KnownShops,
  ) {}

  @Get('tax-sums.csv')
  async csv(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
  ): Promise<void> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId });
    const { period, payeeId } = readQuery(request.query, taxSumFileQuery);
    await this.shops.insist(shopId, caller);
    const query = new URLSearchParams({ period, limit: '500' });
    if (payeeId !== undefined) query.set('payeeId', payeeId);
    const rows: Cell[][] = [[...columns]];
    for await (const { items } of this.pages(shopId, query, caller)) {
      for (const sum of items) rows.push(columns.map((column) => sum[column]));
    }
    sendCsv(response, `tax-sums-${period}`, csvOf(rows));
  }

  private async *pages(
    shopId: string,
    query: URLSearchParams,
    caller: Caller,
  ): AsyncGenerator<Page<TaxSum>> {
    for (let count = 0; count < pagesMax; count += 1) {
      const answer = await this.client.request<Page<TaxSum>>({
        service: 'payout',
        method: 'GET',
        path: `/internal/shops/${encodeURIComponent(shopId)}/tax-sums?${query.toString()}`,
        caller,
        timeoutMs: readingMs,
      });
      const page = bodyOrRefusal(answer);
      yield page;
      if (page.nextCursor === null) return;
      query.set('cursor', page.nextCursor);
    }
    throw new Error(`the shop has more than ${pagesMax} pages of sums`);
  }
}
