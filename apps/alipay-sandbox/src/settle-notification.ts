import { beijingTime } from './clock.js';
import { notificationOf } from './notification.js';
import type { MerchantTerms, NotificationRecord } from './records.js';
import type { RoyaltyDetail } from './royalty-details.js';
import type { SandboxState } from './state.js';
import type { SettleRecord } from './trade-records.js';
import { yuan } from './yuan.js';

const METHOD = 'alipay.trade.order.settle.notify';

/** What is told of an `async` split once each of its legs has ended; a `sync` one tells nothing. */
export function settleNotification(
  state: SandboxState,
  terms: MerchantTerms,
  settle: SettleRecord,
  details: readonly RoyaltyDetail[],
  at: number,
): NotificationRecord[] {
  const isOpen = details.some((detail) => detail.state === 'PROCESSING');
  if (settle.mode === 'sync' || isOpen || details.length === 0) return [];
  const content = {
    operation_dt: beijingTime(settle.at),
    out_request_no: settle.outRequestNo,
    settle_no: settle.settleNo,
    trade_no: settle.tradeNo,
    royalty_detail_list: details.map((detail) => ({
      amount: yuan(detail.amountMinor),
      operation_type: detail.operation,
      trans_in: detail.userId,
      trans_in_type: 'userId',
      state: detail.state,
      detail_id: detail.detailId,
      execute_dt: beijingTime(detail.at),
      ...(detail.errorCode === null ? {} : { error_code: detail.errorCode }),
      ...(detail.errorText === null ? {} : { error_desc: detail.errorText }),
    })),
  };
  return notificationOf(state, { terms, method: METHOD, content, at, offset: 0 });
}
