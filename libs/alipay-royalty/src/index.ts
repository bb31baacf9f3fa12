export { askSettle } from './ask-settle.js';
export type { AskedLeg, SettleAnswer } from './ask-settle.js';
export { askRefund, buildRefundRequest, RefundRequestError, sendRefund } from './refund.js';
export type { RefundAnswer, RefundOrder, RefundOutcome, StoredRefund } from './refund.js';
export {
  askRoyaltyCap,
  bindReceivers,
  listReceivers,
  RECEIVERS_AT_ONCE_MAX,
  unbindReceivers,
} from './relations.js';
export type { BoundReceiver, RelationList, RelationOutcome, RoyaltyCap } from './relations.js';
export { sendSettle } from './send-settle.js';
export type { SettleOutcome } from './send-settle.js';
export {
  buildSettleRequest,
  SETTLE_LEGS_MAX,
  SETTLE_METHOD,
  SettleRequestError,
} from './settle-request.js';
export type { SettleLeg, SettleOrder, StoredSettle } from './settle-request.js';
export { askTrade, askUnsettled, TRADE_STATUSES } from './trade.js';
export type { TradeAnswer, TradeStatus, UnsettledAnswer } from './trade.js';
