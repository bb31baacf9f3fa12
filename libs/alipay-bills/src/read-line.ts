import { AmountError, minor, parseSignedAmount, type Minor } from '@qingfen/money';
import { UnreadableBill, type BillLine } from './bill-line.js';
import type { Columns } from './columns.js';

/** Where a row stands, and how its cells are read. */
export interface LinePlace {
  readonly columns: Columns;
  readonly lineNo: number;
  readonly instants: Instants;
}

/**
 * One row as a line. Cells end in a TAB so that Excel keeps their digits; it is no part of them.
 *
 * @throws UnreadableBill naming the line
 */
export function readLine(
  cells: readonly string[],
  { columns, lineNo, instants }: LinePlace,
): BillLine {
  if (cells.length !== columns.count) {
    const counts = `${cells.length} cells instead of ${columns.count}`;
    throw new UnreadableBill('bad-line', `line ${lineNo} has ${counts}`);
  }
  const cell = (place: number): string => (cells[place] ?? '').trim();
  const fen = (place: number): Minor => amountIn(cell(place), lineNo);
  const logNo = cell(columns.logNo);
  if (logNo === '') throw new UnreadableBill('bad-line', `line ${lineNo} has no number`);
  const alipayNo = cell(columns.alipayNo);
  const baseNo = columns.baseNo === null ? '' : cell(columns.baseNo);
  return {
    lineNo,
    logNo,
    alipayNo,
    tradeNo: baseNo === '' ? alipayNo : baseNo,
    outNo: cell(columns.outNo),
    title: cell(columns.title),
    at: instants.read(cell(columns.at), lineNo),
    account: cell(columns.account),
    amountMinor: minor(fen(columns.income) + fen(columns.expense)),
    balanceMinor: fen(columns.balance),
    kind: cell(columns.kind),
    memo: cell(columns.memo),
  };
}

/** Yuan with two decimals, as nearly all amounts are, become fen without their point. */
const plainYuan = /^-?[0-9]{1,12}\.[0-9]{2}$/;

function amountIn(text: string, lineNo: number): Minor {
  if (text === '') return minor(0n);
  if (plainYuan.test(text)) return minor(BigInt(text.slice(0, -3) + text.slice(-2)));
  try {
    return parseSignedAmount(text.startsWith('+') ? text.slice(1) : text, 'CNY');
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    throw new UnreadableBill('bad-line', `line ${lineNo}: ${error.message}`);
  }
}

const beijing = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** Reads Beijing time, as Alipay writes it. Rows that follow each other share their second. */
export class Instants {
  private text = '';
  private at = new Date(0);

  /** @throws UnreadableBill naming the line */
  read(text: string, lineNo: number): Date {
    if (text === this.text) return this.at;
    this.at = instantIn(text, lineNo);
    this.text = text;
    return this.at;
  }
}

function instantIn(text: string, lineNo: number): Date {
  const at = beijing.test(text) ? new Date(`${text.slice(0, 10)}T${text.slice(11)}+08:00`) : null;
  if (at !== null && !Number.isNaN(at.getTime())) return at;
  throw new UnreadableBill('bad-line', `line ${lineNo}: "${text.slice(0, 40)}" is no time`);
}
