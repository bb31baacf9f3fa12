import { callAlipay, classify, textIn } from '@qingfen/alipay';
import type { AlipayConnection, AlipayFailure, Evidence, Outcome, Waiting } from '@qingfen/alipay';

import { TRANSFER_METHOD } from './transfer-request.js';
import type { StoredRequest } from './transfer-request.js';

/** What came of giving the stored request to Alipay, as the core of payouts wants it. */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly evidence: Evidence }
  | { readonly kind: 'returned'; readonly evidence: Evidence }
  | {
      readonly kind: 'refused';
      readonly class: 'N' | 'S' | 'C' | 'R';
      readonly waitsFor: Waiting;
      readonly payeeFault: boolean;
      readonly failure: AlipayFailure;
    }
  | {
      readonly kind: 'unclear';
      readonly why: string;
      readonly isConflict: boolean;
      /** False for a code that no list has: worth an alert. */
      readonly isListed: boolean;
    }
  | { readonly kind: 'not-sent'; readonly why: string };

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
  const bizContent = readBizContent(stored);
  return outcomeOf(classify(await callAlipay(connection, TRANSFER_METHOD, bizContent)));
}

/**
 * The stored text as the object that the SDK writes out again. The SDK renames keys to snake_case
 * and
 * calls JSON.stringify: with keys that are in snake_case already, and a text that JSON.stringify
 * wrote, the same bytes come out. Anything else is refused before it is sent.
 */
function readBizContent(stored: StoredRequest): Record<string, unknown> {
  const value: unknown = JSON.parse(stored.bizContent);
  if (typeof value !== 'object' || value === null || !isStable(value)) {
    throw new Error(`the stored request ${stored.outBizNo} would not go out as it is stored`);
  }
  if (JSON.stringify(value) !== stored.bizContent) {
    throw new Error(`the stored request ${stored.outBizNo} is not in the form it was written in`);
  }
  const bizContent: Record<string, unknown> = { ...value };
  if (bizContent['out_biz_no'] !== stored.outBizNo) {
    throw new Error(`the stored request ${stored.outBizNo} has another number inside`);
  }
  return bizContent;
}

function isStable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStable);
  return Object.entries(value).every(
    ([key, member]) => /^[a-z]+(_[a-z]+)*$/.test(key) && isStable(member),
  );
}

function outcomeOf(outcome: Outcome): SendOutcome {
  switch (outcome.kind) {
    case 'accepted':
      return acceptedAs(outcome.node);
    case 'refused':
      // Only S and C wait; for the others the word is never looked at.
      return { ...outcome, waitsFor: outcome.waitsFor ?? 'credentials' };
    case 'unknown': {
      const { why, isConflict, isListed } = outcome;
      return { kind: 'unclear', why, isConflict, isListed };
    }
    case 'not-sent':
      return outcome;
  }
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
