import { callAlipay, classify, textIn, tradeErrorRule } from '@qingfen/alipay';
import type { AlipayConnection, NoAnswer } from '@qingfen/alipay';
import type { Minor } from '@qingfen/money';

import { fenIn, objectsIn, unreadable } from './numbers.js';

export const TRADE_STATUSES = [
  'WAIT_BUYER_PAY',
  'TRADE_CLOSED',
  'TRADE_SUCCESS',
  'TRADE_FINISHED',
] as const;
export type TradeStatus = (typeof TRADE_STATUSES)[number];

/** What Alipay knows of a buyer's payment. */
export type TradeAnswer =
  | {
      readonly kind: 'found';
      readonly tradeNo: string;
      readonly status: TradeStatus;
      readonly totalMinor: Minor;
      /** What has been split, less what came back. */
      readonly splitMinor: bigint;
      /** What still waits, frozen, to be split or released; null where Alipay does not say. */
      readonly unsettledMinor: Minor | null;
    }
  | { readonly kind: 'not-found' }
  | NoAnswer;

export type UnsettledAnswer = { readonly kind: 'found'; readonly unsettledMinor: Minor } | NoAnswer;

/** Asks for a trade with its splits. */
export async function askTrade(
  connection: AlipayConnection,
  tradeNo: string,
): Promise<TradeAnswer> {
  const bizContent = { trade_no: tradeNo, query_options: ['trade_settle_info'] };
  const answer = await callAlipay(connection, 'alipay.trade.query', bizContent);
  const outcome = classify(answer, tradeErrorRule);
  if (outcome.kind === 'accepted') return tradeIn(outcome.node, tradeNo);
  const isUnknown =
    outcome.kind === 'refused' && /TRADE_NOT_EXIST$/.test(outcome.failure.subCode ?? '');
  return isUnknown ? { kind: 'not-found' } : outcome;
}

/**
 * What of a trade can still be split: of its frozen money, or, after it was settled to the balance,
 * of what it brought.
 */
export async function askUnsettled(
  connection: AlipayConnection,
  tradeNo: string,
  source: 'frozen' | 'balance',
): Promise<UnsettledAnswer> {
  const bizContent = {
    trade_no: tradeNo,
    ...(source === 'frozen' ? { royalty_source: 'unsettled' } : {}),
  };
  const answer = await callAlipay(connection, 'alipay.trade.order.onsettle.query', bizContent);
  const outcome = classify(answer, tradeErrorRule);
  if (outcome.kind !== 'accepted') return outcome;
  const unsettledMinor = fenIn(outcome.node, 'unsettledAmount');
  if (unsettledMinor === null) return unreadable('the answer names no amount');
  return { kind: 'found', unsettledMinor };
}

function tradeIn(node: Readonly<Record<string, unknown>>, tradeNo: string): TradeAnswer {
  if (textIn(node, 'tradeNo') !== tradeNo) return unreadable('the answer does not name our trade');
  const told = textIn(node, 'tradeStatus');
  const status = TRADE_STATUSES.find((known) => known === told);
  const totalMinor = fenIn(node, 'totalAmount');
  if (status === undefined || totalMinor === null) {
    return unreadable('a trade without a status or an amount');
  }
  const { tradeSettleInfo: info } = node;
  const settleInfo = typeof info === 'object' && info !== null ? { ...info } : {};
  const details = objectsIn(settleInfo, 'tradeSettleDetailList');
  if (details === undefined) return unreadable('a split that is none');
  let splitMinor = 0n;
  for (const detail of details) {
    const amountMinor = fenIn(detail, 'amount');
    if (amountMinor === null) return unreadable('a split without an amount');
    const operation = textIn(detail, 'operationType');
    if (operation === 'transfer') splitMinor += amountMinor;
    if (operation === 'transfer_refund') splitMinor -= amountMinor;
  }
  const unsettledMinor = fenIn(settleInfo, 'tradeUnsettledAmount');
  return { kind: 'found', tradeNo, status, totalMinor, splitMinor, unsettledMinor };
}
