import type { BatchRecord } from './batch-records.js';
import { notificationOf } from './notification.js';
import type { BookRecord, MerchantTerms, NotificationRecord } from './records.js';
import type { SandboxState } from './state.js';
import { fen, yuan } from './yuan.js';

const METHOD = 'alipay.fund.batch.order.changed';

/**
 * What is told once every detail has ended. The name of the message is in several consumers' code;
 * Alipay's own list of its members was not found, so it has those that they read.
 */
export function batchNotification(
  state: SandboxState,
  terms: MerchantTerms,
  batch: BatchRecord,
  ended: readonly BookRecord[],
  at: number,
): NotificationRecord[] {
  let successMinor = 0n;
  let successes = 0;
  for (const record of ended) {
    if (record.t !== 'transfer') continue;
    if (record.status === 'DEALING') return [];
    successes += 1;
    successMinor += fen(record.amount);
  }
  return toldOf(state, terms, batch, { successMinor, successes, at });
}

/** The same, of a batch whose last open detail has ended. */
export function toldOf(
  state: SandboxState,
  terms: MerchantTerms,
  batch: BatchRecord,
  end: { successMinor: bigint; successes: number; at: number },
): NotificationRecord[] {
  const { successMinor, successes, at } = end;
  const failures = batch.details.length - successes;
  const some = successes === 0 ? 'FAIL' : 'PART_SUCCESS';
  const content = {
    out_batch_no: batch.outBatchNo,
    batch_trans_id: batch.batchTransId,
    product_code: batch.productCode,
    biz_scene: batch.bizScene,
    batch_status: failures === 0 ? 'SUCCESS' : some,
    total_amount: batch.total,
    total_item_count: String(batch.details.length),
    success_count: String(successes),
    success_amount: yuan(successMinor),
    fail_count: String(failures),
    fail_amount: yuan(fen(batch.total) - successMinor),
  };
  return notificationOf(state, { terms, method: METHOD, content, at, offset: 0 });
}
