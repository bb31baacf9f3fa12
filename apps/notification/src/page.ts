import { parseWith, problem } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';

/** Where a list goes on: behind the row with this instant and id. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

type Schema = Parameters<typeof parseWith>[0];

/** A query as its schema has it. @throws ProblemError 400 for unknown or ill-typed parameters */
export function queryOf<S extends Schema>(
  schema: S,
  query: unknown,
): Extract<ReturnType<typeof parseWith<S>>, { ok: true }>['value'] {
  const parsed = parseWith(schema, query);
  if (parsed.ok) return parsed.value;
  const detail = 'The query has parameters that this call does not know or cannot read.';
  throw new ProblemError(problem('bad-query', 400, 'Bad query', detail, parsed.errors));
}

/** Reads a cursor that {@link cursorOf} has made; null for none. @throws ProblemError 400 */
export function positionOf(cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^(\d{1,15}) (.{1,300})$/.exec(text);
  if (match === null) {
    const detail = 'The cursor is not one that a list has given.';
    throw new ProblemError(problem('bad-query', 400, 'Bad query', detail));
  }
  return { at: new Date(Number(match[1])), id: match[2] ?? '' };
}

/** One page out of `limit + 1` rows that were read. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => Position,
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } {
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { rows, nextCursor: null };
  const { at, id } = position(last);
  const nextCursor = Buffer.from(`${at.getTime()} ${id}`).toString('base64url');
  return { rows: rows.slice(0, limit), nextCursor };
}
