import type { BizContent, CheckedCall } from './checks.js';
import { beijingTime } from './clock.js';
import { textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import type { Merchant } from './money.js';
import type { Json, Node } from './protocol.js';
import { refusal, success } from './refusals.js';
import { royaltyDetails } from './royalty-details.js';
import type { SandboxState } from './state.js';
import type { Trade } from './trade-room.js';
import { yuan } from './yuan.js';

/** After so long a trade is finished: neither refunded nor split any more. */
const LIFE_MS = 365 * 86_400_000;

export type TradeStatus = 'TRADE_SUCCESS' | 'TRADE_CLOSED' | 'TRADE_FINISHED';

/** The state of a trade at a business instant. Unpaid ones are none of ours. */
export function tradeStatus(trade: Trade, at: number): TradeStatus {
  if (trade.refundedMinor === trade.totalMinor) return 'TRADE_CLOSED';
  return at >= trade.record.at + LIFE_MS ? 'TRADE_FINISHED' : 'TRADE_SUCCESS';
}

/** The trade that a call names: Alipay's number before the merchant's. */
export function findTrade(
  state: SandboxState,
  merchant: Merchant,
  biz: BizContent,
): { trade: Trade } | { refused: Node } {
  const { appId } = merchant.terms;
  const [tradeNo, outTradeNo] = [textOf(biz, 'trade_no'), textOf(biz, 'out_trade_no')];
  if (tradeNo === '' && outTradeNo === '') {
    return { refused: refusal('ACQ.INVALID_PARAMETER', 'trade_no') };
  }
  const trade =
    tradeNo === '' ? state.trades.byOutTradeNo(appId, outTradeNo) : state.trades.byTradeNo(tradeNo);
  return trade?.record.appId === appId ? { trade } : { refused: refusal('ACQ.TRADE_NOT_EXIST') };
}

/** Whether a call wants one of Alipay's further blocks of an answer. */
export function wants(biz: BizContent, option: string): boolean {
  const options = biz['query_options'];
  return (
    Array.isArray(options) &&
    (options as unknown[]).some(
      (wanted) => typeof wanted === 'string' && wanted.toLowerCase() === option,
    )
  );
}

/** Whom a trade was bought by, as every answer about it says. */
export function buyerOf({ record }: Trade): Record<string, Json> {
  return { buyer_logon_id: record.buyerLogonId, buyer_user_id: record.buyerUserId };
}

/** `alipay.trade.query` */
export const tradeQueryHandler: Handler = { decide: tradeQuery };

/** `alipay.trade.order.onsettle.query` */
export const unsettledHandler: Handler = { decide: unsettledQuery };

/** `alipay.trade.fastpay.refund.query` */
export const refundQueryHandler: Handler = { decide: refundQuery };

function tradeQuery(state: SandboxState, call: CheckedCall, { at }: Circumstances): Result {
  const found = findTrade(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { trade } = found;
  const { tradeNo, outTradeNo, amount, at: paidAt } = trade.record;
  const node = success({
    trade_no: tradeNo,
    out_trade_no: outTradeNo,
    ...buyerOf(trade),
    trade_status: tradeStatus(trade, at),
    total_amount: amount,
    buyer_pay_amount: amount,
    receipt_amount: amount,
    send_pay_date: beijingTime(paidAt),
    fund_bill_list: [{ fund_channel: 'ALIPAYACCOUNT', amount }],
    trade_settle_info: wants(call.biz, 'trade_settle_info') ? settleInfo(state, trade) : null,
  });
  return answerOnly(node);
}

function settleInfo(state: SandboxState, trade: Trade): Json {
  const { merchant, details } = royaltyDetails(state, trade.record.appId, trade.settles);
  const done = details.filter(({ state: status }) => status === 'SUCCESS');
  return {
    trade_settle_detail_list: done.map((detail) => ({
      operation_type: detail.operation,
      operation_serial_no: detail.detailId,
      operation_dt: beijingTime(detail.at),
      trans_out: detail.isReturn ? detail.userId : merchant.terms.pid,
      trans_in: detail.isReturn ? merchant.terms.pid : detail.userId,
      amount: yuan(detail.amountMinor),
    })),
    trade_unsettled_amount: yuan(trade.frozenMinor),
  };
}

/** From frozen money: what waits; from settled money: what the trade has that was not split. */
function unsettledQuery(state: SandboxState, call: CheckedCall): Result {
  const found = findTrade(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { frozenMinor, totalMinor, refundedMinor, splitMinor, finished } = found.trade;
  const settledMinor = finished ? 0n : totalMinor - refundedMinor - splitMinor - frozenMinor;
  const source = textOf(call.biz, 'royalty_source');
  if (source !== '' && source !== 'unsettled') {
    return answerOnly(refusal('ACQ.INVALID_PARAMETER', 'royalty_source'));
  }
  const minor = source === 'unsettled' ? frozenMinor : settledMinor;
  return answerOnly(success({ unsettled_amount: yuan(minor) }));
}

/** A refund that Alipay knows nothing of is a success without a `refund_status`. */
function refundQuery(state: SandboxState, call: CheckedCall): Result {
  const found = findTrade(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { trade } = found;
  const outRequestNo = textOf(call.biz, 'out_request_no');
  if (outRequestNo === '') return answerOnly(refusal('ACQ.INVALID_PARAMETER', 'out_request_no'));
  const { tradeNo, outTradeNo, amount } = trade.record;
  const names = { trade_no: tradeNo, out_trade_no: outTradeNo, out_request_no: outRequestNo };
  const refund = trade.refunds.find((known) => known.outRequestNo === outRequestNo);
  if (refund === undefined) return answerOnly(success(names));
  const { details } = royaltyDetails(state, trade.record.appId, trade.settles);
  const back = details.filter((detail) => detail.refundNo === outRequestNo);
  const node = success({
    ...names,
    refund_status: 'REFUND_SUCCESS',
    total_amount: amount,
    refund_amount: refund.amount,
    gmt_refund_pay: beijingTime(refund.at),
    refund_royaltys:
      back.length === 0
        ? null
        : back.map(({ amountMinor, userId }) => ({
            refund_amount: yuan(amountMinor),
            royalty_type: 'transfer',
            result_code: 'SUCCESS',
            trans_out: userId,
          })),
  });
  return answerOnly(node);
}
