import { AmountError, minor, parseSignedAmount, type Minor } from '@qingfen/money';
import { UnreadableBill, type BillLine, type BillReading, type BillSummary } from './bill-line.js';
import { columnsOf, isHead, type Columns } from './columns.js';
import { detailBytes } from './detail-file.js';
import { Instants, readLine } from './read-line.js';
import { recordsOf } from './records.js';

/** What is read, and how much of it at most. */
export interface BillToRead {
  /** The ZIP as it was downloaded. */
  readonly bytes: Buffer;
  /** The Beijing day that it is to be of, `2026-01-05`. */
  readonly day: string;
  readonly unzippedBytesMax: number;
  readonly linesMax: number;
}

/**
 * Reads the bill of one day of the balance (`signcustomer`) and hands its lines on as they come. Nothing
 * of a file counts before the answer is `read`: title, day, every line, the end and the totals below are
 * checked, so a file that is cut, has rows too many or too few, or is in another encoding is told by name.
 *
 * Throws only what `take` throws. Source of the format: alipay.md 8.2, 2026-11.
 */
export async function readBill(
  { bytes, day, unzippedBytesMax, linesMax }: BillToRead,
  take: (lines: readonly BillLine[]) => Promise<void>,
): Promise<BillReading> {
  const reader = new BillReader(day, linesMax);
  try {
    for await (const records of recordsOf(detailBytes(bytes, { unzippedBytesMax }))) {
      const lines = reader.read(records);
      if (lines.length > 0) await take(lines);
    }
    return { kind: 'read', summary: reader.summary() };
  } catch (error) {
    if (!(error instanceof UnreadableBill)) throw error;
    return { kind: 'unreadable', problem: error.problem, why: error.message };
  }
}

interface Total {
  readonly count: number;
  readonly sumMinor: Minor;
}

/** Goes through a bill's records: `#` lines, the head, rows, the ruled end, totals. */
class BillReader {
  private readonly instants = new Instants();
  private columns: Columns | null = null;
  private hasTitle = false;
  private hasDay = false;
  private hasEnded = false;
  private account = '';
  private first: BillLine | null = null;
  private last: BillLine | null = null;
  private lineCount = 0;
  private incomeCount = 0;
  private incomeMinor = 0n;
  private expenseMinor = 0n;
  private told: { income?: Total; expense?: Total } = {};

  constructor(
    private readonly day: string,
    private readonly linesMax: number,
  ) {}

  read(records: readonly string[][]): BillLine[] {
    const lines: BillLine[] = [];
    for (const record of records) {
      if (record[0]?.startsWith('#') === true) this.readMark(record.join(','));
      else if (!this.hasTitle) throw notABill(record.join(','));
      else if (this.columns === null) this.readHead(record);
      else lines.push(this.readRow(record, this.columns));
    }
    return lines;
  }

  summary(): BillSummary {
    if (!this.hasTitle) throw new UnreadableBill('not-a-bill', 'the file is empty');
    const { income, expense } = this.told;
    if (!this.hasEnded || income === undefined || expense === undefined) {
      throw new UnreadableBill('truncated', `the file ends after ${this.lineCount} lines`);
    }
    this.checkTotals(income, expense);
    const { account, first, last, lineCount } = this;
    return {
      account,
      lineCount,
      incomeMinor: minor(this.incomeMinor),
      expenseMinor: minor(this.expenseMinor),
      openingMinor: first && minor(first.balanceMinor - first.amountMinor),
      closingMinor: last && last.balanceMinor,
    };
  }

  private readMark(line: string): void {
    if (!this.hasTitle) {
      if (!line.startsWith('#支付宝账务明细查询')) throw notABill(line);
      this.hasTitle = true;
      return;
    }
    this.account ||= /^#账号：\[(\d+)\]/.exec(line)?.[1] ?? '';
    const from = /^#起始日期：\[(\d{4})年(\d\d)月(\d\d)日/.exec(line);
    if (from !== null) this.readDay(from.slice(1).join('-'));
    if (line.includes('列表结束')) this.hasEnded = true;
    const total = /^#(收入|支出)合计：(\d+)笔，共(-?[\d.]+)元/.exec(line);
    if (total === null) return;
    const [, side, count, sum = ''] = total;
    const told = { count: Number(count), sumMinor: totalIn(sum) };
    if (side === '收入') this.told.income = told;
    else this.told.expense = told;
  }

  private readDay(from: string): void {
    if (from !== this.day) throw new UnreadableBill('wrong-day', `it is the bill of ${from}`);
    this.hasDay = true;
  }

  private readHead(record: readonly string[]): void {
    if (!isHead(record)) throw notABill(record.join(','));
    if (!this.hasDay) throw new UnreadableBill('wrong-day', 'it does not say of which day it is');
    this.columns = columnsOf(record);
  }

  private readRow(record: readonly string[], columns: Columns): BillLine {
    if (this.hasEnded) throw new UnreadableBill('bad-line', 'a row stands behind the end');
    const line = readLine(record, {
      columns,
      lineNo: this.lineCount + 1,
      instants: this.instants,
    });
    this.lineCount += 1;
    if (this.lineCount > this.linesMax) {
      throw new UnreadableBill('too-large', `more than ${this.linesMax} lines`);
    }
    this.first ??= line;
    this.last = line;
    if (line.amountMinor > 0n) {
      this.incomeCount += 1;
      this.incomeMinor += line.amountMinor;
    } else this.expenseMinor += line.amountMinor;
    return line;
  }

  private checkTotals(income: Total, expense: Total): void {
    const told = income.count + expense.count;
    const counts = `${this.lineCount} rows where the totals say ${told}`;
    if (this.lineCount < told) throw new UnreadableBill('missing-rows', counts);
    if (this.lineCount > told) throw new UnreadableBill('duplicated-rows', counts);
    const agrees =
      this.incomeCount === income.count &&
      this.incomeMinor === income.sumMinor &&
      this.expenseMinor === expense.sumMinor;
    if (agrees) return;
    const sums = `${this.incomeMinor} and ${this.expenseMinor} fen`;
    const sides = `${income.sumMinor} and ${expense.sumMinor}`;
    throw new UnreadableBill('totals-differ', `rows add up to ${sums}, the totals say ${sides}`);
  }
}

/** Totals may exceed what one amount may be. */
function totalIn(text: string): Minor {
  try {
    return parseSignedAmount(text, 'CNY');
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    throw new UnreadableBill('bad-line', `a total is no amount: ${error.message}`);
  }
}

/** Read as GBK, UTF-8 is other Chinese: then a well-known word of it gives it away. */
function notABill(line: string): UnreadableBill {
  const misread = new TextDecoder('gb18030').decode(Buffer.from('#支付宝账务', 'utf8'));
  return line.startsWith(misread.slice(0, 4))
    ? new UnreadableBill('wrong-encoding', 'the file is UTF-8')
    : new UnreadableBill('not-a-bill', `it begins with "${line.slice(0, 40)}"`);
}
