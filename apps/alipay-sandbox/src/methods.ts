import { accountLogHandler, billBalanceHandler, transferLogHandler } from './account-log.js';
import { batchCloseHandler, batchHandler, batchTransferHandler } from './batch-handlers.js';
import { batchQueryHandler } from './batch-query.js';
import { billHandler } from './bill-handler.js';
import type { Handler } from './handler.js';
import type { Method } from './method-names.js';
import { refundHandler } from './trade-refund.js';
import { refundQueryHandler, tradeQueryHandler, unsettledHandler } from './trade-query.js';
import { bindHandler, rateHandler, relationsHandler, unbindHandler } from './royalty-relations.js';
import { settleQueryHandler } from './settle-query.js';
import { settleHandler } from './settle.js';
import { balanceHandler, transferHandler, transferQueryHandler } from './transfer-handlers.js';

/** What each method does. */
export const HANDLERS: Readonly<Record<Method, Handler>> = {
  'alipay.fund.trans.uni.transfer': transferHandler,
  'alipay.fund.trans.common.query': transferQueryHandler,
  'alipay.fund.account.query': balanceHandler,
  'alipay.data.bill.accountlog.query': accountLogHandler,
  'alipay.data.bill.transfer.query': transferLogHandler,
  'alipay.data.bill.balance.query': billBalanceHandler,
  'alipay.data.dataservice.bill.downloadurl.query': billHandler,
  'alipay.trade.query': tradeQueryHandler,
  'alipay.trade.refund': refundHandler,
  'alipay.trade.fastpay.refund.query': refundQueryHandler,
  'alipay.trade.order.onsettle.query': unsettledHandler,
  'alipay.trade.royalty.relation.bind': bindHandler,
  'alipay.trade.royalty.relation.unbind': unbindHandler,
  'alipay.trade.royalty.relation.batchquery': relationsHandler,
  'alipay.trade.royalty.rate.query': rateHandler,
  'alipay.trade.order.settle': settleHandler,
  'alipay.trade.order.settle.query': settleQueryHandler,
  'alipay.fund.batch.create': batchHandler,
  'alipay.fund.batch.uni.transfer': batchTransferHandler,
  'alipay.fund.batch.detail.query': batchQueryHandler,
  'alipay.fund.batch.close': batchCloseHandler,
};
