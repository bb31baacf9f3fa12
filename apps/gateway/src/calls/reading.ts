import { parseWith, problem } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';
import type { Request } from 'express';
import type { z } from 'zod';
import { badQuery, notValid, unsupportedMediaType } from '../refusals.js';

/**
 * The request's JSON body as the schema has it; unknown fields are refused.
 *
 * @throws ProblemError 415 when the body came as something else, 422 with JSON pointers
 */
export function readBody<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  refuseOtherMedia(request);
  const parsed = parseWith(schema, bodyOf(request));
  if (!parsed.ok) throw notValid(parsed.errors);
  return parsed.value;
}

/** @throws ProblemError 400 for unknown parameters and unusable values */
export function readQuery<S extends z.ZodType>(query: unknown, schema: S): z.output<S> {
  const parsed = parseWith(schema, { ...Object(query) });
  if (!parsed.ok) throw badQuery(parsed.errors);
  return parsed.value;
}

/** @throws ProblemError 400 for any parameter: the call takes none */
export function refuseQuery(request: Request): void {
  const names = Object.keys(request.query).map((name) => JSON.stringify(name.slice(0, 60)));
  if (names.length === 0) return;
  const list = names.join(', ');
  const message = `has unknown fields: ${list}`;
  throw badQuery([{ pointer: '', message, messageZh: `含有未知字段: ${list}` }]);
}

/** The body as it was parsed; a call without one counts as an empty object. */
export function bodyOf(request: Request): unknown {
  const body: unknown = request.body;
  return body === undefined ? {} : body;
}

/** @throws ProblemError 415 when there is a body that is not JSON */
export function refuseOtherMedia(request: Request): void {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(length ?? 0) > 0;
  if (hasBody && !request.is(['json', '+json'])) throw unsupportedMediaType('application/json');
}

/** What a body parser refused, as a problem; null for what is none of its errors. */
export function readingProblem(error: unknown): ProblemError | null {
  if (!(error instanceof Error) || !('type' in error)) return null;
  switch (error.type) {
    case 'entity.parse.failed':
      return unreadable(400, 'not-json', 'The body is not JSON.');
    case 'entity.too.large':
    case 'parameters.too.many':
      return unreadable(413, 'too-large', 'The body is larger than this call takes.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return unsupportedMediaType('application/json in UTF-8');
    case 'request.size.invalid':
    case 'request.aborted':
    case 'entity.verify.failed':
      return unreadable(400, 'bad-request', 'The body did not arrive as it was announced.');
    default:
      return null;
  }
}

function unreadable(status: number, code: string, detail: string): ProblemError {
  return new ProblemError(problem(code, status, 'The body cannot be read', detail));
}
