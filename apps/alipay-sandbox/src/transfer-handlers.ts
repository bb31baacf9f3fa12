import type { CheckedCall } from './checks.js';
import { ask, reasonOf } from './fate.js';
import { objectIn, textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import { transferNotification } from './notification.js';
import { balanceAnswer, findTransfer, queryAnswer } from './query.js';
import type { SandboxState } from './state.js';
import { decideTransfer, transferAnswer } from './transfer-decision.js';
import { readTransferRequest } from './transfer-request.js';
import { transferKey } from './transfer-room.js';

/** `alipay.fund.trans.uni.transfer` */
export const transferHandler: Handler = {
  lockOf({ merchant, biz }) {
    const number = textOf(biz, 'out_biz_no');
    if (number === '') return null;
    const [product, scene] = [textOf(biz, 'product_code'), textOf(biz, 'biz_scene')];
    return transferKey(merchant.terms.appId, product, scene, number);
  },
  identitiesIn(_state, { biz }) {
    const identity = textOf(objectIn(biz, 'payee_info') ?? {}, 'identity');
    return identity === '' ? [] : [identity];
  },
  decide: transfer,
};

/** `alipay.fund.trans.common.query` */
export const transferQueryHandler: Handler = {
  identitiesIn(state, { merchant, biz }) {
    const found = findTransfer(state, merchant, biz);
    return 'transfer' in found ? [found.transfer.record.identity] : [];
  },
  decide: query,
};

/** `alipay.fund.account.query` */
export const balanceHandler: Handler = {
  decide: (_state, { merchant, biz }) => answerOnly(balanceAnswer(merchant, biz)),
};

function transfer(state: SandboxState, call: CheckedCall, { at, fate }: Circumstances): Result {
  const { terms } = call.merchant;
  const read = readTransferRequest(call.biz, terms.sceneRule);
  if ('refused' in read) return answerOnly(read.refused);
  const decision = decideTransfer(state, call.merchant, read.request, at, fate);
  if (decision.kind === 'refused') return answerOnly(decision.node);
  if (decision.kind === 'repeat') {
    return answerOnly(transferAnswer(decision.transfer.record, decision.transfer.status));
  }
  const { record } = decision;
  const { status, orderId } = record;
  const change = { status, at };
  const told = status === 'SUCCESS' ? transferNotification(state, terms, record, change, 0) : [];
  const records = [record, ...told];
  const node = transferAnswer(record, status);
  if (fate?.becomes !== 'REFUND' || fate.afterQueries > 0) return { node, executed: true, records };
  const back = { status: fate.becomes, at, ...reasonOf(fate) };
  return {
    node,
    executed: true,
    records: [
      ...records,
      { t: 'status', orderId, ...back },
      ...transferNotification(state, terms, record, back, told.length),
    ],
  };
}

function query(state: SandboxState, call: CheckedCall, { at }: Circumstances): Result {
  const found = findTransfer(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { seen, becomes, records } = ask(found.transfer, at);
  const node = queryAnswer(seen);
  if (becomes === null) return { node, executed: false, records };
  const { errorCode, failReason, record } = seen;
  const change = { status: becomes, at, errorCode, failReason };
  const told = transferNotification(state, call.merchant.terms, record, change, 0);
  return { node, executed: false, records: [...records, ...told] };
}
