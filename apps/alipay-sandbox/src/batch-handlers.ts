import { payBatch } from './batch-payment.js';
import { readBatch } from './batch-request.js';
import type { BatchRequest } from './batch-request.js';
import type { BatchRecord } from './batch-records.js';
import { batchStatus, detailStates } from './batch-status.js';
import type { CheckedCall } from './checks.js';
import { beijingDay } from './clock.js';
import { objectIn, objectsIn, textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import { availableMinor } from './money.js';
import type { Node } from './protocol.js';
import { refusal, success } from './refusals.js';
import type { SandboxState } from './state.js';
import { yuan } from './yuan.js';

/** How long a payer may take where the caller does not say; Alipay publishes no such time. */
const WAITS_MS = 15 * 86_400_000;

const writing = {
  lockOf({ merchant, biz }: CheckedCall): string {
    return JSON.stringify(['batch', merchant.terms.appId, textOf(biz, 'out_batch_no')]);
  },
  identitiesIn(_state: SandboxState, { biz }: CheckedCall): string[] {
    const details = objectsIn(biz, 'trans_order_list') ?? [];
    return details.map((detail) => textOf(objectIn(detail, 'payee_info') ?? {}, 'identity'));
  },
};

/** `alipay.fund.batch.create`: waits for the payer to confirm it. */
export const batchHandler: Handler = {
  ...writing,
  decide(state, call, { at }) {
    const made = makeBatch(state, call, at);
    if ('refused' in made) return answerOnly(made.refused);
    return { node: batchAnswer(made.record), executed: false, records: [made.record] };
  },
};

/** `alipay.fund.batch.uni.transfer`: paid at once, for merchants with that contract. */
export const batchTransferHandler: Handler = {
  ...writing,
  decide(state, call, { at }) {
    if (call.merchant.terms.batchDirect !== true) return answerOnly(refusal('PRODUCT_NOT_SIGN'));
    const made = makeBatch(state, call, at);
    if ('refused' in made) return answerOnly(made.refused);
    const { record, request } = made;
    if (availableMinor(call.merchant) < request.totalMinor) {
      return answerOnly(refusal('PAYER_BALANCE_NOT_ENOUGH'));
    }
    const payments = payBatch(state, call.merchant, record, at);
    const executed = payments.some(({ t }) => t === 'transfer');
    return { node: batchAnswer(record), executed, records: [record, ...payments] };
  },
};

/** `alipay.fund.batch.close`: only what nobody has confirmed. */
export const batchCloseHandler: Handler = { decide: close };

/** The batch as it is asked for, unless one with its number or with one of its details is there. */
function makeBatch(
  state: SandboxState,
  call: CheckedCall,
  at: number,
): { record: BatchRecord; request: BatchRequest } | { refused: Node } {
  const { terms } = call.merchant;
  const read = readBatch(call.biz, terms.sceneRule);
  if ('refused' in read) return read;
  const { request } = read;
  if (request.expiresAt !== null && request.expiresAt <= at) {
    return { refused: refusal('PAYMENT_TIME_EXPIRE') };
  }
  if (state.batches.byOutBatchNo(terms.appId, request.outBatchNo) !== undefined) {
    return { refused: refusal('BIZ_UNIQUE_EXCEPTION', '，单据已创建') };
  }
  const taken = request.details.find(({ outBizNo }) => isTaken(state, terms.appId, outBizNo, at));
  if (taken !== undefined) return { refused: refusal('BIZ_UNIQUE_EXCEPTION', taken.outBizNo) };
  const day = beijingDay(at).replaceAll('-', '');
  const batchTransId = `${day}10070070${number(state.batches.all.length + 1, 16)}`;
  const { outBatchNo, productCode, bizScene, title, digest } = request;
  const record: BatchRecord = {
    t: 'batch',
    appId: terms.appId,
    outBatchNo,
    batchTransId,
    productCode,
    bizScene,
    title,
    total: yuan(request.totalMinor),
    details: request.details.map(({ amountMinor, ...detail }, index) => ({
      ...detail,
      amount: yuan(amountMinor),
      detailId: `${batchTransId}${number(index + 1, 4)}`,
    })),
    expiresAt: request.expiresAt ?? at + WAITS_MS,
    at,
    digest,
  };
  return { record, request };
}

/** A detail's number is free again only after it has failed, or its batch is no more. */
function isTaken(state: SandboxState, appId: string, outBizNo: string, at: number): boolean {
  const batch = state.batches.byDetailNo(appId, outBizNo);
  if (batch === undefined) return false;
  const details = detailStates(batch, state.transfers.partsOf(batch.record.batchTransId), at);
  const status = details.find(({ detail }) => detail.outBizNo === outBizNo)?.status;
  return status !== 'FAIL' && status !== 'DISUSE';
}

function close(state: SandboxState, call: CheckedCall, { at }: Circumstances): Result {
  const batchTransId = textOf(call.biz, 'batch_trans_id');
  const batch = state.batches.byBatchTransId(batchTransId);
  if (batch === undefined) return answerOnly(refusal('ORDER_NOT_EXIST'));
  const { record } = batch;
  if (record.appId !== call.merchant.terms.appId) {
    return answerOnly(refusal('NO_ORDER_PERMISSION'));
  }
  const names = [textOf(call.biz, 'product_code'), textOf(call.biz, 'biz_scene')];
  if (names[0] !== record.productCode || names[1] !== record.bizScene) {
    return answerOnly(refusal('INVALID_PARAMETER', 'product_code or biz_scene'));
  }
  const node = success({ batch_trans_id: batchTransId, status: 'DISUSE' });
  if (batch.state === 'closed') return answerOnly(node);
  if (batchStatus(batch, [], at) !== 'WAIT_PAY') {
    return answerOnly(refusal('ORDER_STATUS_INVALID'));
  }
  return { node, executed: false, records: [{ t: 'batch-closed', batchTransId, at }] };
}

function batchAnswer({ outBatchNo, batchTransId }: BatchRecord): Node {
  return success({ out_batch_no: outBatchNo, batch_trans_id: batchTransId, status: 'INIT' });
}

function number(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
