import { parseWith, problem } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';

type Schema = Parameters<typeof parseWith>[0];
type FieldErrors = Extract<ReturnType<typeof parseWith>, { ok: false }>['errors'];

/** Who may look. */
export const readers = ['viewer', 'operator', 'approver', 'admin', 'auditor'] as const;

/** What somebody does by hand, to what, and why. */
export interface ManualAct {
  readonly shopId: string;
  readonly caller: Caller;
  readonly reason: string;
}

/** A body as its schema has it. @throws ProblemError 422 with a pointer for everything wrong */
export function bodyOf<S extends Schema>(
  schema: S,
  body: unknown,
): Extract<ReturnType<typeof parseWith<S>>, { ok: true }>['value'] {
  const parsed = parseWith(schema, body);
  if (parsed.ok) return parsed.value;
  throw invalid(parsed.errors);
}

/** 422 with a pointer and a sentence, in both languages, for each thing that is wrong. */
export function invalid(errors: FieldErrors): ProblemError {
  const detail = 'What was sent is not valid; errors says where and why.';
  return new ProblemError(problem('invalid', 422, 'Not valid', detail, errors));
}

/** 404; another shop's things are not found either. */
export function notFound(detail: string): ProblemError {
  return new ProblemError(problem('not-found', 404, 'Not found', detail));
}

/** 409: not in this state. */
export function conflict(code: string, detail: string): ProblemError {
  return new ProblemError(problem(code, 409, 'Not in this state', detail));
}

/** 403: who made it necessary does not approve it. */
export function samePerson(): ProblemError {
  const detail = 'Who made it necessary may not approve it: a second person has to.';
  return new ProblemError(problem('same-person', 403, 'A second person is needed', detail));
}

/** `ap_12` → 12; an id of another shape is the id of nothing. @throws ProblemError 404 */
export function numberOfId(prefix: string, id: string): bigint {
  const match = /^([a-z]{2})_([1-9][0-9]{0,17})$/.exec(id);
  if (match?.[1] !== prefix || match[2] === undefined) {
    throw notFound(`There is nothing with the id ${id.slice(0, 100)}.`);
  }
  return BigInt(match[2]);
}
