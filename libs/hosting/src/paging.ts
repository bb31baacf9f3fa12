import { problem } from '@qingfen/contracts';
import { ProblemError } from './problem.js';

/** Whether a text can be one part of a place in a list. */
export type PlacePart = (text: string) => boolean;

/** What places are made of: an instant, a whole number, an id. */
export const placePart = {
  instant: (text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text,
  number: (text) => /^(0|[1-9][0-9]{0,17})$/.test(text),
  id: (text) => /^[^\0]{0,300}$/.test(text),
} as const satisfies Record<string, PlacePart>;

/** A place in a list by an instant and, within it, an id. */
export interface InstantPlace {
  readonly at: Date;
  readonly id: string;
}

/**
 * One page out of `limit + 1` rows that were read; `placeOf` a row is what the next page begins behind,
 * and what {@link placeAfter} reads again.
 */
export function pageOfRows<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => readonly string[],
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } {
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { rows, nextCursor: null };
  return { rows: rows.slice(0, limit), nextCursor: cursorAt(placeOf(last)) };
}

/** A place in a list as the text that callers give back unread. */
export function cursorAt(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');
}

/** The place that a cursor names; null without one. @throws ProblemError 400 for one not ours */
export function placeAfter(
  cursor: string | undefined,
  parts: readonly PlacePart[],
): readonly string[] | null {
  if (cursor === undefined) return null;
  const place = readPlace(cursor);
  const isOurs = place?.length === parts.length && place.every((text, at) => parts[at]?.(text));
  if (place !== null && isOurs) return place;
  const detail = 'The cursor is not one that this list has given.';
  throw new ProblemError(problem('bad-query', 400, 'Bad query', detail));
}

function readPlace(cursor: string): readonly string[] | null {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(place) && place.every((part) => typeof part === 'string') ? place : null;
  } catch {
    return null; // whoever made it, it was none of our lists
  }
}

/** An instant's place, as {@link instantPlaceAfter} reads it again. */
export function instantPlace({ at, id }: InstantPlace): readonly string[] {
  return [at.toISOString(), id];
}

/** {@link placeAfter} of a list by an instant. @throws ProblemError 400 for a cursor not ours */
export function instantPlaceAfter(cursor: string | undefined): InstantPlace | null {
  const [at, id] = placeAfter(cursor, [placePart.instant, placePart.id]) ?? [];
  return at === undefined || id === undefined ? null : { at: new Date(at), id };
}
