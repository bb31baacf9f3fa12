import { types, type PoolClient } from 'pg';
import type { MigrationInterface } from 'typeorm';

/** A migration, by its class; the name ends in 13 digits, which give the order. */
export type MigrationClass = new () => MigrationInterface;

/** A transaction under way. Rows come back as objects; BIGINT as `bigint`, instants as `Date`. */
export interface Tx {
  /** Runs one statement and returns its rows; one that is asked often is planned no more. */
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** The same, planned once for each connection from the first time on; `name` must mean one text only. */
  prepared<T>(name: string, sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** The connection itself, for COPY. */
  readonly client: PoolClient;
}

const int8 = 20;
const date = 1082;
const int8Array = 1016;
const dateArray = 1182;
// pg knows the parser of text[], but its list of type ids leaves arrays out.
const textArray = 1009 as number as (typeof types.builtins)['TEXT'];

function bigints(text: string): (bigint | null)[] {
  const parsed: unknown = types.getTypeParser(textArray, 'text')(text);
  if (!Array.isArray(parsed)) return [];
  return parsed.map((item: unknown) => (typeof item === 'string' ? BigInt(item) : null));
}

/**
 * How columns become values, for our own connections only: `int8` is exact, and a `date` stays its
 * text, since a day has no instant.
 */
export const columnTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    if (format === 'binary') return types.getTypeParser(oid, 'binary');
    if (oid === int8) return BigInt;
    if (oid === date) return (text) => text;
    if (oid === int8Array) return bigints;
    if (oid === dateArray) return types.getTypeParser(textArray, 'text');
    return types.getTypeParser(oid, 'text');
  },
};
