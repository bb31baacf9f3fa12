import {
  orderExportRowSchema,
  parseWith,
  type OrderExportRow,
  type ProblemError as FieldError,
} from '@qingfen/contracts';
import { parseInstant } from '@qingfen/calendar';
import { AmountError, parseAmount } from '@qingfen/money';
import { CsvError, parse } from 'csv-parse';
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';

/** An order of the file, as it is kept. */
export interface ExportedRow {
  readonly line: number;
  readonly orderId: string;
  readonly currency: string;
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
  readonly completedAt: Date;
}

/** What the file is said to be, and how much of it is taken. */
export interface ExportTerms {
  readonly shopId: string;
  /** `from` ≤ completedAt < `to`. */
  readonly from: Date;
  readonly to: Date;
  readonly ignoredColumns: readonly string[];
  readonly rowsMax: number;
  /** So many faults are named; the others are counted. */
  readonly errorsMax: number;
}

/** What came of reading a file. */
export type ExportReading =
  | { readonly kind: 'read'; readonly rowCount: number }
  | { readonly kind: 'refused'; readonly count: number; readonly errors: readonly FieldError[] };

const pieceBytes = 65_536;
/** A record that goes on for longer is no order: a quotation mark was never closed. */
const recordBytesMax = 16_384;
const rowsAtOnce = 1_000;
const needed = ['orderId', 'currency', 'completedAt', 'amount', 'refunded'];
const known: readonly string[] = Object.keys(orderExportRowSchema.shape);

/**
 * Reads an export of the order system (RFC 4180, UTF-8, a header, one row for each order) and hands on its
 * rows as long as none is bad: then the rest is read for what is wrong with it, and nothing counts. Rows
 * without any text are passed over.
 */
export async function readOrderExport(
  bytes: Buffer,
  terms: ExportTerms,
  write: (rows: readonly ExportedRow[]) => Promise<void>,
): Promise<ExportReading> {
  const faults = new Faults(terms.errorsMax);
  const reader = new RowReader(terms, faults);
  let rows: ExportedRow[] = [];
  if (!isUtf8(bytes)) faults.add(0, '', 'The file is not UTF-8', '文件不是 UTF-8 编码');
  try {
    for await (const { line, cells } of faults.count > 0 ? [] : recordsOf(bytes)) {
      const row = reader.take(line, cells);
      if (row !== null && faults.count === 0) rows.push(row);
      if (rows.length >= rowsAtOnce) {
        await write(rows);
        rows = [];
      }
      if (reader.isOver) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    faults.addUnreadable(error);
  }
  reader.end();
  if (faults.count > 0) return { kind: 'refused', count: faults.count, errors: faults.named };
  await write(rows);
  return { kind: 'read', rowCount: reader.rowCount };
}

interface CsvRecord {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

async function* recordsOf(bytes: Buffer): AsyncGenerator<CsvRecord> {
  const parser = Readable.from(piecesOf(bytes)).compose(
    parse({
      bom: true,
      info: true,
      max_record_size: recordBytesMax,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    }),
  );
  for await (const { record, info } of parser) {
    const cells: readonly string[] = record;
    const breaks = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
    yield { line: info.lines - breaks, cells };
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** What is wrong with a file: all of it counted, some of it named. */
class Faults {
  count = 0;
  readonly named: FieldError[] = [];

  constructor(private readonly namedMax: number) {}

  /** Of a line and a field of it; of line 0, of the whole file. */
  add(line: number, field: string, message: string, messageZh: string): void {
    this.count += 1;
    if (this.named.length >= this.namedMax) return;
    const [en, zh] = [field === '' ? '' : `${field}: `, field === '' ? '' : `${field}：`];
    const name = field.replaceAll('~', '~0').replaceAll('/', '~1');
    const pointer = [line === 0 ? '' : `/lines/${line}`, field === '' ? '' : `/${name}`].join('');
    this.named.push(
      line === 0
        ? { pointer, message: en + message, messageZh: zh + messageZh }
        : {
            pointer,
            message: `Line ${line}: ${en}${message}`,
            messageZh: `第 ${line} 行：${zh}${messageZh}`,
          },
    );
  }

  /** Text that could be read in more than one way; nothing behind it is read. */
  addUnreadable(error: CsvError): void {
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : 0;
    const why = 'has quotation marks that do not match, or goes on for too long';
    this.add(line, '', `${why} (${error.code})`, `引号不匹配或过长 (${error.code})`);
  }
}

/** Judges records by the header. */
class RowReader {
  rowCount = 0;
  /** There is no header to read by, or there are more rows than are taken. */
  isOver = false;
  private header: readonly string[] | null = null;
  private readonly lineOf = new Map<string, number>();

  constructor(
    private readonly terms: ExportTerms,
    private readonly faults: Faults,
  ) {}

  /** A row that is right; null for the header, for a row of nothing and for one that is not. */
  take(line: number, texts: readonly string[]): ExportedRow | null {
    const cells = texts.map((text) => text.trim());
    if (cells.every((cell) => cell === '')) return null;
    if (this.header === null) {
      this.readHeader(line, cells);
      return null;
    }
    this.rowCount += 1;
    if (this.rowCount > this.terms.rowsMax) {
      const { rowsMax } = this.terms;
      this.isOver = true;
      this.faults.add(line, '', `There are more than ${rowsMax} rows`, `超过 ${rowsMax} 行`);
      return null;
    }
    if (cells.length !== this.header.length) {
      const [here, there] = [cells.length, this.header.length];
      const said = `has ${here} cells where the header has ${there}`;
      this.faults.add(line, '', said, `有 ${here} 个单元格, 表头有 ${there} 个`);
      return null;
    }
    return this.judge(line, this.header, cells);
  }

  end(): void {
    if (this.header !== null || this.faults.count > 0) return;
    this.faults.add(0, '', 'The file has no header', '文件没有表头');
  }

  /** A column that is not known is refused: a misspelt `refunded` would be no refunds at all. */
  private readHeader(line: number, names: readonly string[]): void {
    this.header = names;
    const used = names.filter((name) => !this.terms.ignoredColumns.includes(name));
    const allowed = known.join(', ');
    for (const name of new Set(used)) {
      const field = name.slice(0, 60);
      if (!known.includes(name)) {
        const said = `is not a column of an export (${allowed}); ignoreColumns passes over it`;
        this.faults.add(line, field, said, `不是已知列 (${allowed})，可用 ignoreColumns 忽略`);
      } else if (used.indexOf(name) !== used.lastIndexOf(name)) {
        this.faults.add(line, field, 'stands there twice', '重复出现');
      }
    }
    for (const name of needed) {
      if (!used.includes(name)) this.faults.add(line, name, 'is missing', '缺失');
    }
    this.isOver = this.faults.count > 0;
  }

  private judge(
    line: number,
    header: readonly string[],
    cells: readonly string[],
  ): ExportedRow | null {
    const fields: Record<string, string> = {};
    for (const [at, name] of header.entries()) {
      const cell = cells[at] ?? '';
      if (cell !== '' && known.includes(name)) fields[name] = cell;
    }
    const parsed = parseWith(orderExportRowSchema, fields);
    if (!parsed.ok) {
      for (const { pointer, message, messageZh } of parsed.errors) {
        this.faults.add(line, pointer.slice(1), message, messageZh);
      }
      return null;
    }
    return this.accept(line, parsed.value);
  }

  private accept(line: number, row: OrderExportRow): ExportedRow | null {
    const before = this.faults.count;
    const { shopId, from, to } = this.terms;
    const { orderId, currency, paidAt } = row;
    const say = (field: string, en: string, zh: string): void => {
      this.faults.add(line, field, en, zh);
    };
    const completedAt = parseInstant(row.completedAt);
    if (row.shopId !== undefined && row.shopId !== shopId) {
      say('shopId', 'is another shop’s', '属于其他店铺');
    }
    if (completedAt < from || completedAt >= to) {
      say('completedAt', 'is not within the span of the export', '不在导出的时间范围内');
    }
    if (paidAt !== undefined && parseInstant(paidAt) > completedAt) {
      say('paidAt', 'is after completedAt', '晚于 completedAt');
    }
    const [amount, subsidy, refundedMinor] = (['amount', 'subsidy', 'refunded'] as const).map(
      (field) =>
        minorOr(row[field] ?? '0', currency, () => {
          say(field, `has more digits than ${currency} has`, `小数位多于 ${currency}`);
        }),
    );
    const paidMinor = (amount ?? 0n) + (subsidy ?? 0n);
    if ((refundedMinor ?? 0n) > paidMinor) {
      say('refunded', 'is more than amount and subsidy', '大于 amount 与 subsidy 之和');
    }
    const earlier = this.lineOf.get(orderId);
    if (earlier === undefined) this.lineOf.set(orderId, line);
    else say('orderId', `stands on line ${earlier} already`, `已在第 ${earlier} 行出现`);
    if (this.faults.count > before) return null;
    return { line, orderId, currency, paidMinor, refundedMinor: refundedMinor ?? 0n, completedAt };
  }
}

function minorOr(text: string, currency: string, refuse: () => void): bigint {
  try {
    return parseAmount(text, currency);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    refuse();
    return 0n;
  }
}
