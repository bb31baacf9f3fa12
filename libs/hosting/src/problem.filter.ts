import {
  Catch,
  HttpException,
  Inject,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { problem, type Problem } from '@qingfen/contracts';
import { isInfrastructureError } from '@qingfen/database';
import { currentCorrelation, type Logger } from '@qingfen/telemetry';
import type { Response } from 'express';
import { LOGGER } from './definition.js';
import { ProblemError } from './problem.js';
import { ServiceUnavailable } from './service-client.js';

/** Turns whatever a controller throws into a problem document; nothing inside leaks out. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { body, headers } = this.answerTo(error);
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.end();
      return;
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.status(body.status).type('application/problem+json');
    response.send(
      JSON.stringify({ ...body, requestId: currentCorrelation()?.requestId ?? body.requestId }),
    );
  }

  private answerTo(error: unknown): { body: Problem; headers: Readonly<Record<string, string>> } {
    if (error instanceof ProblemError) return { body: error.problem, headers: error.headers };
    if (error instanceof ServiceUnavailable) {
      this.logger.warn({ err: error }, 'a part does not answer');
      return unavailable(`${error.service} does not answer.`);
    }
    if (error instanceof HttpException) return { body: fromNest(error), headers: {} };
    if (isInfrastructureError(error)) {
      this.logger.warn({ err: error }, 'the database does not answer');
      return unavailable('The database does not answer.');
    }
    const parser = fromBodyParser(error);
    if (parser !== null) return { body: parser, headers: {} };
    this.logger.error({ err: error }, 'a request failed by a bug');
    const body = problem('internal', 500, 'Something broke', 'The log has the reason.');
    return { body, headers: {} };
  }
}

function unavailable(detail: string): { body: Problem; headers: Record<string, string> } {
  const body = problem('unavailable', 503, 'A part is missing', detail);
  return { body, headers: { 'Retry-After': '2' } };
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Who are you?',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not allowed here',
  413: 'Too large',
  415: 'Unsupported',
  429: 'Too many requests',
};

function fromNest(error: HttpException): Problem {
  const status = error.getStatus();
  const codes: Record<number, string> = {
    400: 'bad-request',
    401: 'unauthenticated',
    403: 'forbidden',
    404: 'not-found',
    405: 'method-not-allowed',
    413: 'too-large',
    415: 'unsupported-media-type',
    429: 'too-many-requests',
  };
  return problem(codes[status] ?? 'error', status, titles[status] ?? 'Refused', error.message);
}

/** body-parser's errors carry a status and a type, and no class of their own. */
function fromBodyParser(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('type' in error) || !('status' in error)) return null;
  if (error.type === 'entity.too.large') {
    return problem('too-large', 413, 'Too large', 'The request body is too large.');
  }
  if (error.status === 400) {
    return problem('not-json', 400, 'Not JSON', 'The request body is not valid JSON.');
  }
  if (error.status === 415) {
    return problem('unsupported-media-type', 415, 'Unsupported', 'Send application/json.');
  }
  return null;
}
