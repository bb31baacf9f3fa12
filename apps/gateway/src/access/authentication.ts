import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@qingfen/database';
import { TokenRefused, type Caller } from '@qingfen/security';
import { currentCorrelation } from '@qingfen/telemetry';
import type { Request } from 'express';
import { unauthenticated } from '../refusals.js';
import { LoginService } from './login.service.js';
import { personOfSession } from './person.store.js';

/** A caller and the log-in that the call came by. */
export interface LoggedIn {
  readonly caller: Caller;
  readonly sessionId: string;
}

/** Tells who calls, from the bearer token and what the person may do at this moment. */
@Injectable()
export class Authentication {
  private readonly callers = new WeakMap<Request, Caller>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(LoginService) private readonly login: LoginService,
  ) {}

  /**
   * Roles are read from the rows rather than the token: who is disabled is out at once.
   *
   * @throws ProblemError 401
   */
  async of(request: Request): Promise<LoggedIn> {
    const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || rest.length > 0) {
      throw unauthenticated('Send Authorization: Bearer with the access token of a log-in.');
    }
    const { userId, sessionId } = await this.session(token);
    const person = await personOfSession(this.database, { sessionId, username: userId });
    if (person === null) throw unauthenticated('This log-in has ended.');
    const requestId = currentCorrelation().requestId ?? '';
    const caller = { issuer: 'gateway', subject: userId, roles: person.roles, requestId } as const;
    this.callers.set(request, caller);
    return { caller, sessionId };
  }

  /** Who made this request, once it was told; null before, and of a request that nobody is known of. */
  callerOf(request: Request): Caller | null {
    return this.callers.get(request) ?? null;
  }

  private async session(token: string): Promise<{ userId: string; sessionId: string }> {
    try {
      return await this.login.tokens.verify(token);
    } catch (error) {
      if (error instanceof TokenRefused) throw unauthenticated('The access token does not count.');
      throw error;
    }
  }
}
