import { z } from 'zod';
import { id, instant, record, strictRecord, text } from '../fields.js';
import { phrase } from '../phrase.js';

/** What a page of a list carries. */
export interface Page<T> {
  readonly items: T[];
  /** Give it back as `cursor` for the next page; null at the end. */
  readonly nextCursor: string | null;
}

/** The envelope of a list, oldest first. */
export function pageOf<S extends z.ZodType>(
  item: S,
): z.ZodObject<{ items: z.ZodArray<S>; nextCursor: z.ZodNullable<z.ZodString> }, z.core.$strip> {
  return record({ items: z.array(item), nextCursor: z.string().nullable() });
}

const notALimit = phrase('is not a whole number from 1 to 500', '不是 1 到 500 之间的整数');

/** Query parameters that every list takes. */
export const pageFields = {
  /** How many at most, 1 to 500; 100 when it is not said. */
  limit: z
    .string({ error: notALimit })
    .regex(/^([1-9][0-9]?|[1-4][0-9]{2}|500)$/, { error: notALimit })
    .transform(Number)
    .default(100),
  cursor: text(1000).optional(),
};

/** `from` ≤ x < `to`. */
export const spanFields = { from: instant.optional(), to: instant.optional() };

/** The query of a list without filters. */
export const pageQuery = strictRecord(pageFields);

/** A filter by payee. */
export const payeeFilter = { payeeId: id.optional() };
