import { AmountError, parseSignedAmount, type Minor } from '@qingfen/money';
import { classify, textIn } from './classify.js';
import { callAlipay, type AlipayConnection } from './connection.js';

const LOG = 'alipay.data.bill.accountlog.query';
/** The most that Alipay lets a page have. */
const pageSize = 2_000;
const beijingMs = 8 * 3_600_000;

/** Which movements are wanted, and how many at most. */
export interface WantedLog {
  /** Whole seconds; `to` is not included. */
  readonly from: Date;
  readonly to: Date;
  readonly linesMax: number;
}

/** One movement of the merchant's balance, as the log has it. */
export interface LoggedMovement {
  /** The number that the bill of the day will have for it as well. */
  readonly logNo: string;
  readonly outNo: string;
  readonly at: Date;
  /** Fen; negative for what left the account. */
  readonly amountMinor: Minor;
  readonly kind: string;
  readonly account: string;
  readonly title: string;
}

/** What came of asking for the log of a span. */
export type LogReading =
  /** All of it. */
  | { readonly kind: 'read'; readonly movements: readonly LoggedMovement[] }
  /** More than may be read at once: a shorter span is to be asked for. */
  | { readonly kind: 'too-many' }
  /** It will not be better for asking again. */
  | { readonly kind: 'refused'; readonly code: string; readonly why: string }
  /** To be asked again later: the way there is broken, or it was asked too often. */
  | { readonly kind: 'unclear'; readonly why: string };

/**
 * Reads the account log of a span, whole or not at all: the order of its pages is nowhere promised. Never
 * throws. Source: alipay.md 8.3, 2026-11.
 */
export async function readAccountLog(
  connection: AlipayConnection,
  wanted: WantedLog,
): Promise<LogReading> {
  const movements: LoggedMovement[] = [];
  const pagesMax = Math.max(1, Math.ceil(wanted.linesMax / pageSize));
  for (let page = 1; page <= pagesMax; page += 1) {
    const outcome = classify(
      await callAlipay(connection, LOG, {
        start_time: beijingText(wanted.from),
        end_time: beijingText(wanted.to),
        page_no: String(page),
        page_size: String(pageSize),
      }),
    );
    if (outcome.kind === 'refused') {
      const { subCode, code, message } = outcome.failure;
      const said = subCode ?? code;
      if (outcome.waitsFor === 'rate') return { kind: 'unclear', why: said };
      return { kind: 'refused', code: said, why: message };
    }
    if (outcome.kind !== 'accepted') return { kind: 'unclear', why: outcome.why };
    const total = Number(textIn(outcome.node, 'totalSize') ?? Number.NaN);
    if (!Number.isSafeInteger(total)) return { kind: 'unclear', why: 'the log has no total' };
    if (total > wanted.linesMax) return { kind: 'too-many' };
    const lines = linesIn(outcome.node);
    if (lines === null) return { kind: 'unclear', why: 'the log has a line that is none' };
    movements.push(...lines);
    // What comes meanwhile is of another span; a page without a line would be asked for for ever.
    if (movements.length >= total) return { kind: 'read', movements };
    if (lines.length === 0) break;
  }
  return { kind: 'unclear', why: 'the log has fewer lines than it says' };
}

/** Null where one of them says no number, time or amount. */
function linesIn(node: Readonly<Record<string, unknown>>): LoggedMovement[] | null {
  const list: unknown = node['detailList'];
  if (!Array.isArray(list)) return []; // absent where there is none
  const movements = list.map((line: unknown) =>
    typeof line === 'object' && line !== null ? movementIn({ ...line }) : null,
  );
  return movements.every((one) => one !== null) ? movements : null;
}

function movementIn(fields: Readonly<Record<string, unknown>>): LoggedMovement | null {
  const text = (name: string): string => textIn(fields, name) ?? '';
  const at = instantIn(text('transDt'));
  const amountMinor = signedOrNothing(text('transAmount'));
  const logNo = text('accountLogId');
  if (at === null || amountMinor === null || logNo === '') return null;
  return {
    ...{ logNo, at, amountMinor, outNo: text('merchantOrderNo'), kind: text('type') },
    ...{ account: text('otherAccount'), title: text('transMemo') },
  };
}

function instantIn(text: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return null;
  const at = new Date(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(at.getTime()) ? null : at;
}

function beijingText(at: Date): string {
  return new Date(at.getTime() + beijingMs).toISOString().slice(0, 19).replace('T', ' ');
}

function signedOrNothing(text: string): Minor | null {
  try {
    return parseSignedAmount(text, 'CNY');
  } catch (error) {
    if (error instanceof AmountError) return null;
    throw error;
  }
}
