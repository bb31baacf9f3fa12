import { Body, Controller, Get, Header, HttpCode, Inject, Param, Put, Res } from '@nestjs/common';
import {
  clockOrderSchema,
  endAlertBodySchema,
  problem,
  type ServiceStatus,
} from '@qingfen/contracts';
import { Clock, VirtualClock } from '@qingfen/clock';
import { Metrics, WorkCounter } from '@qingfen/telemetry';
import { Units } from '@qingfen/messaging';
import type { Response } from 'express';
import { PermitService } from './access.guard.js';
import { ServiceEnv } from './config.js';
import { PostAct } from './manual-act.js';
import { Positions } from './positions.js';
import { ProblemError } from './problem.js';
import { Readiness } from './readiness.js';
import { bodyOf, notFound } from './request.js';
import { StatusBoard } from './status-board.js';

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What every service answers about itself. */
@Controller()
export class InternalController {
  constructor(
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(StatusBoard) private readonly board: StatusBoard,
    @Inject(Positions) private readonly positions: Positions,
    @Inject(WorkCounter) private readonly work: WorkCounter,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Units) private readonly units: Units,
  ) {}

  @Get('healthz')
  health(): { status: string } {
    return { status: 'alive' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) response: Response): Promise<object> {
    const missing = await this.readiness.missing();
    if (missing.length > 0) response.status(503);
    return { ready: missing.length === 0, missing };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }

  @Get('internal/status')
  @PermitService('gateway')
  async status(): Promise<ServiceStatus> {
    // Read before the rest: work begun while we look must show in the next sweep's counter.
    const work = this.work.value;
    // The database answers below, or there is no status: it need not be asked for that alone.
    const [missing, standing, board] = await Promise.all([
      this.readiness.missing({ besides: 'database' }),
      this.positions.read(),
      this.board.read(),
    ]);
    return {
      name: this.env.service,
      pid: process.pid,
      ready: missing.length === 0,
      startedAt: this.readiness.startedAt.toISOString(),
      now: this.clock.now().toISOString(),
      work,
      positions: [...standing.positions],
      outboxPending: standing.outboxPending,
      runsDue: board.runsDue,
      ...(board.payouts === undefined ? {} : { payouts: board.payouts }),
      nextDueAt: board.nextDueAt?.toISOString() ?? null,
      holdingUp: [...board.holdingUp, ...missing.map((part) => `${part} is not ready`)],
    };
  }

  /** A stop of the virtual clock: first everyone takes the instant, then work due at it begins. */
  @Put('internal/clock')
  @HttpCode(200)
  @PermitService('gateway')
  setClock(@Body() body: unknown): { now: string } {
    const order = clockOrderSchema.parse(body);
    if (!(this.clock instanceof VirtualClock)) {
      throw new ProblemError(
        problem('clock-not-virtual', 409, 'The clock is real', 'This system runs on real time.'),
      );
    }
    this.clock.take(new Date(order.now));
    if (order.begin) this.clock.begin();
    return { now: this.clock.now().toISOString() };
  }

  /**
   * Somebody has looked at an alert that this service raised: it is over here too, so that the same
   * thing is told again when it happens again. One that is over already stays so.
   */
  @PostAct('internal/alerts/:alertId/end')
  @PermitService('notification')
  async endAlert(@Param('alertId') alertId: string, @Body() body: unknown): Promise<object> {
    const { shopId } = bodyOf(endAlertBodySchema, body);
    if (!uuidShape.test(alertId)) throw notFound('No alert has such an id.');
    await this.units.run((unit) => {
      unit.endAlert(alertId, shopId);
      return Promise.resolve();
    });
    return { alertId };
  }
}
