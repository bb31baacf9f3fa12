import { parseWith, problem } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';

/** A list's place as an opaque text: what stood last on the page before. */
export function cursorOf(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws ProblemError 400 for a cursor that this list did not give. */
export function partsOfCursor(cursor: string | undefined, count: number): string[] | null {
  if (cursor === undefined) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(parts) &&
      parts.length === count &&
      parts.every((part) => typeof part === 'string')
    ) {
      return parts;
    }
  } catch {
    // falls through to the same answer: whoever made this cursor, it was not this list
  }
  throw badCursor();
}

/** 400 for a cursor that this list did not give. */
export function badCursor(): ProblemError {
  return new ProblemError(problem('bad-cursor', 400, 'Bad cursor', 'cursor: not one of this list'));
}

/** A query as its schema has it. @throws ProblemError 400 naming each parameter that is wrong. */
export function queryOf<S extends Parameters<typeof parseWith>[0]>(
  schema: S,
  query: unknown,
): ReturnType<S['parse']> {
  const parsed = parseWith(schema, query);
  if (!parsed.ok) {
    throw new ProblemError(
      problem('bad-query', 400, 'Bad query', 'A query parameter is not valid.', parsed.errors),
    );
  }
  return parsed.value as ReturnType<S['parse']>;
}
