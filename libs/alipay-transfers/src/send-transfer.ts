import { callAlipay, classify, notTaken, readStored, textIn } from '@qingfen/alipay';
import type { AlipayConnection, Evidence, NotTaken, Outcome } from '@qingfen/alipay';

import { TRANSFER_METHOD } from './transfer-request.js';
import type { StoredRequest } from './transfer-request.js';

/** What came of giving the stored request to Alipay, as the core of payouts wants it. */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly evidence: Evidence }
  | { readonly kind: 'returned'; readonly evidence: Evidence }
  | NotTaken;

/**
 * Gives a stored request to Alipay: the one call of Qingfen that moves money. Sending the same
 * again
 * moves nothing twice. Never throws for what Alipay or the network does; call it outside any
 * database
 * transaction, with the request committed before.
 *
 * @throws Error when the request is not one of this merchant, or would not go out byte for byte.
 */
export async function sendTransfer(
  stored: StoredRequest,
  connection: AlipayConnection,
): Promise<SendOutcome> {
  if (stored.appId !== connection.appId) {
    throw new Error(`the stored request is one of app ${stored.appId}, not ${connection.appId}`);
  }
  const { outBizNo: number, bizContent: text } = stored;
  const bizContent = readStored({ number, numberField: 'out_biz_no', bizContent: text });
  return outcomeOf(classify(await callAlipay(connection, TRANSFER_METHOD, bizContent)));
}

function outcomeOf(outcome: Outcome): SendOutcome {
  return outcome.kind === 'accepted' ? acceptedAs(outcome.node) : notTaken(outcome);
}

/** Code 10000 only says that the order was taken: the status says what became of it. */
function acceptedAs(node: Readonly<Record<string, unknown>>): SendOutcome {
  const evidence = {
    outBizNo: textIn(node, 'outBizNo'),
    amountMinor: null,
    alipayOrderId: textIn(node, 'orderId'),
  };
  const status = textIn(node, 'status') ?? 'none';
  if (status === 'SUCCESS') return { kind: 'accepted', evidence };
  if (status === 'REFUND') return { kind: 'returned', evidence };
  const isListed = ['FAIL', 'DEALING', 'WAIT_PAY', 'CLOSED'].includes(status);
  return { kind: 'unclear', why: `Alipay answered status ${status}`, isConflict: false, isListed };
}
