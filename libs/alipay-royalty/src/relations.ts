import {
  callAlipay,
  classify,
  notTaken,
  payeeProblem,
  textIn,
  tradeErrorRule,
} from '@qingfen/alipay';
import type { AlipayConnection, NoAnswer, NotTaken, PayeeAccount } from '@qingfen/alipay';

import { objectsIn, unreadable } from './numbers.js';
import { receiverType } from './settle-request.js';

/** Alipay takes so many receivers in one call. */
export const RECEIVERS_AT_ONCE_MAX = 20;
const PAGE_SIZE = 100;
const PAGES_MAX = 1000;

/** A payee that may be given shares of a merchant's trades. */
export interface BoundReceiver {
  readonly type: string;
  readonly account: string;
}

export type RelationOutcome = { readonly kind: 'done' } | NotTaken;
export type RelationList =
  { readonly kind: 'found'; readonly receivers: readonly BoundReceiver[] } | NoAnswer;
export type RoyaltyCap = { readonly kind: 'found'; readonly maxPercent: number } | NoAnswer;

/**
 * Binds receivers, who may then be given shares. Binding one again changes nothing, so the call may
 * be repeated. Alipay refuses all of them for one: a refusal does not say for whom.
 *
 * @throws Error for no receivers, more than 20, or one that Alipay would refuse for its form.
 */
export function bindReceivers(
  connection: AlipayConnection,
  outRequestNo: string,
  payees: readonly PayeeAccount[],
): Promise<RelationOutcome> {
  return change(connection, 'bind', outRequestNo, payees);
}

/**
 * Unbinds receivers; one that is not bound is no error.
 *
 * @throws Error for no receivers, more than 20, or one that Alipay would refuse for its form.
 */
export function unbindReceivers(
  connection: AlipayConnection,
  outRequestNo: string,
  payees: readonly PayeeAccount[],
): Promise<RelationOutcome> {
  return change(connection, 'unbind', outRequestNo, payees);
}

/** Every receiver that is bound, page by page. */
export async function listReceivers(
  connection: AlipayConnection,
  outRequestNo: string,
): Promise<RelationList> {
  const receivers: BoundReceiver[] = [];
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const outcome = await ask(connection, 'relation.batchquery', {
      out_request_no: outRequestNo,
      page_num: page,
      page_size: PAGE_SIZE,
    });
    if (outcome.kind !== 'accepted') return outcome;
    const list = objectsIn(outcome.node, 'receiverList');
    if (list === undefined) return unreadable('a receiver that is none');
    for (const one of list) {
      receivers.push({ type: textIn(one, 'type') ?? '', account: textIn(one, 'account') ?? '' });
    }
    const pages = outcome.node['totalPageNum'];
    if (typeof pages !== 'number' || page >= pages) return { kind: 'found', receivers };
  }
  return unreadable(`more than ${PAGES_MAX} pages of receivers`);
}

/** The most of a trade that may be split, in whole percent of what the buyer paid. */
export async function askRoyaltyCap(
  connection: AlipayConnection,
  outRequestNo: string,
): Promise<RoyaltyCap> {
  const outcome = await ask(connection, 'rate.query', { out_request_no: outRequestNo });
  if (outcome.kind !== 'accepted') return outcome;
  const percent = outcome.node['maxRatio'];
  const isCap = typeof percent === 'number' && Number.isInteger(percent);
  if (!isCap || percent < 0 || percent > 100) return unreadable('the answer names no cap');
  return { kind: 'found', maxPercent: percent };
}

async function change(
  connection: AlipayConnection,
  what: 'bind' | 'unbind',
  outRequestNo: string,
  payees: readonly PayeeAccount[],
): Promise<RelationOutcome> {
  if (payees.length === 0 || payees.length > RECEIVERS_AT_ONCE_MAX) {
    throw new Error(`receivers are bound 1 to ${RECEIVERS_AT_ONCE_MAX} at a time`);
  }
  const receivers = payees.map((payee) => {
    const problem = payeeProblem(payee);
    if (problem !== undefined) throw new Error(problem);
    const name = (payee.name ?? '') === '' ? {} : { name: payee.name };
    return { type: receiverType(payee), account: payee.identity, ...name };
  });
  const outcome = await ask(connection, `relation.${what}`, {
    out_request_no: outRequestNo,
    receiver_list: receivers,
  });
  if (outcome.kind !== 'accepted') return notTaken(outcome);
  const result = textIn(outcome.node, 'resultCode') ?? 'none';
  if (result === 'SUCCESS') return { kind: 'done' };
  const why = `Alipay answered result ${result}`;
  return { kind: 'unclear', why, isConflict: false, isListed: result === 'FAIL' };
}

async function ask(
  connection: AlipayConnection,
  name: string,
  bizContent: Readonly<Record<string, unknown>>,
): Promise<ReturnType<typeof classify>> {
  const answer = await callAlipay(connection, `alipay.trade.royalty.${name}`, bizContent);
  return classify(answer, tradeErrorRule);
}
