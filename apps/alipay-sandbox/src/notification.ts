import type { KeyObject } from 'node:crypto';

import { beijingTime } from './clock.js';
import { METHODS } from './method-names.js';
import { canonicalText, signText } from './protocol.js';
import type { Json } from './protocol.js';
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

const TRANSFER_CHANGED = 'alipay.fund.trans.order.changed';

/** What is told, to whom. */
export interface Message {
  readonly terms: MerchantTerms;
  /** `msg_method` */
  readonly method: string;
  readonly content: { readonly [name: string]: Json };
  readonly at: number;
  /** How many notifications the same call tells before it. */
  readonly offset: number;
}

/** The notification of a message, or none where nobody is to be told. */
export function notificationOf(state: SandboxState, message: Message): NotificationRecord[] {
  const { terms, method, content, at, offset } = message;
  const { notificationMode: mode, notificationCount } = state.settings;
  if (terms.notifyUrl === null || mode === 'never') return [];
  const count = String(notificationCount + offset + 1).padStart(14, '0');
  return [
    {
      t: 'notification',
      notifyId: `${beijingTime(at).replace(/\D/g, '')}00222${count}`,
      appId: terms.appId,
      ...(method === TRANSFER_CHANGED ? {} : { method }),
      bizContent: JSON.stringify(content),
      createdAt: at,
      dueAt: mode === 'late' ? at + LATE_MS : at,
      mode,
    },
  ];
}

/** What is told of a state that a transfer by itself has reached. */
export function transferNotification(
  state: SandboxState,
  terms: MerchantTerms,
  record: TransferRecord,
  change: {
    status: TransferStatus;
    at: number;
    errorCode?: string | null;
    failReason?: string | null;
  },
  offset: number,
): NotificationRecord[] {
  const { status, at, errorCode = null, failReason = null } = change;
  const content = {
    pay_fund_order_id: record.fundOrderId,
    out_biz_no: record.outBizNo,
    product_code: record.productCode,
    biz_scene: record.bizScene,
    origin_interface: METHODS.transfer.method,
    order_id: record.orderId,
    status,
    action_type: status === 'REFUND' ? 'REFUND' : 'FINISH',
    trans_amount: record.amount,
    ...(status === 'SUCCESS' ? { pay_date: beijingTime(at) } : {}),
    ...(errorCode === null ? {} : { error_code: errorCode }),
    ...(failReason === null ? {} : { fail_reason: failReason }),
    ...(record.passbackParams === null ? {} : { passback_params: record.passbackParams }),
  };
  return notificationOf(state, { terms, method: TRANSFER_CHANGED, content, at, offset });
}

/**
 * The form that is posted: no empty fields, signed without `sign` and `sign_type`. A forged one has
 * its contents turned around after signing, as somebody without Alipay's key must do it.
 */
export function notificationForm(record: NotificationRecord, alipayPrivateKey: KeyObject): string {
  const fields: Record<string, string> = {
    notify_id: record.notifyId,
    utc_timestamp: String(record.createdAt),
    msg_method: record.method ?? TRANSFER_CHANGED,
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

/** Successes told as failures, and anything else as a success. */
function turnedAround(bizContent: string): string {
  const states = /"(status|state|batch_status)":"([A-Z_]+)"/g;
  const claims = bizContent.includes(':"SUCCESS"') ? 'FAIL' : 'SUCCESS';
  return bizContent.replace(states, (_whole, name: string) => `"${name}":"${claims}"`);
}
