import type { AlipayConnection } from '@qingfen/alipay';
import {
  askBatch,
  BatchRequestError,
  buildBatchRequest,
  closeBatch,
  confirmationLink,
  sendBatch,
  type BatchAnswer,
  type BatchItem,
  type StoredBatch,
} from '@qingfen/alipay-batch';
import type { DetailAnswer, Payout } from '@qingfen/core-payout';
import type { BatchClosing, BatchLook, BatchMode, Merchant, RequestFacts } from './merchant.js';

type BatchCalls = Pick<Merchant, 'sendBatch' | 'askBatch' | 'closeBatch' | 'confirmationLink'>;

/** The calls about batches of one application. */
export function batchCalls(connection: AlipayConnection): BatchCalls {
  return {
    sendBatch: (text) => sendBatch(readBatch(text), connection),
    askBatch: async (batchNo) => lookOf(await askBatch(connection, batchNo)),
    closeBatch: async (batchTransId): Promise<BatchClosing> => {
      const closed = await closeBatch(connection, batchTransId);
      if (closed.kind === 'closed') return closed;
      if (closed.kind !== 'refused') return { kind: 'open', why: closed.why };
      return { kind: 'open', why: closed.failure.subCode ?? closed.failure.code };
    },
    confirmationLink: (batchTransId) => confirmationLink(connection, batchTransId),
  };
}

/** What a batch is made of. */
export interface BatchFacts {
  readonly appId: string;
  readonly batchNo: string;
  readonly mode: BatchMode;
  /** All of one shop, kind and currency. */
  readonly members: readonly RequestFacts[];
}

/** The bytes of a new batch, or why Alipay would refuse it for its form. */
export function makeBatch(
  facts: BatchFacts,
): { readonly text: string } | { readonly problem: string } {
  const { appId, batchNo, mode, members } = facts;
  const [first] = members;
  if (first === undefined) return { problem: 'a batch has at least one payment' };
  const { currency, kind } = first.payout;
  try {
    const items = members.map(itemOf);
    const order = { appId, outBatchNo: batchNo, currency, kind, mode, items };
    return { text: JSON.stringify(buildBatchRequest(order)) };
  } catch (error) {
    if (error instanceof BatchRequestError) return { problem: error.message };
    throw error;
  }
}

function itemOf({ payout, account, shopName }: RequestFacts): BatchItem {
  const { outBizNo, amountMinor, remark } = payout;
  const { identityType, identity, name } = account;
  const payee = { identityType, identity, name };
  return { outBizNo, amountMinor, payee, remark: remark === '' ? shopName : remark };
}

function readBatch(text: string): StoredBatch {
  // Written by this service alone, encrypted and under its own context; the library checks the rest.
  const stored: StoredBatch = JSON.parse(text);
  return stored;
}

/** Alipay's answer about a batch, as answers about its payments. */
function lookOf(answer: BatchAnswer): BatchLook {
  if (answer.kind === 'not-found') return { batchTransId: null, detailOf: () => answer };
  if (answer.kind !== 'found') {
    const why = 'why' in answer ? answer.why : (answer.failure.subCode ?? answer.failure.code);
    const silent = { kind: 'unclear', why, isKnown: false } as const;
    return { batchTransId: null, detailOf: () => silent };
  }
  const { batchTransId, status } = answer;
  const details = new Map(answer.items.map((item) => [item.outBizNo, item.answer]));
  const detailOf = (outBizNo: Payout['outBizNo']): DetailAnswer => {
    const detail = details.get(outBizNo);
    if (detail !== undefined && detail.kind !== 'unclear') return detail;
    // What is over as a whole is over for each payment that has not ended otherwise.
    if (status === 'DISUSE' || status === 'INVALID') {
      const failure = { code: status, subCode: null, message: `the batch is ${status}` };
      return { kind: 'ended', outBizNo, payeeFault: false, failure };
    }
    if (status === 'WAIT_PAY') return { kind: 'unconfirmed' };
    if (detail !== undefined) return detail;
    return { kind: 'unclear', why: `the batch is ${status} without it`, isKnown: true };
  };
  return { batchTransId, detailOf };
}
