import { textIn } from './classify.js';
import type { AlipayConnection } from './connection.js';

/** A form posted to us: Alipay's, or not to be believed. */
export type Notification =
  | {
      readonly kind: 'genuine';
      /** The same at every delivery of one notification. */
      readonly notifyId: string;
      /**
       * `alipay.fund.trans.order.changed` for transfers, `alipay.fund.batch.order.changed` for
       * batches, `alipay.trade.order.settle.notify` for asynchronous splits.
       */
      readonly method: string;
      readonly outBizNo: string | null;
      /** Our number of the batch that it is about. */
      readonly outBatchNo: string | null;
      /** Our number of the split that it is about. */
      readonly outRequestNo: string | null;
      readonly orderId: string | null;
      readonly status: string | null;
      /** Yuan. */
      readonly amountText: string | null;
      readonly errorCode: string | null;
      readonly failReason: string | null;
    }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Believes a notification only if Alipay signed it (RSA2) and it is for this app. What it says is a
 * hint to ask: money is judged by queries.
 */
export function readNotification(
  connection: AlipayConnection,
  form: Readonly<Record<string, string>>,
): Notification {
  const refuse = (why: string): Notification => ({ kind: 'refused', why });
  if ((form['sign_type'] ?? 'RSA2') !== 'RSA2') return refuse('signed otherwise than by RSA2');
  if (!isSigned(connection, form)) return refuse('not signed by Alipay');
  if (form['app_id'] !== connection.appId) return refuse('for another app');
  const notifyId = form['notify_id'] ?? '';
  const method = form['msg_method'] ?? '';
  if (notifyId === '' || method === '') return refuse('it names no notify_id or msg_method');
  const content = contentIn(form['biz_content'] ?? '');
  if (content === undefined) return refuse('its biz_content is no JSON object');
  return {
    kind: 'genuine',
    notifyId,
    method,
    outBizNo: textIn(content, 'out_biz_no'),
    outBatchNo: textIn(content, 'out_batch_no'),
    outRequestNo: textIn(content, 'out_request_no'),
    orderId: textIn(content, 'order_id'),
    status: textIn(content, 'status'),
    amountText: textIn(content, 'trans_amount'),
    errorCode: textIn(content, 'error_code'),
    failReason: textIn(content, 'fail_reason'),
  };
}

function isSigned(connection: AlipayConnection, form: Readonly<Record<string, string>>): boolean {
  try {
    return connection.sdk.checkNotifySignV2({ ...form });
  } catch {
    return false;
  }
}

function contentIn(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}
