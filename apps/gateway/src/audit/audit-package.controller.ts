import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { auditMonth, fileTypes } from '@qingfen/contracts';
import { notFound, ServiceEnv } from '@qingfen/hosting';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { Turnstile } from '../access/turnstile.js';
import { KnownShops } from '../calls/known-shops.js';
import { permissions } from '../calls/permissions.js';
import { refuseQuery } from '../calls/reading.js';
import { tooMany } from '../refusals.js';
import { AccessRecorder } from './access-recorder.js';
import { packageLines } from './package-lines.js';
import { PackageSource } from './package-source.js';

/** Each reads a whole ledger. */
const packagesAtOnce = 1;
const packagesWaiting = 4;
const askAgainSeconds = 60;
const minuteMs = 60_000;

/** A month's audit package, made while it is sent: for who audits (R-OPS-3). */
@Controller('api/v1/shops/:shopId/audit-packages')
export class AuditPackageController {
  private readonly gate = new Turnstile(packagesAtOnce, packagesWaiting);
  private readonly timeoutMs: number;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(KnownShops) private readonly shops: KnownShops,
    @Inject(PackageSource) private readonly source: PackageSource,
    @Inject(AccessRecorder) private readonly recorder: AccessRecorder,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.timeoutMs = env.count('AUDIT_PACKAGE_MINUTES', 60) * minuteMs;
  }

  @Get(':month')
  async download(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('month') given: string,
  ): Promise<void> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.audit, shopId });
    refuseQuery(request);
    const month = auditMonth.safeParse(given);
    if (!month.success) throw notFound('This is the address of no month, such as 2026-01.');
    await this.shops.insist(shopId, caller);
    const passed = await this.gate.pass(async () => {
      const plan = await this.source.plan(shopId, month.data, caller);
      const lines = packageLines(plan, this.source.sections({ plan, caller }), {
        madeAt: this.clock.now(),
        madeBy: caller.subject,
        sign: (text) => this.source.sign(text),
      });
      // Whoever goes away half-way has had that half.
      await this.recorder.note(request, response, 200);
      response.type(fileTypes.ndjson).attachment(`audit-${shopId}-${plan.month}.ndjson`);
      // A line is up to a batch of facts: the next one is made when there is room for it.
      const signal = AbortSignal.timeout(this.timeoutMs);
      await pipeline(Readable.from(lines, { highWaterMark: 1 }), response, { signal });
    });
    if (passed === null) {
      throw tooMany('Other packages are being made; each takes a while.', askAgainSeconds);
    }
  }
}
