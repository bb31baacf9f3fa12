import type { KeyObject } from 'node:crypto';

import { beijingTime } from './clock.js';
import { canonicalText, signText } from './protocol.js';
import type {
  MerchantTerms,
  NotificationRecord,
  TransferRecord,
  TransferStatus,
} from './records.js';
import type { SandboxState } from './state.js';

const MINUTE_MS = 60_000;

/** Gaps between deliveries of the message service: 8 of them within about 25 hours. */
export const GAPS_MS: readonly number[] = [2, 10, 10, 60, 120, 360, 900].map((m) => m * MINUTE_MS);

/** How late `late` is: after all that a receiver could reasonably wait for. */
const LATE_MS = 25 * 60 * MINUTE_MS;

/** The notification of a state that a transfer has reached, or none where nobody is to be told. */
export function notificationOf(
  state: SandboxState,
  terms: MerchantTerms,
  record: TransferRecord,
  change: { status: TransferStatus; at: number; errorCode?: string; failReason?: string },
  offset = 0,
): NotificationRecord[] {
  const mode = state.notificationMode;
  if (terms.notifyUrl === null || mode === 'never') return [];
  const { status, at } = change;
  const count = String(state.notificationCount + offset + 1).padStart(14, '0');
  const bizContent = {
    pay_fund_order_id: record.fundOrderId,
    out_biz_no: record.outBizNo,
    product_code: record.productCode,
    biz_scene: record.bizScene,
    origin_interface: 'alipay.fund.trans.uni.transfer',
    order_id: record.orderId,
    status,
    action_type: status === 'REFUND' ? 'REFUND' : 'FINISH',
    trans_amount: record.amount,
    ...(status === 'SUCCESS' ? { pay_date: beijingTime(at) } : {}),
    ...(change.errorCode === undefined ? {} : { error_code: change.errorCode }),
    ...(change.failReason === undefined ? {} : { fail_reason: change.failReason }),
    ...(record.passbackParams === null ? {} : { passback_params: record.passbackParams }),
  };
  return [
    {
      t: 'notification',
      notifyId: `${beijingTime(at).replace(/\D/g, '')}00222${count}`,
      appId: record.appId,
      bizContent: JSON.stringify(bizContent),
      createdAt: at,
      dueAt: mode === 'late' ? at + LATE_MS : at,
      mode,
    },
  ];
}

/**
 * The form that is posted: no empty fields, signed without `sign` and `sign_type`. A forged one has
 * its contents turned around after signing, as somebody without Alipay's key must do it.
 */
export function notificationForm(record: NotificationRecord, alipayPrivateKey: KeyObject): string {
  const fields: Record<string, string> = {
    notify_id: record.notifyId,
    utc_timestamp: String(record.createdAt),
    msg_method: 'alipay.fund.trans.order.changed',
    app_id: record.appId,
    version: '1.1',
    charset: 'UTF-8',
    biz_content: record.bizContent,
    sign_type: 'RSA2',
  };
  const sign = signText(canonicalText(fields, ['sign', 'sign_type']), alipayPrivateKey);
  const sent = record.mode === 'forged' ? turnedAround(record.bizContent) : record.bizContent;
  return new URLSearchParams({ ...fields, biz_content: sent, sign }).toString();
}

function turnedAround(bizContent: string): string {
  return bizContent.includes('"status":"SUCCESS"')
    ? bizContent.replace('"status":"SUCCESS"', '"status":"FAIL"')
    : bizContent.replace(/"status":"[A-Z]+"/, '"status":"SUCCESS"');
}
