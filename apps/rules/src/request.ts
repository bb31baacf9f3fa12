import { parseWith, problem } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';
import type { FieldError } from './plan.service.js';

type Schema = Parameters<typeof parseWith>[0];

/** A body as its schema has it. @throws ProblemError 422 with a pointer for everything wrong */
export function bodyOf<S extends Schema>(schema: S, body: unknown): ParsedBy<S> {
  const parsed = parseWith(schema, body);
  if (parsed.ok) return parsed.value;
  throw invalid(parsed.errors);
}

/** A query as its schema has it. @throws ProblemError 400 for unknown or ill-typed parameters */
export function queryOf<S extends Schema>(schema: S, query: unknown): ParsedBy<S> {
  const parsed = parseWith(schema, query);
  if (parsed.ok) return parsed.value;
  const detail = 'The query has parameters that this call does not know or cannot read.';
  throw new ProblemError(problem('bad-query', 400, 'Bad query', detail, parsed.errors));
}

type ParsedBy<S extends Schema> = Extract<ReturnType<typeof parseWith<S>>, { ok: true }>['value'];

/** 422 with a pointer and a sentence for each thing that is wrong. */
export function invalid(errors: readonly FieldError[]): ProblemError {
  const detail = 'What was sent is not valid; errors says where and why.';
  return new ProblemError(problem('invalid', 422, 'Not valid', detail, errors));
}

/** 404; another shop's things are not found either. */
export function notFound(detail: string): ProblemError {
  return new ProblemError(problem('not-found', 404, 'Not found', detail));
}

/** 503: the broker has not acknowledged what is committed already. */
export function unacknowledged(): ProblemError {
  const detail =
    'Kafka has not acknowledged it yet. It is stored and will be published; repeat the call to have the answer.';
  const body = problem('unavailable', 503, 'A part is missing', detail);
  return new ProblemError(body, { 'Retry-After': '2' });
}
