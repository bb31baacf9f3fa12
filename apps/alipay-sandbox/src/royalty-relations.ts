import type { BizContent, CheckedCall } from './checks.js';
import { objectsIn, optionalText, textOf, wholeIn } from './fields.js';
import { answerOnly } from './handler.js';
import type { Handler, Result } from './handler.js';
import { royaltyRatioOf } from './merchants.js';
import type { Node } from './protocol.js';
import { refusal, success } from './refusals.js';
import type { SandboxState } from './state.js';
import type { Receiver } from './trade-records.js';

const RECEIVERS_AT_ONCE_MAX = 20;
/** Alipay's own limit is not published. */
const RELATIONS_MAX = 20_000;
const PAGE_SIZE_MAX = 100;

/** `alipay.trade.royalty.relation.bind`: the same receiver may be bound again. */
export const bindHandler: Handler = { identitiesIn, decide: bind };

/** `alipay.trade.royalty.relation.unbind` */
export const unbindHandler: Handler = { identitiesIn, decide: unbind };

/** `alipay.trade.royalty.relation.batchquery` */
export const relationsHandler: Handler = { decide: relations };

/** `alipay.trade.royalty.rate.query` */
export const rateHandler: Handler = { decide: rate };

function identitiesIn(_state: SandboxState, { biz }: CheckedCall): string[] {
  return (objectsIn(biz, 'receiver_list') ?? []).map((receiver) => textOf(receiver, 'account'));
}

function bind(state: SandboxState, call: CheckedCall): Result {
  const { terms } = call.merchant;
  const read = readReceivers(call);
  if ('refused' in read) return answerOnly(read.refused);
  const { receivers } = read;
  const bound = state.trades.receiversOf(terms.appId);
  if (bound.size + receivers.length > RELATIONS_MAX) {
    return answerOnly(refusal('RELATION_QUANTITY_LIMIT'));
  }
  for (const receiver of receivers) {
    const subCode = againstAccount(state, receiver);
    if (subCode !== undefined) return answerOnly(refusal(subCode));
  }
  const { appId } = terms;
  return {
    node: success({ result_code: 'SUCCESS' }),
    executed: false,
    records: [{ t: 'royalty-bound', appId, receivers }],
  };
}

/** The sub-code with which a receiver's account cannot be bound. */
function againstAccount(
  state: SandboxState,
  { account: identity, name }: Receiver,
): string | undefined {
  const account = state.money.accountOf(identity);
  if (account.status === 'missing') return 'USER_NOT_EXIST';
  if (name !== null && account.name !== null && account.name !== name) {
    return 'USERNAME_NOT_MATCH';
  }
  if (account.status === 'unverified') return 'RECEIVER_ACCOUNT_NOT_CERTIFY';
  return account.status === 'frozen' ? 'RECEIVER_ACCOUNT_STATE_INVALID' : undefined;
}

function unbind(_state: SandboxState, call: CheckedCall): Result {
  const read = readReceivers(call);
  if ('refused' in read) return answerOnly(read.refused);
  const { appId } = call.merchant.terms;
  const accounts = read.receivers.map(({ account }) => account);
  return {
    node: success({ result_code: 'SUCCESS' }),
    executed: false,
    records: [{ t: 'royalty-unbound', appId, accounts }],
  };
}

function relations(state: SandboxState, { merchant, biz }: CheckedCall): Result {
  const refused = againstContract({ merchant, biz });
  if (refused !== undefined) return answerOnly(refused);
  const number = wholeIn(biz, 'page_num', 1);
  const size = wholeIn(biz, 'page_size', 20);
  if (number === undefined || size === undefined || number < 1) return invalid('page_num');
  if (size < 1 || size > PAGE_SIZE_MAX) return invalid('page_size');
  const all = [...state.trades.receiversOf(merchant.terms.appId).values()];
  const node = success({
    result_code: 'SUCCESS',
    receiver_list: all.slice((number - 1) * size, number * size).map((receiver) => ({
      type: receiver.type,
      account: receiver.account,
      ...(receiver.memo === null ? {} : { memo: receiver.memo }),
      ...(receiver.type === 'loginName' ? { login_name: receiver.account } : {}),
    })),
    total_page_num: Math.ceil(all.length / size),
    total_record_num: all.length,
    current_page_num: number,
    current_page_size: size,
  });
  return answerOnly(node);
}

function rate(_state: SandboxState, { merchant, biz }: CheckedCall): Result {
  const refused = againstContract({ merchant, biz });
  if (refused !== undefined) return answerOnly(refused);
  const ratio = royaltyRatioOf(merchant.terms) ?? 0;
  return answerOnly(success({ user_id: merchant.terms.pid, max_ratio: ratio }));
}

function againstContract({
  merchant,
  biz,
}: Pick<CheckedCall, 'merchant' | 'biz'>): Node | undefined {
  if (royaltyRatioOf(merchant.terms) === null) return refusal('PRODUCT_UNSIGN');
  const isNumber = /^[A-Za-z0-9_]{1,32}$/.test(textOf(biz, 'out_request_no'));
  return isNumber ? undefined : refusal('INVALID_PARAMETER', 'out_request_no');
}

function readReceivers(call: CheckedCall): { receivers: Receiver[] } | { refused: Node } {
  const refused = againstContract(call);
  if (refused !== undefined) return { refused };
  const list = objectsIn(call.biz, 'receiver_list');
  if (list === undefined || list.length === 0) return { refused: refusal('RECEIVER_LIST_EMPTY') };
  if (list.length > RECEIVERS_AT_ONCE_MAX) return { refused: refusal('RECEIVER_LIST_OVERLOAD') };
  const receivers: Receiver[] = [];
  for (const given of list) {
    const receiver = readReceiver(given);
    if (typeof receiver === 'string') return { refused: refusal(receiver) };
    receivers.push(receiver);
  }
  return { receivers };
}

/** A receiver, or the sub-code that it deserves. A log-in name needs the holder's. */
function readReceiver(given: BizContent): Receiver | string {
  const type = textOf(given, 'type');
  if (type !== 'userId' && type !== 'loginName' && type !== 'openId') {
    return 'INVALID_RECEIVER_TYPE';
  }
  const account = textOf(given, 'account');
  const name = optionalText(given, 'name');
  const isTooLong = account.length > 128 || (name ?? '').length > 256;
  if (account === '' || isTooLong || (type === 'loginName' && name === null)) {
    return 'INVALID_PARAMETER';
  }
  return { type, account, name, memo: optionalText(given, 'memo') };
}

function invalid(name: string): Result {
  return answerOnly(refusal('INVALID_PARAMETER', name));
}
