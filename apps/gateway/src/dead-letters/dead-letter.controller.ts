import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import {
  deadLetterQuery,
  deadLetterReplayBody,
  type DeadLetter,
  type Page,
} from '@qingfen/contracts';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { IdempotentWrites } from '../calls/idempotent-writes.js';
import { permissions } from '../calls/permissions.js';
import { readBody, readQuery, refuseQuery } from '../calls/reading.js';
import { DeadLetterService } from './dead-letter.service.js';

/** Events that could not be processed; they may be of any shop, so a role on all is wanted. */
@Controller('api/v1/dead-letters')
export class DeadLetterController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
    @Inject(DeadLetterService) private readonly letters: DeadLetterService,
  ) {}

  @Get()
  async list(@Req() request: Request, @Query() query: unknown): Promise<Page<DeadLetter>> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId: null });
    return this.letters.page(readQuery(query, deadLetterQuery));
  }

  @Post('replay')
  async replay(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.act, shopId: null });
    refuseQuery(request);
    const body = readBody(request, deadLetterReplayBody);
    await this.writes.answer({ request, response, caller }, async () => {
      return { status: 200, body: await this.letters.replay(body, caller) };
    });
  }
}
