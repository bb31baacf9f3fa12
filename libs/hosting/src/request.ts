import { parseWith, problem, type ProblemError as FieldError } from '@qingfen/contracts';
import { ProblemError } from './problem.js';

type Schema = Parameters<typeof parseWith>[0];
type ParsedBy<S extends Schema> = Extract<ReturnType<typeof parseWith<S>>, { ok: true }>['value'];

/** Everybody with a role on a shop may read what is the shop's. */
export const readers = ['viewer', 'operator', 'approver', 'admin', 'auditor'] as const;

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

/** 422 with a pointer and a sentence, in both languages, for each thing that is wrong. */
export function invalid(errors: readonly FieldError[]): ProblemError {
  const detail = 'What was sent is not valid; errors says where and why.';
  return new ProblemError(problem('invalid', 422, 'Not valid', detail, errors));
}

/** 404; another shop's things are not found either. */
export function notFound(detail: string): ProblemError {
  return new ProblemError(problem('not-found', 404, 'Not found', detail));
}

/** 409: the thing is not in a state for this. */
export function conflict(code: string, detail: string): ProblemError {
  return new ProblemError(problem(code, 409, 'Not in this state', detail));
}

/** 403: the caller may act, but not on this. */
export function forbidden(code: string, detail: string): ProblemError {
  return new ProblemError(problem(code, 403, 'Not allowed', detail));
}
