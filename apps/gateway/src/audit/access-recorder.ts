import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { problem, problemMediaType } from '@qingfen/contracts';
import { LOGGER } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import type { NextFunction, Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { accessCall } from './access-call.js';
import { AccessLog } from './access-log.js';

const base = '/api/v1';
/** What a caller is written down with who went away before the answer was whole. */
const wentAway = 499;

/**
 * Lets no answer to anybody go out before it is written down who got it: an access that the log does not have
 * has not been given. What nobody was known to ask for is none.
 */
@Injectable()
export class AccessRecorder implements NestMiddleware {
  private readonly noted = new WeakSet<Response>();

  constructor(
    @Inject(Authentication) private readonly authentication: Pick<Authentication, 'callerOf'>,
    @Inject(AccessLog) private readonly log: Pick<AccessLog, 'note'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  use(request: Request, response: Response, next: NextFunction): void {
    const { end } = response;
    const answer = (given: readonly unknown[]): unknown => Reflect.apply(end, response, given);
    // Express, Nest and streams alike end an answer here, and nowhere else.
    Object.assign(response, {
      end: (...given: unknown[]): Response => {
        this.note(request, response).then(
          () => answer(given),
          (error: unknown) => this.refuse(response, error, answer),
        );
        return response;
      },
    });
    response.once('close', () => {
      this.note(request, response, wentAway).catch((err: unknown) => {
        this.logger.error({ err }, 'who went away during an answer was not written down');
      });
    });
    next();
  }

  /** Writes the answer down, once; for an answer in pieces, before the first of them. */
  async note(request: Request, response: Response, status = response.statusCode): Promise<void> {
    const caller = this.authentication.callerOf(request);
    if (caller === null || this.noted.has(response)) return;
    const [path = ''] = request.originalUrl.split('?');
    const call = accessCall(request.method, path.slice(base.length), request.query);
    if (call === null) return;
    this.noted.add(response);
    await this.log.note(caller, call, status);
  }

  private refuse(
    response: Response,
    err: unknown,
    answer: (given: readonly unknown[]) => unknown,
  ): void {
    this.logger.error({ err }, 'an access could not be written down: its answer was kept back');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const name of response.getHeaderNames()) {
      if (/^(content-|etag$)/.test(name)) response.removeHeader(name);
    }
    const detail = 'It could not be written down that you asked; ask again.';
    response.statusCode = 503;
    response.setHeader('Content-Type', problemMediaType);
    response.setHeader('Retry-After', '5');
    answer([JSON.stringify(problem('unavailable', 503, 'Not now', detail))]);
  }
}
