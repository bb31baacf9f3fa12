import { callAlipay, classify, isRoyaltyPayeeFault, textIn, tradeErrorRule } from '@qingfen/alipay';
import type { AlipayConnection, AlipayFailure, NoAnswer } from '@qingfen/alipay';
import type { Minor } from '@qingfen/money';

import { fenIn, objectsIn, unreadable } from './numbers.js';

/** A leg of a split, or what came back of one with a refund. */
export interface AskedLeg {
  readonly detailId: string;
  readonly isReturn: boolean;
  /** Alipay's id of the payee, however the request named him. */
  readonly payeeUserId: string | null;
  readonly amountMinor: Minor;
  readonly state:
    | { readonly kind: 'done' }
    | { readonly kind: 'open'; readonly why: string }
    | { readonly kind: 'failed'; readonly payeeFault: boolean; readonly failure: AlipayFailure };
}

/** What Alipay knows of a split. */
export type SettleAnswer =
  | { readonly kind: 'found'; readonly outRequestNo: string; readonly legs: readonly AskedLeg[] }
  | NoAnswer;

const METHOD = 'alipay.trade.order.settle.query';

/**
 * Asks for a split by Alipay's number or by ours. Alipay has no answer that says for certain that a
 * split is not there: what is unclear is settled by sending the same request again.
 */
export async function askSettle(
  connection: AlipayConnection,
  which:
    { readonly settleNo: string } | { readonly outRequestNo: string; readonly tradeNo: string },
): Promise<SettleAnswer> {
  const bizContent =
    'settleNo' in which
      ? { settle_no: which.settleNo }
      : { out_request_no: which.outRequestNo, trade_no: which.tradeNo };
  const answer = await callAlipay(connection, METHOD, bizContent);
  const outcome = classify(answer, tradeErrorRule);
  if (outcome.kind !== 'accepted') return outcome;
  const outRequestNo = textIn(outcome.node, 'outRequestNo');
  const isOther = 'outRequestNo' in which && which.outRequestNo !== outRequestNo;
  if (outRequestNo === null || isOther) return unreadable('the answer does not name our split');
  const details = objectsIn(outcome.node, 'royaltyDetailList');
  const legs = details?.map(legIn).filter((leg) => leg !== undefined);
  if (details === undefined || legs?.length !== details.length) {
    return unreadable('a leg without a number or an amount');
  }
  return { kind: 'found', outRequestNo, legs };
}

function legIn(detail: Readonly<Record<string, unknown>>): AskedLeg | undefined {
  const detailId = textIn(detail, 'detailId');
  const amountMinor = fenIn(detail, 'amount');
  if (detailId === null || amountMinor === null) return undefined;
  const isReturn = (textIn(detail, 'operationType') ?? '').endsWith('_refund');
  const payeeUserId = textIn(detail, isReturn ? 'transOut' : 'transIn');
  return { detailId, isReturn, payeeUserId, amountMinor, state: stateIn(detail) };
}

function stateIn(detail: Readonly<Record<string, unknown>>): AskedLeg['state'] {
  const state = textIn(detail, 'state') ?? 'none';
  if (state === 'SUCCESS') return { kind: 'done' };
  if (state !== 'FAIL') return { kind: 'open', why: `the leg is ${state}` };
  const subCode = textIn(detail, 'errorCode');
  const message = textIn(detail, 'errorDesc') ?? 'the leg is FAIL';
  const failure = { code: state, subCode, message };
  return { kind: 'failed', payeeFault: isRoyaltyPayeeFault(subCode), failure };
}
