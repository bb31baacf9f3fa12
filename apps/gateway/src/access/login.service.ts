import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { Tokens } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { audit, ServiceEnv } from '@qingfen/hosting';
import { hashPassword, sha256Hex, UserTokens, verifyPassword } from '@qingfen/security';
import { currentCorrelation } from '@qingfen/telemetry';
import { randomBytes, randomUUID } from 'node:crypto';
import { tooMany, unauthenticated } from '../refusals.js';
import { blockedSeconds, countFailure, forgetFailures } from './login-failure.store.js';
import { subjectsOf } from './login-pace.js';
import { passwordHashOf } from './person.store.js';
import { endSession, rotateToken, startSession } from './session.store.js';
import { Turnstile } from './turnstile.js';

/** Lets people in and out: passwords, refresh tokens, and how often one may try. */
@Injectable()
export class LoginService {
  readonly tokens: UserTokens;
  private readonly turnstile = new Turnstile(2, 64);
  private readonly nobodysHash = hashPassword(randomUUID());

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceEnv) env: ServiceEnv,
  ) {
    this.tokens = new UserTokens(env.secrets.services.gateway.signingKey);
  }

  /**
   * Tokens for the right password. A wrong one and an unknown name are told apart neither by the
   * answer nor by its time.
   *
   * @throws ProblemError 401, or 429 with Retry-After after too many failures.
   */
  async login(given: {
    readonly username: string;
    readonly password: string;
    readonly address: string;
  }): Promise<Tokens> {
    const username = given.username.toLowerCase();
    const passed = await this.turnstile.pass(() => this.tryLogin({ ...given, username }));
    if (passed === null) throw tooMany('Too many people are logging in at once.', 1);
    return passed.result;
  }

  /** @throws ProblemError 401 for a token that is unknown, ran out, or was used before. */
  async refresh(shown: string): Promise<Tokens> {
    const next = newRefreshToken();
    const rotation = await this.database.transaction(async (tx) => {
      const hashes = { shownHash: sha256Hex(shown), nextHash: sha256Hex(next) };
      const outcome = await rotateToken(tx, hashes);
      if (outcome.kind === 'reused') {
        await audit(tx, this.record(outcome.username, 'login.refresh-token-reused'));
      }
      return outcome;
    });
    if (rotation.kind !== 'rotated') throw unauthenticated('The refresh token does not count.');
    return this.answer(rotation, next);
  }

  /** Ends a log-in: its refresh token and its access token count no longer. */
  async logout(username: string, sessionId: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await endSession(tx, { sessionId, why: 'logged out' });
      await audit(tx, this.record(username, 'login.end'));
    });
  }

  private async tryLogin(given: {
    readonly username: string;
    readonly password: string;
    readonly address: string;
  }): Promise<Tokens> {
    const subjects = subjectsOf(given.username, given.address);
    const names = subjects.map(({ subject }) => subject);
    const seconds = await blockedSeconds(this.database, names);
    if (seconds > 0) throw tooMany('Too many failed log-ins.', seconds);
    const stored = await passwordHashOf(this.database, given.username);
    // Somebody unknown costs the same time as a wrong password.
    const isRight = await verifyPassword(given.password, stored ?? (await this.nobodysHash));
    if (stored === null || !isRight) {
      await this.database.transaction(async (tx) => {
        for (const { subject, pace } of subjects) await countFailure(tx, subject, pace);
        await audit(tx, this.record(given.username, 'login.refused'));
      });
      throw unauthenticated('Wrong user name or password.');
    }
    return this.begin(given.username, names.slice(0, 1));
  }

  private async begin(username: string, forgotten: readonly string[]): Promise<Tokens> {
    const session = { sessionId: randomUUID(), username };
    const refreshToken = newRefreshToken();
    await this.database.transaction(async (tx) => {
      await forgetFailures(tx, forgotten);
      await startSession(tx, { ...session, tokenHash: sha256Hex(refreshToken) });
      await audit(tx, this.record(username, 'login.begin'));
    });
    return this.answer(session, refreshToken);
  }

  private async answer(
    session: { readonly sessionId: string; readonly username: string },
    refreshToken: string,
  ): Promise<Tokens> {
    const { username: userId, sessionId } = session;
    const accessToken = await this.tokens.issue({ userId, sessionId });
    return { accessToken, expiresInSeconds: this.tokens.lifetimeSeconds, refreshToken };
  }

  private record(username: string, action: string): Parameters<typeof audit>[1] {
    const requestId = currentCorrelation().requestId ?? '';
    return {
      caller: { issuer: 'gateway', subject: username, roles: [], requestId },
      action,
      subject: { type: 'user', id: username },
      shopId: null,
      before: null,
      after: null,
      reason: null,
      at: this.clock.now(),
    };
  }
}

function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}
