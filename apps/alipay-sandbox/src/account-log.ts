import { accountLines } from './account-lines.js';
import type { AccountLine } from './account-lines.js';
import type { BizContent } from './checks.js';
import { beijingTime, parseBeijingTime } from './clock.js';
import { textOf, wholeIn } from './fields.js';
import { answerOnly } from './handler.js';
import type { Handler } from './handler.js';
import type { Json, Node } from './protocol.js';
import { billBalanceAnswer } from './query.js';
import { refusal, success } from './refusals.js';
import type { Merchant } from './money.js';
import { yuan } from './yuan.js';

const DAY_MS = 86_400_000;
const SPAN_MAX_MS = 31 * DAY_MS;
const AGE_MAX_MS = 366 * DAY_MS;
const LOG_PAGE = { least: 1000, most: 2000, usual: 2000 };
const TRANSFER_PAGE = { least: 1, most: 2000, usual: 2000 };

interface Page {
  readonly number: number;
  readonly size: number;
}

/** `alipay.data.bill.accountlog.query`: every movement of the balance. */
export const accountLogHandler: Handler = {
  decide: (_state, { merchant, biz }, { at }) => answerOnly(accountLog(merchant, biz, at)),
};

/** `alipay.data.bill.transfer.query`: top-ups, withdrawals or transfers. */
export const transferLogHandler: Handler = {
  decide: (_state, { merchant, biz }, { at }) => answerOnly(transferLog(merchant, biz, at)),
};

/** `alipay.data.bill.balance.query` */
export const billBalanceHandler: Handler = {
  decide: (_state, { merchant }) => answerOnly(billBalanceAnswer(merchant)),
};

function accountLog(merchant: Merchant, biz: BizContent, at: number): Node {
  const alipayNo = textOf(biz, 'alipay_order_no');
  const merchantNo = textOf(biz, 'merchant_order_no');
  if (alipayNo !== '' && merchantNo !== '') {
    return refusal('ILLEGAL_ARGUMENT', 'alipay_order_no and merchant_order_no');
  }
  const isOfOrder = alipayNo !== '' || merchantNo !== '';
  const span = spanIn(biz, at, isOfOrder);
  if (span === undefined) return refusal('ILLEGAL_ARGUMENT', 'start_time or end_time');
  const page = pageIn(biz, LOG_PAGE);
  if (page === undefined) return refusal('INVALID_PARAMETER', 'page_no or page_size');
  const lines = accountLines(merchant, span.fromMs, span.toMs)
    .filter((line) => alipayNo === '' || line.alipayOrderNo === alipayNo)
    .filter((line) => merchantNo === '' || line.outBizNo === merchantNo);
  return paged(lines, page, logEntry);
}

function logEntry(line: AccountLine): Json {
  const { tradeNo, alipayOrderNo, outBizNo } = line;
  return present({
    trans_dt: beijingTime(line.at),
    account_log_id: line.logId,
    alipay_order_no: alipayOrderNo,
    merchant_order_no: outBizNo,
    other_account: line.counterparty,
    trans_amount: yuan(line.amountMinor),
    balance: yuan(line.balanceAfterMinor),
    direction: line.amountMinor > 0n ? '收入' : '支出',
    type: line.kind,
    trans_memo: line.title,
    bill_source: '支付宝',
    biz_nos: outBizNo === null ? null : `M{${outBizNo}}|S{${alipayOrderNo ?? ''}}`,
    biz_orig_no: tradeNo,
    merchant_out_refund_no: line.refundNo,
  });
}

const LOG_TYPES: Readonly<Record<string, readonly string[]>> = {
  DEPOSIT: ['充值'],
  WITHDRAW: ['提现'],
  TRANSFER: ['转账'],
};

function transferLog(merchant: Merchant, biz: BizContent, at: number): Node {
  const kinds = LOG_TYPES[textOf(biz, 'type')];
  if (kinds === undefined) return refusal('INVALID_PARAMETER', 'type');
  const span = spanIn(biz, at, false);
  if (span === undefined) return refusal('INVALID_PARAMETER', 'start_time or end_time');
  const page = pageIn(biz, TRANSFER_PAGE);
  if (page === undefined) return refusal('INVALID_PARAMETER', 'page_no or page_size');
  const lines = accountLines(merchant, span.fromMs, span.toMs);
  return paged(
    lines.filter(({ kind }) => kinds.includes(kind)),
    page,
    transferEntry,
  );
}

function transferEntry(line: AccountLine): Json {
  return present({
    trans_dt: beijingTime(line.at),
    type_desc: line.kind,
    order_no: line.alipayOrderNo ?? line.logId,
    account: line.counterparty,
    fund_desc: line.amountMinor > 0n ? '收入' : '支出',
    amount: yuan(line.amountMinor),
    service_fee: '0.00',
    memo: line.title,
    status: '成功',
    sub_type_desc: line.type === 'transfer-return' ? '转账退回' : line.kind,
    instruction_id: line.outBizNo,
  });
}

/** A half-open span of at most 31 days within the last year; an order's needs none. */
function spanIn(
  biz: BizContent,
  at: number,
  isOfOrder: boolean,
): { fromMs: number; toMs: number } | undefined {
  const [start, end] = [textOf(biz, 'start_time'), textOf(biz, 'end_time')];
  if (start === '' && end === '') {
    return isOfOrder ? { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } : undefined;
  }
  const fromMs = parseBeijingTime(start);
  const toMs = parseBeijingTime(end);
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return undefined;
  if (toMs - fromMs > SPAN_MAX_MS || fromMs < at - AGE_MAX_MS) return undefined;
  return { fromMs, toMs };
}

function pageIn(
  biz: BizContent,
  sizes: { least: number; most: number; usual: number },
): Page | undefined {
  const number = wholeIn(biz, 'page_no', 1);
  const size = wholeIn(biz, 'page_size', sizes.usual);
  if (number === undefined || size === undefined || number < 1) return undefined;
  return size < sizes.least || size > sizes.most ? undefined : { number, size };
}

/** Numbers are texts here, and an empty list is left out, as Alipay does. */
function paged(
  lines: readonly AccountLine[],
  page: Page,
  entry: (line: AccountLine) => Json,
): Node {
  const { number, size } = page;
  const shown = lines.slice((number - 1) * size, number * size);
  return success({
    page_no: String(number),
    page_size: String(size),
    total_size: String(lines.length),
    detail_list: shown.length === 0 ? null : shown.map(entry),
  });
}

function present(fields: Readonly<Record<string, string | null>>): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
