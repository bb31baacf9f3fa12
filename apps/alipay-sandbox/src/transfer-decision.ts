import { beijingDay, beijingTime } from './clock.js';
import type { Node } from './protocol.js';
import type { Fate, TransferRecord, TransferStatus } from './records.js';
import { refusal, success } from './refusals.js';
import { transferKey } from './state.js';
import type { Merchant, SandboxState, Transfer } from './state.js';
import type { TransferRequest } from './transfer-request.js';
import { fen, yuan } from './yuan.js';

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
  const earlier = state.transferByKey(transferKey(appId, productCode, bizScene, outBizNo));
  if (earlier !== undefined) {
    return earlier.record.digest === request.digest
      ? { kind: 'repeat', transfer: earlier }
      : { kind: 'refused', node: refusal('PAYMENT_INFO_INCONSISTENCY') };
  }
  const refused =
    againstPayee(state, merchant, request) ?? againstLimits(state, merchant, request, at);
  if (refused !== undefined) return { kind: 'refused', node: refused };
  const number = String(state.transfers.length + 1).padStart(12, '0');
  const prefix = `${beijingDay(at).replaceAll('-', '')}11007000`;
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
    orderId: `${prefix}0006${number}`,
    fundOrderId: `${prefix}1506${number}`,
    title: request.title,
    remark: request.remark,
    passbackParams: request.passbackParams,
    at,
    digest: request.digest,
    fate,
  };
  return { kind: 'accept', record };
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

function againstPayee(
  state: SandboxState,
  merchant: Merchant,
  request: TransferRequest,
): Node | undefined {
  const account = state.accountOf(request.identity);
  const { pid } = merchant.terms;
  if (request.identity === pid || account.userId === pid) return refusal('PAYER_PAYEE_CANNOT_SAME');
  if (account.status === 'missing') return refusal('PAYEE_NOT_EXIST');
  if (request.name !== null && account.name !== null && account.name !== request.name) {
    return refusal('PAYEE_USERINFO_ERROR');
  }
  if (account.status === 'frozen') return refusal('BLOCK_USER_FORBBIDEN_RECIEVE');
  if (account.status === 'unverified') return refusal('PAYEE_NOT_RELNAME_CERTIFY');
  return undefined;
}

function againstLimits(
  state: SandboxState,
  merchant: Merchant,
  request: TransferRequest,
  at: number,
): Node | undefined {
  const { single, payerDaily, payeeDaily } = state.limits;
  const { amountMinor } = request;
  const over = (limit: string | null, movedMinor: bigint): boolean =>
    limit !== null && movedMinor + amountMinor > fen(limit);
  if (over(single, 0n)) return refusal('EXCEED_LIMIT_SM_AMOUNT');
  if (over(payerDaily, state.movedOnDay('payer', merchant.terms.appId, at))) {
    return refusal('EXCEED_LIMIT_DM_AMOUNT');
  }
  const payee = state.accountOf(request.identity).identity;
  if (over(payeeDaily, state.movedOnDay('payee', payee, at))) {
    return refusal('EXCEED_LIMIT_UNRN_DM_AMOUNT');
  }
  if (merchant.balanceMinor < amountMinor) return refusal('PAYER_BALANCE_NOT_ENOUGH');
  return undefined;
}
