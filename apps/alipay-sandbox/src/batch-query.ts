import { toldOf } from './batch-notification.js';
import type { Batch } from './batch-room.js';
import { batchStatus, detailStates } from './batch-status.js';
import type { BatchStatus, DetailState } from './batch-status.js';
import type { BizContent, CheckedCall } from './checks.js';
import { beijingTime } from './clock.js';
import { ask } from './fate.js';
import { textOf, wholeIn } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import type { Json } from './protocol.js';
import type { BookRecord } from './records.js';
import { refusal, success } from './refusals.js';
import type { SandboxState } from './state.js';
import { yuan } from './yuan.js';

const PAGE_SIZE_MAX = 500;

/** `alipay.fund.batch.detail.query`: asking may be the event at which a detail ends. */
export const batchQueryHandler: Handler = {
  identitiesIn(state, { merchant, biz }) {
    const batch = state.batches.byOutBatchNo(merchant.terms.appId, textOf(biz, 'out_batch_no'));
    return (batch?.record.details ?? []).map(({ identity }) => identity);
  },
  decide: batchQuery,
};

function batchQuery(state: SandboxState, call: CheckedCall, { at }: Circumstances): Result {
  const { merchant, biz } = call;
  const outBatchNo = textOf(biz, 'out_batch_no');
  const batch = state.batches.byOutBatchNo(merchant.terms.appId, outBatchNo);
  if (outBatchNo === '') return answerOnly(refusal('INVALID_PARAMETER', 'out_batch_no'));
  const [product, scene] = [textOf(biz, 'product_code'), textOf(biz, 'biz_scene')];
  if (product === '' || scene === '') {
    return answerOnly(refusal('INVALID_PARAMETER', 'product_code or biz_scene'));
  }
  const isIt = batch?.record.productCode === product && batch.record.bizScene === scene;
  if (batch === undefined || !isIt) return answerOnly(refusal('ORDER_NOT_EXIST'));
  const page = pageIn(biz);
  if (page === undefined) return answerOnly(refusal('INVALID_PARAMETER', 'page_num or page_size'));
  const asked = state.transfers.partsOf(batch.record.batchTransId).map((part) => ask(part, at));
  const seen = asked.map((answer) => answer.seen);
  const details = detailStates(batch, seen, at);
  const status = batchStatus(batch, details, at);
  const records: BookRecord[] = asked.flatMap((answer) => answer.records);
  const isOver = status !== 'DEALING' && asked.some(({ becomes }) => becomes !== null);
  if (isOver) records.push(...toldOf(state, merchant.terms, batch.record, endOf(details, at)));
  const node = success({
    ...summary(batch, details, status),
    payer_id: merchant.terms.pid,
    ...pageOf(chosen(details, biz), page),
  });
  return { node, executed: false, records };
}

function pageIn(biz: BizContent): { number: number; size: number } | undefined {
  const number = wholeIn(biz, 'page_num', 1);
  const size = wholeIn(biz, 'page_size', PAGE_SIZE_MAX);
  if (number === undefined || size === undefined || number < 1) return undefined;
  return size < 1 || size > PAGE_SIZE_MAX ? undefined : { number, size };
}

function chosen(details: readonly DetailState[], biz: BizContent): readonly DetailState[] {
  const [outBizNo, status] = [textOf(biz, 'out_biz_no'), textOf(biz, 'detail_status')];
  return details
    .filter(({ detail }) => outBizNo === '' || detail.outBizNo === outBizNo)
    .filter((detail) => status === '' || detail.status === status);
}

function summary(
  batch: Batch,
  details: readonly DetailState[],
  status: BatchStatus,
): Record<string, Json> {
  const { outBatchNo, batchTransId, total } = batch.record;
  const [success, fail] = [countOf(details, 'SUCCESS'), countOf(details, 'FAIL')];
  const ended = details.map(({ endedAt }) => endedAt ?? 0);
  const isFinal = status === 'SUCCESS' || status === 'PART_SUCCESS' || status === 'FAIL';
  return {
    batch_trans_id: batchTransId,
    out_batch_no: outBatchNo,
    batch_status: status,
    total_amount: total,
    total_item_count: String(details.length),
    success_count: String(success.count),
    success_amount: yuan(success.minor),
    fail_count: String(fail.count),
    fail_amount: yuan(fail.minor),
    gmt_pay_finish: batch.paidAt === null ? null : beijingTime(batch.paidAt),
    gmt_finish: isFinal ? beijingTime(Math.max(0, ...ended)) : null,
  };
}

function pageOf(
  details: readonly DetailState[],
  { number, size }: { number: number; size: number },
): Record<string, Json> {
  return {
    page_num: String(number),
    page_size: String(size),
    total_page_count: String(Math.ceil(details.length / size)),
    acc_detail_list: details.slice((number - 1) * size, number * size).map(entryOf),
  };
}

function entryOf(state: DetailState): Json {
  const { detail, transfer, status, errorCode, errorMessage, endedAt } = state;
  const entry: Record<string, Json> = {
    out_biz_no: detail.outBizNo,
    alipay_order_no: transfer?.record.orderId ?? null,
    detail_id: detail.detailId,
    trans_amount: detail.amount,
    status,
    error_code: errorCode,
    error_msg: errorMessage,
    // A payee or a limit may be put in order: the same payment may then be asked for again.
    need_retry: status === 'FAIL' ? 'true' : null,
    payee_info: {
      payee_account: detail.identity,
      payee_type: detail.identityType,
      ...(detail.name === null ? {} : { payee_name: detail.name }),
    },
    gmt_create: transfer === null ? null : beijingTime(transfer.record.at),
    gmt_finish: endedAt === null ? null : beijingTime(endedAt),
    remark: detail.remark,
    sub_status: transfer?.status === 'REFUND' ? 'REFUNDED' : null,
  };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
}

function endOf(
  details: readonly DetailState[],
  at: number,
): { successMinor: bigint; successes: number; at: number } {
  const { count, minor } = countOf(details, 'SUCCESS');
  return { successMinor: minor, successes: count, at };
}

function countOf(
  details: readonly DetailState[],
  status: DetailState['status'],
): { count: number; minor: bigint } {
  const counted = details.filter((detail) => detail.status === status);
  return {
    count: counted.length,
    minor: counted.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
  };
}
