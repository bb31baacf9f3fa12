import { UsageError } from './config.js';
import { eventOfRows } from './csv-event.js';
import { type CsvHeader, readHeader } from './csv-header.js';
import { type CsvRecord, CsvScanner, CsvSyntaxError } from './csv-scanner.js';
import type { CsvRow } from './csv-shapes.js';
import type { BadLine, FileMessage, FileReading } from './file-message.js';
import { textOf } from './file-text.js';

/**
 * Reads a CSV of orders, refunds or payees: a header, then rows; rows of one order or refund stand
 * together. Rows without any text are passed over.
 *
 * @throws UsageError when the file or its header cannot be read.
 */
export async function* readCsvFile(
  file: string,
  reading: FileReading,
): AsyncGenerator<FileMessage | BadLine> {
  let rows: ThingReader | null = null;
  try {
    for await (const record of recordsOf(file)) {
      if (record.cells.every((cell) => cell.trim() === '')) continue;
      if (rows === null) rows = new ThingReader(readHeader(file, record, reading));
      else yield* rows.take(record);
    }
  } catch (error) {
    if (!(error instanceof CsvSyntaxError)) throw error;
    yield badLine({ line: error.line, unreadable: error.message, isFatal: true });
    return;
  }
  if (rows === null) throw new UsageError(`${file} has no header`);
  yield* rows.end();
}

async function* recordsOf(file: string): AsyncGenerator<CsvRecord> {
  const scanner = new CsvScanner();
  for await (const piece of textOf(file)) yield* scanner.push(piece);
  yield* scanner.end();
}

function badLine(bad: Partial<BadLine> & Pick<BadLine, 'line' | 'unreadable'>): BadLine {
  return { field: null, subject: null, isFatal: false, ...bad };
}

interface OpenThing {
  readonly key: string;
  readonly subject: string;
  readonly rows: [CsvRow, ...CsvRow[]];
  /** A line among or beside the rows that may be one of theirs. */
  doubt: number | null;
}

/** Gathers the rows of each order, refund or payee. */
class ThingReader {
  readonly #header: CsvHeader;
  /** Where each thing's rows begin. */
  readonly #begun = new Map<string, number>();
  #open: OpenThing | null = null;
  #doubt: number | null = null;

  constructor(header: CsvHeader) {
    this.#header = header;
  }

  /** What is known with this record: mostly nothing, or the thing that stood before it. */
  *take(record: CsvRecord): Generator<FileMessage | BadLine> {
    const row = this.#header.row(record);
    const problems = this.#rowProblems(record, row);
    if (problems.length > 0) {
      // It may be a line of its neighbours, and an order without one of its lines is another order.
      if (this.#header.shape.hasLines) {
        this.#doubt = record.line;
        if (this.#open !== null) this.#open.doubt ??= record.line;
      }
      yield* problems;
      return;
    }
    const keys = ['shopId', ...this.#header.shape.keys].map((column) => row.cell(column));
    const key = JSON.stringify(keys);
    if (this.#open?.key === key && this.#header.shape.hasLines) {
      this.#open.rows.push(row);
    } else {
      yield* this.end();
      const { thing, hasLines } = this.#header.shape;
      const subject = [thing, ...keys.slice(1, hasLines ? undefined : 2)].join(' ');
      yield* this.#secondTime(key, subject, row);
      this.#begun.set(key, row.line);
      this.#open = { key, subject, rows: [row], doubt: this.#doubt };
    }
    this.#doubt = null;
  }

  /** The thing whose rows came last. */
  *end(): Generator<FileMessage | BadLine> {
    const thing = this.#open;
    if (thing === null) return;
    this.#open = null;
    const made = eventOfRows(this.#header, thing.rows, thing.subject);
    if (Array.isArray(made)) yield* made;
    if (thing.doubt !== null) {
      const { line } = thing.rows[0];
      const unreadable = `is left out too: line ${thing.doubt} may be one of its rows`;
      yield badLine({ line, subject: thing.subject, unreadable });
      return;
    }
    if (!Array.isArray(made)) yield made;
  }

  #rowProblems(record: CsvRecord, row: CsvRow): BadLine[] {
    const { line } = record;
    const { columnCount, shape, distributors } = this.#header;
    const count = record.cells.length;
    if (count !== columnCount) {
      const unreadable = `has ${count} cells where the header has ${columnCount}`;
      return [badLine({ line, unreadable, isFatal: record.lastLine > line })];
    }
    const columns = ['shopId', ...shape.keys, ...shape.common, ...shape.own, ...distributors];
    const broken = columns.find((column) => /[\r\n]/.test(row.cell(column)));
    if (broken !== undefined) {
      const unreadable = 'has a line break within its quotes: is a quote never closed?';
      return [badLine({ line, field: broken, unreadable, isFatal: true })];
    }
    const nameless = ['shopId', ...shape.keys].filter((column) => row.cell(column) === '');
    return nameless.map((field) => badLine({ line, field, unreadable: 'is empty' }));
  }

  /** A part of the thing may have been sent by then: nothing can be left out any more. */
  *#secondTime(key: string, subject: string, row: CsvRow): Generator<BadLine> {
    const earlier = this.#begun.get(key);
    if (earlier === undefined) return;
    const unreadable = this.#header.shape.hasLines
      ? `stands apart from its other rows on line ${earlier}: sort the file by order`
      : `stands on line ${earlier} already`;
    yield badLine({ line: row.line, subject, unreadable, isFatal: true });
  }
}
