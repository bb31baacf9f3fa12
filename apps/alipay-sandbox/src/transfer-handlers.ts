import { BALANCE_QUERY, TRANSFER, TRANSFER_QUERY } from './checks.js';
import type { CheckedCall } from './checks.js';
import { notificationOf } from './notification.js';
import type { Node } from './protocol.js';
import { balanceAnswer, findTransfer, queryAnswer } from './query.js';
import type { BookRecord, Fate, MerchantTerms, TransferRecord } from './records.js';
import { refusal } from './refusals.js';
import type { SandboxState, Transfer } from './state.js';
import { readTransferRequest } from './transfer-request.js';
import { decideTransfer, transferAnswer } from './transfer.js';

/** What a call comes to: the answer, what changes, and whether money moved. */
export interface Result {
  readonly node: Node;
  readonly executed: boolean;
  readonly records: readonly BookRecord[];
}

/**
 * Decides a call that passed the gateway's checks. Changes nothing: the records do, once applied.
 */
export function resultOf(
  state: SandboxState,
  call: CheckedCall,
  fate: Fate | null,
  at: number,
): Result {
  switch (call.method) {
    case TRANSFER:
      return transfer(state, call, fate, at);
    case TRANSFER_QUERY:
      return query(state, call, at);
    case BALANCE_QUERY:
      return answerOnly(balanceAnswer(call.merchant, call.biz));
    default:
      return answerOnly(refusal('isv.invalid-method'));
  }
}

function answerOnly(node: Node): Result {
  return { node, executed: false, records: [] };
}

function transfer(state: SandboxState, call: CheckedCall, fate: Fate | null, at: number): Result {
  const { terms } = call.merchant;
  const read = readTransferRequest(call.biz, terms.sceneRule);
  if ('refused' in read) return answerOnly(read.refused);
  const decision = decideTransfer(state, call.merchant, read.request, at, fate);
  if (decision.kind === 'refused') return answerOnly(decision.node);
  if (decision.kind === 'repeat') {
    return answerOnly(transferAnswer(decision.transfer.record, decision.transfer.status));
  }
  const { record } = decision;
  const { status } = record;
  const told = status === 'SUCCESS' ? notificationOf(state, terms, record, { status, at }) : [];
  const returned =
    fate?.becomes === 'REFUND' && fate.afterQueries === 0
      ? statusRecords(state, terms, record, 'REFUND', at, told.length)
      : [];
  return {
    node: transferAnswer(record, status),
    executed: true,
    records: [record, ...told, ...returned],
  };
}

/** A query may be the event at which a transfer's fate comes true; it then sees the new state. */
function query(state: SandboxState, call: CheckedCall, at: number): Result {
  const found = findTransfer(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { transfer: known } = found;
  const { record } = known;
  const { fate, orderId } = record;
  if (fate === null || known.status !== record.status) return answerOnly(queryAnswer(known));
  if (known.queries < fate.afterQueries) {
    return {
      node: queryAnswer(known),
      executed: false,
      records: [{ t: 'queried', orderId }],
    };
  }
  const records = statusRecords(state, call.merchant.terms, record, fate.becomes, at, 0);
  const { errorCode, failReason } = reasonOf(fate.becomes);
  const after: Transfer = { ...known, status: fate.becomes, errorCode, failReason };
  return { node: queryAnswer(after), executed: false, records };
}

function statusRecords(
  state: SandboxState,
  terms: MerchantTerms,
  record: TransferRecord,
  status: Fate['becomes'],
  at: number,
  offset: number,
): BookRecord[] {
  const { errorCode, failReason } = reasonOf(status);
  const change = {
    status,
    at,
    ...(errorCode === null ? {} : { errorCode }),
    ...(failReason === null ? {} : { failReason }),
  };
  return [
    { t: 'status', orderId: record.orderId, status, at, errorCode, failReason },
    ...notificationOf(state, terms, record, change, offset),
  ];
}

function reasonOf(status: Fate['becomes']): {
  errorCode: string | null;
  failReason: string | null;
} {
  if (status === 'SUCCESS') return { errorCode: null, failReason: null };
  return status === 'FAIL'
    ? { errorCode: 'PAYEE_ACCOUNT_STATUS_ERROR', failReason: '收款方账户状态异常' }
    : { errorCode: 'PAYEE_CARD_INFO_ERROR', failReason: '收款账户信息有误，资金已退回' };
}
