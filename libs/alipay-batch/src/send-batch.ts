import { callAlipay, classify, notTaken, textIn } from '@qingfen/alipay';
import type { AlipayConnection, NotTaken } from '@qingfen/alipay';

import { BATCH_WAY, readBatchRequest } from './batch-request.js';
import type { StoredBatch } from './batch-request.js';

/**
 * What came of giving a batch to Alipay. `accepted` says that it has it, and nothing of its
 * payments: each is asked for by itself.
 */
export type BatchOutcome = { readonly kind: 'accepted'; readonly batchTransId: string } | NotTaken;

/**
 * Gives a stored batch to Alipay. Sending the same again makes no second batch: Alipay refuses a
 * number that it has, which is `unclear` with `isConflict` here, and asking tells the rest. Never
 * throws for what Alipay or the network does; call it outside any database transaction, with the
 * request committed before.
 *
 * @throws Error when the request is not one of this merchant, or would not go out byte for byte.
 */
export async function sendBatch(
  stored: StoredBatch,
  connection: AlipayConnection,
): Promise<BatchOutcome> {
  if (stored.appId !== connection.appId) {
    throw new Error(`the stored batch is one of app ${stored.appId}, not ${connection.appId}`);
  }
  const answer = await callAlipay(connection, stored.method, readBatchRequest(stored));
  const outcome = classify(answer);
  if (outcome.kind !== 'accepted') return notTaken(outcome);
  const batchTransId = textIn(outcome.node, 'batchTransId');
  const isOurs = textIn(outcome.node, 'outBatchNo') === stored.outBatchNo;
  if (batchTransId === null || !isOurs) {
    const why = 'the answer does not name our batch';
    return { kind: 'unclear', why, isConflict: false, isListed: true };
  }
  return { kind: 'accepted', batchTransId };
}

/** The page on which the payer confirms a batch: signed, good for as long as the batch waits. */
export function confirmationLink(connection: AlipayConnection, batchTransId: string): string {
  const bizContent = { order_id: batchTransId, ...BATCH_WAY };
  return connection.sdk.pageExec('alipay.fund.trans.page.pay', 'GET', { bizContent });
}

/** What came of closing a batch that nobody has confirmed. */
export type CloseOutcome = { readonly kind: 'closed' } | NotTaken;

/**
 * Closes a batch: nothing of it can be paid any more. Refused (class N) once it was confirmed.
 */
export async function closeBatch(
  connection: AlipayConnection,
  batchTransId: string,
): Promise<CloseOutcome> {
  const bizContent = { batch_trans_id: batchTransId, ...BATCH_WAY };
  const outcome = classify(await callAlipay(connection, 'alipay.fund.batch.close', bizContent));
  if (outcome.kind !== 'accepted') return notTaken(outcome);
  const status = textIn(outcome.node, 'status');
  if (status === 'DISUSE') return { kind: 'closed' };
  const why = `Alipay answered status ${status ?? 'none'}`;
  return { kind: 'unclear', why, isConflict: false, isListed: false };
}
