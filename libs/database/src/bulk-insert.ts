import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { arrayLiteral, binaryArray, textForm } from './binary-array.js';
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

function identifier(name: string): string {
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

/**
 * Inserts rows with one statement for each 5,000, every column one array parameter, in the order
 * given. Returns what `returning` asks for.
 */
export async function insertRows<T>(tx: Tx, what: RowsToInsert): Promise<T[]> {
  if (what.rows.length === 0) return [];
  const sql = insertSql(what);
  const name = `ins_${createHash('sha256').update(sql).digest('base64url').slice(0, 24)}`;
  const types = Object.values(what.columns);
  const returned: T[] = [];
  for (let from = 0; from < what.rows.length; from += rowsPerStatement) {
    const rows = what.rows.slice(from, from + rowsPerStatement);
    const params = types.map((type, index) => {
      return columnParam(
        type,
        rows.map((row) => row[index]),
      );
    });
    for (const row of await tx.prepared<T>(name, sql, params)) returned.push(row);
  }
  return returned;
}

const copyEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

const copySpecial = /[\\\t\n\r]/;

/** A text as it stands in a line of COPY. */
export function copyEscaped(text: string): string {
  // Nearly no text has any, and to look for one is cheaper than to replace none.
  if (!copySpecial.test(text)) return text;
  return text.replace(/[\\\t\n\r]/g, (char) => copyEscapes[char] ?? char);
}

/** Rows of one batch share their few instants, and writing one costs as much as a row's texts. */
type InstantTexts = Map<number, string>;

function copyField(value: unknown, instants: InstantTexts): string {
  if (typeof value === 'string') return copyEscaped(value);
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (!(value instanceof Date)) return copyEscaped(textForm(value));
  const known = instants.get(value.getTime());
  if (known !== undefined) return known;
  const text = value.toISOString();
  instants.set(value.getTime(), text);
  return text;
}

function* copyLines(rows: Iterable<readonly unknown[]>): Generator<string> {
  let instants: InstantTexts = new Map();
  let chunk = '';
  for (const row of rows) {
    for (let index = 0; index < row.length; index += 1) {
      if (index > 0) chunk += '\t';
      chunk += copyField(row[index], instants);
    }
    chunk += '\n';
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = '';
    if (instants.size > 10_000) instants = new Map();
  }
  if (chunk !== '') yield chunk;
}

/** Rows for COPY. */
export interface RowsToCopy {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly unknown[]>;
}

/** Inserts rows through COPY: the fastest way in, without ON CONFLICT and without RETURNING. */
export async function copyRows(tx: Tx, what: RowsToCopy): Promise<void> {
  // Most batches have nothing for one or another table; to say so costs three trips to the server.
  if (Array.isArray(what.rows) && what.rows.length === 0) return;
  const columns = what.columns.map(identifier).join(', ');
  const sql = `COPY ${identifier(what.table)} (${columns}) FROM STDIN`;
  const sink = tx.client.query(copyFrom(sql));
  await pipeline(Readable.from(copyLines(what.rows), { objectMode: true }), sink);
  if (!sink.writableFinished) await once(sink, 'finish');
}

/**
 * COPY fed piece by piece by whoever makes the lines: fields between tabs, texts through
 * {@link copyEscaped}. While PostgreSQL takes a piece the next one is made.
 */
export class CopyInto {
  private failure: unknown = null;

  private constructor(private readonly sink: ReturnType<typeof copyFrom>) {
    // Whoever writes or ends hears of it; without a listener it would end the process.
    sink.on('error', (error: unknown) => {
      this.failure = error;
    });
  }

  static begin(tx: Tx, what: Omit<RowsToCopy, 'rows'>): CopyInto {
    const columns = what.columns.map(identifier).join(', ');
    const sql = `COPY ${identifier(what.table)} (${columns}) FROM STDIN`;
    return new CopyInto(tx.client.query(copyFrom(sql)));
  }

  /** Waits while PostgreSQL has more than it can take. */
  async write(lines: string): Promise<void> {
    this.throwFailure();
    if (!this.sink.write(lines)) await once(this.sink, 'drain');
  }

  /** To be called whatever happened: a connection in the midst of COPY is good for nothing else. */
  async end(): Promise<void> {
    this.throwFailure();
    this.sink.end();
    if (!this.sink.writableFinished) await once(this.sink, 'finish');
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure;
  }
}
