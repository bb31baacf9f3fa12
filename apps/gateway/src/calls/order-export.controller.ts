import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { fileTypes, orderExportQuery } from '@qingfen/contracts';
import { ServiceClient, ServiceEnv } from '@qingfen/hosting';
import { raw, type Request, type Response } from 'express';
import { createHash } from 'node:crypto';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { Turnstile } from '../access/turnstile.js';
import { tooMany, unsupportedMediaType } from '../refusals.js';
import { IdempotentWrites } from './idempotent-writes.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { permissions } from './permissions.js';
import { readingProblem, readQuery } from './reading.js';

/** The file is read, judged row by row and kept. */
const keepingMs = 120_000;
/** Each holds its whole file in memory. */
const uploadsAtOnce = 2;
const uploadsWaiting = 8;
const mebibyte = 1024 * 1024;

/** Exports of the order system on their way to reconciliation: a file instead of JSON. */
@Controller('api/v1/shops/:shopId/reconciliations')
export class OrderExportController {
  private readonly gate = new Turnstile(uploadsAtOnce, uploadsWaiting);
  private readonly bytesMax: number;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
  ) {
    this.bytesMax = env.count('ORDER_EXPORT_BYTES_MAX', 16 * mebibyte);
  }

  @Post('order-exports')
  async upload(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
  ): Promise<void> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.act, shopId });
    readQuery(request.query, orderExportQuery);
    const passed = await this.gate.pass(async () => {
      const bytes = await fileOf(request, response, this.bytesMax);
      // By this an Idempotency-Key knows the body again.
      request.body = { sha256: createHash('sha256').update(bytes).digest('hex') };
      const { search } = new URL(request.url, 'http://gateway');
      const path = `/internal/shops/${encodeURIComponent(shopId)}/reconciliations/order-exports`;
      await this.writes.answer({ request, response, caller }, async (): Promise<Outcome> => {
        const answer = await this.client.request<unknown>({
          service: 'reconciliation',
          method: 'POST',
          path: `${path}${search}`,
          file: { mediaType: fileTypes.csv, bytes },
          caller,
          timeoutMs: keepingMs,
        });
        return outcomeOf(answer);
      });
    });
    if (passed === null) throw tooMany('Too many files are being uploaded at once.', 5);
  }
}

/** Reads the body once it is known who sends it. @throws ProblemError 413, 415 */
async function fileOf(request: Request, response: Response, bytesMax: number): Promise<Buffer> {
  if (request.is(fileTypes.csv) === false) throw unsupportedMediaType(fileTypes.csv);
  await new Promise<void>((resolve, reject) => {
    raw({ type: fileTypes.csv, limit: bytesMax })(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(readingProblem(error) ?? error);
    });
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
