import { callAlipay, classify, notTaken, textIn, tradeErrorRule } from '@qingfen/alipay';
import type { AlipayConnection, NotTaken } from '@qingfen/alipay';

import { readSettleRequest } from './settle-request.js';
import type { StoredSettle } from './settle-request.js';

/**
 * What came of giving a split to Alipay. An accepted `sync` split is done; of an `async` one each leg
 * is asked for.
 */
export type SettleOutcome = { readonly kind: 'accepted'; readonly settleNo: string } | NotTaken;

/**
 * Gives a stored split to Alipay. What is `unclear` is settled by the same request again: Alipay
 * answers one number once with money, and every time after with the same. Never throws for what
 * Alipay or the network does; call it outside any database transaction, with the request committed
 * before.
 *
 * @throws Error when the request is not one of this merchant, or would not go out byte for byte.
 */
export async function sendSettle(
  stored: StoredSettle,
  connection: AlipayConnection,
): Promise<SettleOutcome> {
  if (stored.appId !== connection.appId) {
    throw new Error(`the stored split is one of app ${stored.appId}, not ${connection.appId}`);
  }
  const answer = await callAlipay(connection, stored.method, readSettleRequest(stored));
  const outcome = classify(answer, tradeErrorRule);
  if (outcome.kind !== 'accepted') return notTaken(outcome);
  const settleNo = textIn(outcome.node, 'settleNo');
  if (settleNo === null || textIn(outcome.node, 'tradeNo') !== stored.tradeNo) {
    const why = 'the answer does not name our trade';
    return { kind: 'unclear', why, isConflict: false, isListed: true };
  }
  return { kind: 'accepted', settleNo };
}
