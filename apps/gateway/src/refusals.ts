import { problem, type ProblemError as FieldError } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';

/** Nobody is logged in, or no longer. */
export function unauthenticated(detail: string): ProblemError {
  return new ProblemError(problem('unauthenticated', 401, 'Log in first', detail), {
    'WWW-Authenticate': 'Bearer',
  });
}

/** Known, but not allowed this. */
export function forbidden(detail: string): ProblemError {
  return new ProblemError(problem('forbidden', 403, 'Not allowed', detail));
}

/** The body is JSON, but not what the call wants. */
export function notValid(errors: readonly FieldError[]): ProblemError {
  const first = errors[0];
  const detail = first === undefined ? 'The body is not valid.' : sentence(first);
  return new ProblemError(problem('invalid', 422, 'Not valid', detail, errors));
}

/** The query has unknown parameters or unusable values. */
export function badQuery(errors: readonly FieldError[]): ProblemError {
  const first = errors[0];
  const detail = first === undefined ? 'The query is not valid.' : sentence(first);
  return new ProblemError(problem('bad-query', 400, 'Not a valid query', detail, errors));
}

/** Come back later. */
export function tooMany(detail: string, retryAfterSeconds: number): ProblemError {
  return new ProblemError(problem('too-many-requests', 429, 'Too many requests', detail), {
    'Retry-After': String(retryAfterSeconds),
  });
}

/** The body came as something that is not read here. */
export function unsupportedMediaType(wanted: string): ProblemError {
  return new ProblemError(
    problem('unsupported-media-type', 415, 'Unsupported media type', `Send ${wanted}.`),
  );
}

function sentence(error: FieldError): string {
  return `${error.pointer === '' ? 'The whole' : error.pointer} ${error.message}.`;
}
