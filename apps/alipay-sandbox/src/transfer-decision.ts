import { beijingDay, beijingTime } from './clock.js';
import type { Merchant } from './money.js';
import { againstLimits, againstPayee } from './payee-checks.js';
import type { Node } from './protocol.js';
import type { Fate, TransferRecord, TransferStatus } from './records.js';
import { refusal, success } from './refusals.js';
import type { SandboxState } from './state.js';
import type { TransferRequest } from './transfer-request.js';
import { transferKey } from './transfer-room.js';
import type { Transfer } from './transfer-room.js';
import { yuan } from './yuan.js';

export type TransferDecision =
  | { readonly kind: 'refused'; readonly node: Node }
  | { readonly kind: 'repeat'; readonly transfer: Transfer }
  | { readonly kind: 'accept'; readonly record: TransferRecord };

/**
 * What Alipay does with a well-formed transfer. A number is used up only by acceptance: after a
 * refusal the very same request may succeed later.
 */
export function decideTransfer(
  state: SandboxState,
  merchant: Merchant,
  request: TransferRequest,
  at: number,
  fate: Fate | null,
): TransferDecision {
  const { appId } = merchant.terms;
  const { productCode, bizScene, outBizNo } = request;
  const earlier = state.transfers.byKey(transferKey(appId, productCode, bizScene, outBizNo));
  if (earlier !== undefined) {
    return earlier.record.digest === request.digest
      ? { kind: 'repeat', transfer: earlier }
      : { kind: 'refused', node: refusal('PAYMENT_INFO_INCONSISTENCY') };
  }
  const payment = { merchant, at, ...request };
  const subCode = againstPayee(state, payment) ?? againstLimits(state, payment);
  if (subCode !== undefined) return { kind: 'refused', node: refusal(subCode) };
  const record: TransferRecord = {
    t: 'transfer',
    appId,
    productCode,
    bizScene,
    outBizNo,
    identity: request.identity,
    identityType: request.identityType,
    name: request.name,
    amount: yuan(request.amountMinor),
    status: fate === null || fate.becomes === 'REFUND' ? 'SUCCESS' : 'DEALING',
    ...orderIds(state.transfers.all.length + 1, at),
    title: request.title,
    remark: request.remark,
    passbackParams: request.passbackParams,
    at,
    digest: request.digest,
    fate,
  };
  return { kind: 'accept', record };
}

/** Alipay's numbers of the how-manieth transfer it is: 32 digits that begin with the Beijing day. */
export function orderIds(
  howManieth: number,
  at: number,
): { readonly orderId: string; readonly fundOrderId: string } {
  const number = String(howManieth).padStart(12, '0');
  const prefix = `${beijingDay(at).replaceAll('-', '')}11007000`;
  return { orderId: `${prefix}0006${number}`, fundOrderId: `${prefix}1506${number}` };
}

/** The answer for an accepted transfer as it stands now; the same at every repeat. */
export function transferAnswer(record: TransferRecord, status: TransferStatus): Node {
  return success({
    order_id: record.orderId,
    out_biz_no: record.outBizNo,
    pay_fund_order_id: record.fundOrderId,
    status,
    trans_date: beijingTime(record.at),
  });
}
