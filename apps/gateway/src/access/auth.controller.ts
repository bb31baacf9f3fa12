import { Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import {
  loginBody,
  pageQuery,
  refreshBody,
  userBody,
  type Page,
  type Tokens,
  type User,
} from '@qingfen/contracts';
import type { Request, Response } from 'express';
import { IdempotentWrites } from '../calls/idempotent-writes.js';
import { readBody, readQuery, refuseQuery } from '../calls/reading.js';
import { Authentication } from './authentication.js';
import { demand } from './demand.js';
import { LoginService } from './login.service.js';
import { PeopleService } from './people.service.js';

const peopleRoles = { roles: ['admin'], shopId: null } as const;

/** Logging in and out, and who may. */
@Controller('api/v1')
export class AuthController {
  constructor(
    @Inject(LoginService) private readonly logins: LoginService,
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
  ) {}

  @Post('auth/login')
  @HttpCode(200)
  login(@Req() request: Request): Promise<Tokens> {
    refuseQuery(request);
    const { username, password } = readBody(request, loginBody);
    return this.logins.login({ username, password, address: request.ip ?? 'unknown' });
  }

  @Post('auth/refresh')
  @HttpCode(200)
  refresh(@Req() request: Request): Promise<Tokens> {
    refuseQuery(request);
    return this.logins.refresh(readBody(request, refreshBody).refreshToken);
  }

  @Post('auth/logout')
  @HttpCode(204)
  async logout(@Req() request: Request): Promise<void> {
    const { caller, sessionId } = await this.authentication.of(request);
    await this.logins.logout(caller.subject, sessionId);
  }

  /** Who is logged in and what they may do. */
  @Get('auth/me')
  async me(@Req() request: Request): Promise<User> {
    const { caller } = await this.authentication.of(request);
    return { userId: caller.subject, username: caller.subject, roles: [...caller.roles] };
  }

  @Post('users')
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { caller } = await this.authentication.of(request);
    demand(caller, peopleRoles);
    refuseQuery(request);
    const body = readBody(request, userBody);
    await this.writes.answer({ request, response, caller }, async () => {
      return { status: 201, body: await this.people.create(body, caller) };
    });
  }

  @Get('users')
  async list(@Req() request: Request, @Query() query: unknown): Promise<Page<User>> {
    const { caller } = await this.authentication.of(request);
    demand(caller, peopleRoles);
    return this.people.list(readQuery(query, pageQuery));
  }
}
