import type { CheckedCall } from './checks.js';
import { beijingTime } from './clock.js';
import { ask } from './fate.js';
import { textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import type { Json } from './protocol.js';
import type { BookRecord } from './records.js';
import { refusal, success } from './refusals.js';
import { detailsOf } from './royalty-details.js';
import type { RoyaltyDetail } from './royalty-details.js';
import { settleNotification } from './settle-notification.js';
import type { SandboxState } from './state.js';
import type { SettleRecord } from './trade-records.js';
import { yuan } from './yuan.js';

/** `alipay.trade.order.settle.query`: asking may be the event at which a leg ends. */
export const settleQueryHandler: Handler = {
  identitiesIn(state, call) {
    const settle = findSettle(state, call);
    if (settle === undefined) return [];
    return state.transfers.partsOf(settle.settleNo).map(({ record }) => record.identity);
  },
  decide: settleQuery,
};

function settleQuery(state: SandboxState, call: CheckedCall, { at }: Circumstances): Result {
  const settle = findSettle(state, call);
  if (settle === undefined) return answerOnly(refusal('INVALID_PARAMETER', 'settle_no'));
  const { terms } = call.merchant;
  if (settle.appId !== terms.appId) return answerOnly(refusal('MERCHANT_TRADE_NOT_MATCH'));
  const asked = state.transfers.partsOf(settle.settleNo).map((leg) => ask(leg, at));
  const details = asked.flatMap(({ seen }) => detailsOf(seen));
  const records: BookRecord[] = asked.flatMap(({ records: changes }) => changes);
  if (asked.some(({ becomes }) => becomes !== null)) {
    records.push(...settleNotification(state, terms, settle, details, at));
  }
  const node = success({
    out_request_no: settle.outRequestNo,
    operation_dt: beijingTime(settle.at),
    royalty_detail_list: details.map((detail) => entryOf(detail, terms.pid)),
  });
  return { node, executed: false, records };
}

function findSettle(state: SandboxState, { merchant, biz }: CheckedCall): SettleRecord | undefined {
  const settleNo = textOf(biz, 'settle_no');
  if (settleNo !== '') return state.trades.settleByNo(settleNo);
  const { appId } = merchant.terms;
  const settle = state.trades.settleByRequest(appId, textOf(biz, 'out_request_no'));
  return settle?.tradeNo === textOf(biz, 'trade_no') ? settle : undefined;
}

/** Amounts are JSON numbers here, as in Alipay's own answer. */
function entryOf(detail: RoyaltyDetail, pid: string): Json {
  const { isReturn, userId, errorCode, errorText } = detail;
  return {
    operation_type: detail.operation,
    execute_dt: beijingTime(detail.at),
    trans_out: isReturn ? userId : pid,
    trans_out_type: 'userId',
    trans_in: isReturn ? pid : userId,
    trans_in_type: 'userId',
    amount: Number(yuan(detail.amountMinor)),
    state: detail.state,
    detail_id: detail.detailId,
    ...(errorCode === null ? {} : { error_code: errorCode }),
    ...(errorText === null ? {} : { error_desc: errorText }),
  };
}
