import type { BizContent } from './checks.js';
import { beijingTime } from './clock.js';
import type { Node } from './protocol.js';
import { textOf } from './fields.js';
import { availableMinor } from './money.js';
import type { Merchant } from './money.js';
import { refusal, success } from './refusals.js';
import type { SandboxState } from './state.js';
import { transferKey } from './transfer-room.js';
import type { Transfer } from './transfer-room.js';
import { yuan } from './yuan.js';

/** The transfer that a query names: fund order id before order id before our own number. */
export function findTransfer(
  state: SandboxState,
  merchant: Merchant,
  biz: BizContent,
): { transfer: Transfer } | { refused: Node } {
  const fundOrderId = textOf(biz, 'pay_fund_order_id');
  const orderId = textOf(biz, 'order_id');
  const outBizNo = textOf(biz, 'out_biz_no');
  const { appId } = merchant.terms;
  let transfer: Transfer | undefined;
  if (fundOrderId !== '') {
    transfer = state.transfers.byFundOrderId(fundOrderId);
  } else if (orderId !== '') {
    transfer = state.transfers.byOrderId(orderId);
  } else {
    const productCode = textOf(biz, 'product_code');
    const bizScene = textOf(biz, 'biz_scene');
    if (outBizNo === '') return { refused: refusal('INVALID_PARAMETER', 'out_biz_no') };
    if (productCode === '') return { refused: refusal('INVALID_PARAMETER', 'product_code') };
    if (bizScene === '') return { refused: refusal('INVALID_PARAMETER', 'biz_scene') };
    transfer = state.transfers.byKey(transferKey(appId, productCode, bizScene, outBizNo));
  }
  if (transfer === undefined) return { refused: refusal('ORDER_NOT_EXIST') };
  if (transfer.record.appId !== appId) return { refused: refusal('NO_ORDER_PERMISSION') };
  return { transfer };
}

/** What common.query says: amount, payee and pay date only where Alipay gives them. */
export function queryAnswer(transfer: Transfer): Node {
  const { record, status, account } = transfer;
  const paid = status === 'SUCCESS' || status === 'REFUND';
  return success({
    order_id: record.orderId,
    pay_fund_order_id: status === 'FAIL' ? null : record.fundOrderId,
    out_biz_no: record.outBizNo,
    trans_amount: status === 'SUCCESS' ? record.amount : null,
    status,
    pay_date: paid ? beijingTime(record.at) : null,
    receiver_user_id: paid ? account.userId : null,
    passback_params: record.passbackParams,
    error_code: transfer.errorCode,
    fail_reason: transfer.failReason,
  });
}

/** The merchant's balance; what waits to be split is frozen. */
export function balanceAnswer(merchant: Merchant, biz: BizContent): Node {
  if (textOf(biz, 'account_type') !== 'ACCTRANS_ACCOUNT') {
    return refusal('INVALID_PARAMETER', 'account_type');
  }
  const userId = textOf(biz, 'alipay_user_id');
  if (userId !== '' && userId !== merchant.terms.pid) return refusal('NO_PERMISSION_ACCOUNT');
  return success({
    available_amount: yuan(availableMinor(merchant)),
    freeze_amount: yuan(merchant.frozenMinor),
  });
}

/** `alipay.data.bill.balance.query`: nothing here waits to be settled to the balance. */
export function billBalanceAnswer(merchant: Merchant): Node {
  return success({
    total_amount: yuan(merchant.balanceMinor),
    available_amount: yuan(availableMinor(merchant)),
    freeze_amount: yuan(merchant.frozenMinor),
    settle_amount: '0.00',
  });
}
