import type { BizContent } from './checks.js';
import { beijingTime } from './clock.js';
import type { Node } from './protocol.js';
import { refusal, success } from './refusals.js';
import { transferKey } from './state.js';
import type { Merchant, SandboxState, Transfer } from './state.js';
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
    transfer = state.transferByFundOrderId(fundOrderId);
  } else if (orderId !== '') {
    transfer = state.transferByOrderId(orderId);
  } else {
    const productCode = textOf(biz, 'product_code');
    const bizScene = textOf(biz, 'biz_scene');
    if (outBizNo === '') return { refused: refusal('INVALID_PARAMETER', 'out_biz_no') };
    if (productCode === '') return { refused: refusal('INVALID_PARAMETER', 'product_code') };
    if (bizScene === '') return { refused: refusal('INVALID_PARAMETER', 'biz_scene') };
    transfer = state.transferByKey(transferKey(appId, productCode, bizScene, outBizNo));
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

/** The merchant's balance. Nothing is ever frozen here. */
export function balanceAnswer(merchant: Merchant, biz: BizContent): Node {
  if (textOf(biz, 'account_type') !== 'ACCTRANS_ACCOUNT') {
    return refusal('INVALID_PARAMETER', 'account_type');
  }
  const userId = textOf(biz, 'alipay_user_id');
  if (userId !== '' && userId !== merchant.terms.pid) return refusal('NO_PERMISSION_ACCOUNT');
  return success({ available_amount: yuan(merchant.balanceMinor), freeze_amount: '0.00' });
}

/** A text member, or the empty text. */
export function textOf(biz: BizContent, name: string): string {
  const value = biz[name];
  return typeof value === 'string' ? value : '';
}
