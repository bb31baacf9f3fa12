import { Controller, Get, Inject, Put, Req, Res } from '@nestjs/common';
import { clockBody, type ClockMoved, type ClockState, type SystemStatus } from '@qingfen/contracts';
import { PermitService } from '@qingfen/hosting';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { permissions } from '../calls/permissions.js';
import { readBody, refuseQuery } from '../calls/reading.js';
import { ClockService } from '../clock/clock.service.js';
import { StatusService } from './status.service.js';

/** How the whole system is, and what time it is in it. */
@Controller()
export class SystemController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(StatusService) private readonly status: StatusService,
    @Inject(ClockService) private readonly clock: ClockService,
  ) {}

  @Get('api/v1/system/status')
  async readStatus(@Req() request: Request): Promise<SystemStatus> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId: null });
    refuseQuery(request);
    return this.status.read();
  }

  @Get('api/v1/system/clock')
  async readClock(@Req() request: Request): Promise<ClockState> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId: null });
    refuseQuery(request);
    return this.clock.read();
  }

  @Put('api/v1/system/clock')
  async moveClock(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ClockMoved> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.configure, shopId: null });
    refuseQuery(request);
    const { status, body } = await this.clock.move(readBody(request, clockBody), caller);
    response.status(status);
    return body;
  }

  /** For services that start on a virtual clock. */
  @Get('internal/clock')
  @PermitService(
    'order',
    'rules',
    'settlement-calculator',
    'payout',
    'reconciliation',
    'notification',
    'gateway',
  )
  tellClock(): Promise<ClockState> {
    return this.clock.read();
  }
}
