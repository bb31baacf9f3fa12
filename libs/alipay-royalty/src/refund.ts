import {
  callAlipay,
  classify,
  cutText,
  notTaken,
  readStored,
  textIn,
  tradeErrorRule,
} from '@qingfen/alipay';
import type { AlipayConnection, NoAnswer, NotTaken, PayeeAccount } from '@qingfen/alipay';
import { formatAmount } from '@qingfen/money';
import type { Minor } from '@qingfen/money';

import { fenIn, unreadable } from './numbers.js';
import { receiverType } from './settle-request.js';

const METHOD = 'alipay.trade.refund';
const REASON_LENGTH_MAX = 256;
const SHARES_MAX = 50;

/** What goes back to a buyer, and which shares come back from payees for it. */
export interface RefundOrder {
  readonly appId: string;
  readonly tradeNo: string;
  readonly outRequestNo: string;
  readonly currency: string;
  readonly amountMinor: Minor;
  readonly reason: string;
  /** Taken back before the buyer is paid, at most what the payee still has of this trade. */
  readonly shares: readonly { readonly payee: PayeeAccount; readonly amountMinor: Minor }[];
}

/** The exact request, stored before the first send; goes over the wire byte for byte. */
export interface StoredRefund {
  readonly method: typeof METHOD;
  readonly appId: string;
  readonly outRequestNo: string;
  readonly tradeNo: string;
  readonly bizContent: string;
}

/** A refund that Alipay would refuse for its form. */
export class RefundRequestError extends Error {
  override readonly name = 'RefundRequestError';

  constructor(
    readonly field: 'appId' | 'outRequestNo' | 'tradeNo' | 'currency' | 'amount' | 'shares',
    message: string,
  ) {
    super(message);
  }
}

export type RefundOutcome =
  | {
      readonly kind: 'accepted';
      /** All that was refunded of the trade so far. */
      readonly refundedMinor: Minor;
      /** False where an earlier call of the same number had moved the money. */
      readonly isFirst: boolean;
    }
  | NotTaken;

export type RefundAnswer =
  | { readonly kind: 'done'; readonly amountMinor: Minor }
  /** Not received, or not successful: the same request again tells. */
  | { readonly kind: 'not-done' }
  | NoAnswer;

/**
 * Builds the request for a refund with its split return.
 *
 * @throws RefundRequestError when Alipay would refuse it for its form.
 */
export function buildRefundRequest(order: RefundOrder): StoredRefund {
  check(order);
  const reason = cutText(order.reason, REASON_LENGTH_MAX);
  const shares = order.shares.map(({ payee, amountMinor }) => ({
    royalty_type: 'transfer',
    trans_out: payee.identity,
    trans_out_type: receiverType(payee),
    amount: formatAmount(amountMinor, order.currency),
  }));
  const { appId, tradeNo, outRequestNo } = order;
  const bizContent = JSON.stringify({
    trade_no: tradeNo,
    out_request_no: outRequestNo,
    refund_amount: formatAmount(order.amountMinor, order.currency),
    ...(reason === '' ? {} : { refund_reason: reason }),
    ...(shares.length === 0 ? {} : { refund_royalty_parameters: shares }),
  });
  return { method: METHOD, appId, outRequestNo, tradeNo, bizContent };
}

/**
 * Gives a stored refund to Alipay; the same again moves nothing twice. Never throws for what Alipay
 * or the network does.
 *
 * @throws Error when the request is not one of this merchant, or would not go out byte for byte.
 */
export async function sendRefund(
  stored: StoredRefund,
  connection: AlipayConnection,
): Promise<RefundOutcome> {
  const { appId, outRequestNo: number, bizContent: text } = stored;
  if (appId !== connection.appId) {
    throw new Error(`the stored refund is one of app ${appId}, not ${connection.appId}`);
  }
  const bizContent = readStored({ number, numberField: 'out_request_no', bizContent: text });
  const outcome = classify(await callAlipay(connection, METHOD, bizContent), tradeErrorRule);
  if (outcome.kind !== 'accepted') return notTaken(outcome);
  const refundedMinor = fenIn(outcome.node, 'refundFee');
  if (refundedMinor === null || textIn(outcome.node, 'tradeNo') !== stored.tradeNo) {
    const why = 'the answer does not name our trade and what was refunded of it';
    return { kind: 'unclear', why, isConflict: false, isListed: true };
  }
  const isFirst = textIn(outcome.node, 'fundChange') === 'Y';
  return { kind: 'accepted', refundedMinor, isFirst };
}

/** Asks for a refund. Alipay wants ten seconds between a refund and the question after it. */
export async function askRefund(
  connection: AlipayConnection,
  which: { readonly tradeNo: string; readonly outRequestNo: string },
): Promise<RefundAnswer> {
  const bizContent = { trade_no: which.tradeNo, out_request_no: which.outRequestNo };
  const answer = await callAlipay(connection, 'alipay.trade.fastpay.refund.query', bizContent);
  const outcome = classify(answer, tradeErrorRule);
  if (outcome.kind !== 'accepted') return outcome;
  const { node } = outcome;
  if (textIn(node, 'refundStatus') !== 'REFUND_SUCCESS') return { kind: 'not-done' };
  const amountMinor = fenIn(node, 'refundAmount');
  const isOurs = textIn(node, 'outRequestNo') === which.outRequestNo;
  if (amountMinor === null || !isOurs) return unreadable('the answer does not name our refund');
  return { kind: 'done', amountMinor };
}

function check(order: RefundOrder): void {
  if (order.appId === '')
    throw new RefundRequestError('appId', 'there is no merchant to refund for');
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(order.outRequestNo)) {
    throw new RefundRequestError('outRequestNo', 'a number has 1 to 64 letters, digits, - or _');
  }
  if (!/^[A-Za-z0-9]{1,64}$/.test(order.tradeNo)) {
    throw new RefundRequestError('tradeNo', 'a trade’s number has 1 to 64 letters or digits');
  }
  if (order.currency !== 'CNY') {
    throw new RefundRequestError('currency', `Alipay refunds CNY, not ${order.currency}`);
  }
  if (order.amountMinor < 1n) {
    throw new RefundRequestError('amount', 'a refund is of at least 0.01 yuan');
  }
  const shares = order.shares.reduce((sum, share) => sum + share.amountMinor, 0n);
  const isBad = order.shares.some(({ amountMinor }) => amountMinor < 1n);
  if (isBad || order.shares.length > SHARES_MAX || shares > order.amountMinor) {
    const message = `at most ${SHARES_MAX} shares come back, together at most what is refunded`;
    throw new RefundRequestError('shares', message);
  }
}
