import { Inject, Injectable } from '@nestjs/common';
import { problem, problemMediaType } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ProblemError } from '@qingfen/hosting';
import { BlindIndex, type Caller } from '@qingfen/security';
import { currentCorrelation } from '@qingfen/telemetry';
import type { Request, Response } from 'express';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { badQuery } from '../refusals.js';
import { canonical } from './canonical.js';
import {
  holdKey,
  keepAnswer,
  releaseKey,
  type Answer,
  type Hold,
  type WriteId,
} from './kept-answer.store.js';
import type { Outcome } from './outcome.js';
import { bodyOf } from './reading.js';

/** A request that writes, and who makes it. */
export interface Write {
  readonly request: Request;
  readonly response: Response;
  readonly caller: Caller;
}

const waitMs = 10_000;
const pollMs = 50;

/** Answers a write, and a repeated `Idempotency-Key` with what was answered first. */
@Injectable()
export class IdempotentWrites {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BlindIndex) private readonly blindIndex: BlindIndex,
  ) {}

  /**
   * Runs `work` and sends its answer. With a key it runs once: a second call with the same body
   * waits for the first and gets its answer. What fails by trouble (5xx) frees the key.
   *
   * @throws ProblemError 422 `idempotency-key-reused`, 409 when the first is still at it after 10 s
   */
  async answer(write: Write, work: () => Promise<Outcome>): Promise<void> {
    const key = keyOf(write.request);
    if (key === null) {
      sendOutcome(write.response, await work());
      return;
    }
    const id = {
      username: write.caller.subject,
      method: write.request.method,
      path: write.request.path,
      key,
    };
    const held = await this.hold(id, write.request);
    if (held.kind === 'answered') {
      write.response.setHeader('Idempotency-Replayed', 'true');
      send(write.response, held.answer);
      return;
    }
    sendOutcome(write.response, await this.once(id, held.holder, work));
  }

  private async hold(
    id: WriteId,
    request: Request,
  ): Promise<
    | { readonly kind: 'ours'; readonly holder: string }
    | { readonly kind: 'answered'; readonly answer: Answer }
  > {
    const holder = randomUUID();
    // Keyed: a body may hold a password, and a plain hash of it could be guessed.
    const bodyHash = this.blindIndex.of(canonical([bodyOf(request), request.query]));
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      const held: Hold = await holdKey(this.database, id, { holder, bodyHash });
      if (held.kind === 'ours') return { kind: 'ours', holder };
      if (held.kind === 'answered') return held;
      if (held.kind === 'other-body') throw keyReused();
      if (waitedMs >= waitMs) throw keyBusy();
      await pause(pollMs);
    }
  }

  private async once(id: WriteId, holder: string, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      const outcome = await work();
      const answer = { status: outcome.status, body: JSON.stringify(outcome.body) };
      if (isFinal(outcome.status)) await keepAnswer(this.database, id, { holder, answer });
      else await releaseKey(this.database, id, holder);
      return outcome;
    } catch (error) {
      if (error instanceof ProblemError && isFinal(error.problem.status)) {
        const body = { ...error.problem, requestId: currentCorrelation().requestId };
        const answer = { status: error.problem.status, body: JSON.stringify(body) };
        await keepAnswer(this.database, id, { holder, answer });
      } else {
        await releaseKey(this.database, id, holder);
      }
      throw error;
    }
  }
}

function isFinal(status: number): boolean {
  return status < 500 && status !== 401 && status !== 403 && status !== 429;
}

function keyOf(request: Request): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw badQuery([
    {
      pointer: '',
      message: 'needs an Idempotency-Key of 1 to 200 visible ASCII characters',
      messageZh: 'Idempotency-Key 必须为 1 到 200 个可见 ASCII 字符',
    },
  ]);
}

/** Sends an answer, with the media type that its status wants. */
export function sendOutcome(response: Response, outcome: Outcome): void {
  const { status, body, retryAfter } = outcome;
  if (typeof retryAfter === 'string') response.setHeader('Retry-After', retryAfter);
  send(response, { status, body: JSON.stringify(body) });
}

function send(response: Response, answer: Answer): void {
  const isProblem = answer.status >= 400;
  response.status(answer.status);
  response.type(isProblem ? problemMediaType : 'application/json');
  response.send(answer.body);
}

function keyReused(): ProblemError {
  const detail = 'This Idempotency-Key was used with another body.';
  return new ProblemError(problem('idempotency-key-reused', 422, 'Key used before', detail));
}

function keyBusy(): ProblemError {
  const detail = 'The first call with this Idempotency-Key is not answered yet.';
  return new ProblemError(problem('idempotency-key-busy', 409, 'Still at it', detail), {
    'Retry-After': '1',
  });
}
