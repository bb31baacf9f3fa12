import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { binaryArray, Sink, writeField, writerOf } from './binary-form.js';
import { statementName } from './kept-plans.js';
import { arrayLiteral, textForm } from './text-form.js';
import type { Tx } from './types.js';

const rowsPerStatement = 5000;

/** Rows for one table, column by column typed. */
export interface RowsToInsert {
  readonly table: string;
  /** Name → PostgreSQL type (`text`, `bigint`, `timestamptz`, `text[]`, …), in the rows' order. */
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly unknown[])[];
  /** What follows `ON CONFLICT`, such as `DO NOTHING` or `(id) DO UPDATE SET …`. */
  readonly onConflict?: string;
  /** What follows `RETURNING`. */
  readonly returning?: string;
}

export function identifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) {
    throw new RangeError(`not an identifier: ${name}`);
  }
  return name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}

/** The type under which a column travels: one that has no binary form, or is an array, as text. */
function travelType(pgType: string): string {
  return binaryArray(pgType, []) === null ? 'text' : pgType;
}

function insertSql(what: RowsToInsert): string {
  const names = Object.keys(what.columns);
  const types = Object.values(what.columns);
  const params = types.map((type, index) => `$${index + 1}::${travelType(type)}[]`);
  const select = types.map((type, index) => {
    return travelType(type) === type ? `c${index}` : `c${index}::${type}`;
  });
  const aliases = types.map((_, index) => `c${index}`);
  return [
    `INSERT INTO ${identifier(what.table)} (${names.map(identifier).join(', ')})`,
    `SELECT ${select.join(', ')} FROM unnest(${params.join(', ')}) AS r(${aliases.join(', ')})`,
    what.onConflict === undefined ? '' : `ON CONFLICT ${what.onConflict}`,
    what.returning === undefined ? '' : `RETURNING ${what.returning}`,
  ].join(' ');
}

function columnParam(type: string, values: readonly unknown[]): Buffer | string {
  const binary = binaryArray(type, values);
  if (binary !== null) return binary;
  return arrayLiteral(values.map((value) => (value == null ? null : textForm(value))));
}

function paramsOf(types: readonly string[], rows: RowsToInsert['rows']): (Buffer | string)[] {
  return types.map((type, index) => {
    return columnParam(
      type,
      rows.map((row) => row[index]),
    );
  });
}

/**
 * Inserts rows with one statement for each 5,000, every column one array parameter, in the order
 * given. Returns what `returning` asks for.
 */
export async function insertRows<T>(tx: Tx, what: RowsToInsert): Promise<T[]> {
  if (what.rows.length === 0) return [];
  const sql = insertSql(what);
  const name = statementName(sql);
  const types = Object.values(what.columns);
  const returned: T[] = [];
  for (let from = 0; from < what.rows.length; from += rowsPerStatement) {
    const params = paramsOf(types, what.rows.slice(from, from + rowsPerStatement));
    for (const row of await tx.prepared<T>(name, sql, params)) returned.push(row);
  }
  return returned;
}

/**
 * Inserts those of at most 5,000 rows that are not there yet.
 * @returns what `returning` makes of each that was inserted, a text; or `all` where all were: nearly
 * always, and then no row travels back
 */
export async function insertNew(
  tx: Tx,
  what: Omit<RowsToInsert, 'onConflict'> & { readonly returning: string },
): Promise<ReadonlySet<string> | 'all'> {
  const { rows } = what;
  if (rows.length === 0) return 'all';
  if (rows.length > rowsPerStatement) throw new RangeError(`more than ${rowsPerStatement} rows`);
  const types = Object.values(what.columns);
  const returning = `(${what.returning})::text AS key`;
  const sql = `WITH placed AS (${insertSql({ ...what, onConflict: 'DO NOTHING', returning })})
    SELECT CASE WHEN count(*) < $${types.length + 1} THEN array_agg(key) END AS keys,
           count(*) AS placed FROM placed`;
  const params = [...paramsOf(types, rows), rows.length];
  const [row] = await tx.prepared<Inserted>(statementName(sql), sql, params);
  return row?.placed === BigInt(rows.length) ? 'all' : new Set(row?.keys);
}

interface Inserted {
  readonly keys: string[] | null;
  readonly placed: bigint;
}

/**
 * What COPY reads before the rows: a signature, no flags, no extension.
 * Source: PostgreSQL 18, documentation of COPY, "Binary Format".
 */
const copyHead = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const copyEnd = Buffer.of(0xff, 0xff);
const chunkBytes = 65_536;

function* copyChunks({ columns, rows }: RowsToCopy): Generator<Buffer> {
  const writers = Object.values(columns).map(writerOf);
  yield copyHead;
  let sink = new Sink(2 * chunkBytes);
  for (const row of rows) {
    sink.room(2);
    sink.view.setInt16(sink.at, writers.length);
    sink.at += 2;
    for (let index = 0; index < writers.length; index += 1) {
      const write = writers[index];
      if (write !== undefined) writeField(sink, write, row[index]);
    }
    if (sink.at < chunkBytes) continue;
    yield sink.written();
    sink = new Sink(2 * chunkBytes);
  }
  yield sink.written();
  yield copyEnd;
}

/** Rows for COPY. */
export interface RowsToCopy {
  readonly table: string;
  /** Name → PostgreSQL type, exactly the column's, in the rows' order. */
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: Iterable<readonly unknown[]>;
}

/**
 * Inserts rows through COPY: the fastest way in, without ON CONFLICT and without RETURNING. They travel
 * in binary form: neither side writes or reads a number or an instant as text.
 * @throws RangeError for a type without one: `numeric`, `date`
 */
export async function copyRows(tx: Tx, what: RowsToCopy): Promise<void> {
  // Most batches have nothing for one or another table; to say so costs three trips to the server.
  if (Array.isArray(what.rows) && what.rows.length === 0) return;
  const columns = Object.keys(what.columns).map(identifier).join(', ');
  const sql = `COPY ${identifier(what.table)} (${columns}) FROM STDIN (FORMAT binary)`;
  const sink = tx.client.query(copyFrom(sql));
  await pipeline(Readable.from(copyChunks(what), { objectMode: true }), sink);
  if (!sink.writableFinished) await once(sink, 'finish');
}
