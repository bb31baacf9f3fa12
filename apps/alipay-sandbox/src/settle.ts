import type { CheckedCall } from './checks.js';
import { beijingDay } from './clock.js';
import { DetailFaults } from './detail-faults.js';
import { fateOf } from './faults.js';
import { objectsIn, textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import { availableMinor } from './money.js';
import type { Account } from './money.js';
import { royaltyRatioOf } from './merchants.js';
import type { Node } from './protocol.js';
import type { BookRecord, Fate, TransferRecord } from './records.js';
import { refusal, success } from './refusals.js';
import { detailsOf } from './royalty-details.js';
import type { RoyaltyDetail } from './royalty-details.js';
import { settleNotification } from './settle-notification.js';
import { readSettle } from './settle-request.js';
import type { SettleLeg, SettleRequest } from './settle-request.js';
import type { SandboxState } from './state.js';
import { findTrade, tradeStatus } from './trade-query.js';
import type { SettleRecord } from './trade-records.js';
import type { Trade } from './trade-room.js';
import { orderIds } from './transfer-decision.js';
import type { Transfer } from './transfer-room.js';
import { fen, yuan } from './yuan.js';

/** Alipay wants so long between a payment and its first split. */
const AFTER_PAYMENT_MS = 30_000;

/** `alipay.trade.order.settle` */
export const settleHandler: Handler = {
  lockOf({ merchant, biz }) {
    return JSON.stringify(['settle', merchant.terms.appId, textOf(biz, 'out_request_no')]);
  },
  identitiesIn(_state, { biz }) {
    return (objectsIn(biz, 'royalty_parameters') ?? []).map((leg) => textOf(leg, 'trans_in'));
  },
  decide: settle,
};

/**
 * A number is used up by acceptance alone: a refused split is executed when it is sent again. All
 * legs of a `sync` split succeed or none; of an `async` one each ends by itself.
 */
function settle(state: SandboxState, call: CheckedCall, circumstances: Circumstances): Result {
  if (royaltyRatioOf(call.merchant.terms) === null) return refused('ACQ.NOT_SUPPORT_ROYALTY');
  if (textOf(call.biz, 'trade_no') === '') return refused('ACQ.INVALID_PARAMETER');
  const found = findTrade(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { trade } = found;
  const request = readSettle(call.biz, trade);
  if (typeof request === 'string') return refused(request);
  const { appId } = call.merchant.terms;
  const earlier = state.trades.settleByRequest(appId, request.outRequestNo);
  if (earlier !== undefined) return repeated(earlier, trade, request);
  const subCode =
    againstTrade(trade, request, circumstances.at) ??
    againstReceivers(state, call, request) ??
    againstAmounts(call, trade, request);
  if (subCode !== undefined) return refused(subCode);
  return accepted(state, call, trade, request, circumstances);
}

function repeated(earlier: SettleRecord, trade: Trade, request: SettleRequest): Result {
  if (earlier.tradeNo !== trade.record.tradeNo) return refused('ACQ.DUP_OUT_REQUEST_NO');
  if (earlier.digest !== request.digest) return refused('ACQ.DISCORDANT_REPEAT_REQUEST');
  return answerOnly(settleAnswer(earlier));
}

function againstTrade(trade: Trade, request: SettleRequest, at: number): string | undefined {
  const status = tradeStatus(trade, at);
  if (status === 'TRADE_CLOSED') return 'ACQ.ALLOC_REFUSE_AFTER_REFUND';
  if (status === 'TRADE_FINISHED') return 'ACQ.TRADE_STATUS_ERROR';
  if (trade.finished) return 'ACQ.ALREADY_FINISH_ALLOC';
  if (at < trade.record.at + AFTER_PAYMENT_MS) return 'ACQ.TRADE_SETTLE_ERROR';
  const isOtherMode = trade.settles.some(({ mode }) => mode !== request.mode);
  return isOtherMode ? 'ACQ.INVALID_PARAMETER' : undefined;
}

function againstReceivers(
  state: SandboxState,
  { merchant }: CheckedCall,
  { legs, mode }: SettleRequest,
): string | undefined {
  const { appId, pid } = merchant.terms;
  const bound = state.trades.receiversOf(appId);
  for (const leg of legs) {
    const account = state.money.accountOf(leg.account);
    if (account.userId === pid) return 'ACQ.ROYALTY_ACCOUNTS_EQUAL';
    if (!bound.has(account.identity)) return 'ACQ.ROYALTY_RECEIVER_INVALID';
    const fault = mode === 'sync' ? accountFault(state, leg) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Why a receiver that was bound cannot be given its share now. */
function accountFault(
  state: SandboxState,
  { account: identity, name }: SettleLeg,
): string | undefined {
  const account = state.money.accountOf(identity);
  if (account.status === 'missing') return 'ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST';
  if (name !== null && account.name !== null && account.name !== name) {
    return 'ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH';
  }
  if (account.status === 'unverified') return 'ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY';
  return account.status === 'frozen' ? 'ACQ.ROYALTY_ACCOUNT_INVALID' : undefined;
}

/** The cap is on what is left of the trade after refunds, less what has been split of it. */
function againstAmounts(
  { merchant }: CheckedCall,
  trade: Trade,
  { legs, releases }: SettleRequest,
): string | undefined {
  const sumMinor = legs.reduce((sum, leg) => sum + leg.amountMinor, 0n);
  const ratio = BigInt(royaltyRatioOf(merchant.terms) ?? 0);
  const mostMinor = ((trade.totalMinor - trade.refundedMinor) * ratio) / 100n;
  if (legs.length > 0 && trade.splitMinor + sumMinor > mostMinor) {
    return 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR';
  }
  const isFrozen = trade.record.royaltyFreeze;
  const hasMinor = isFrozen ? trade.frozenMinor : availableMinor(merchant);
  if (hasMinor < sumMinor) return 'ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH';
  const isTooMuch = typeof releases === 'bigint' && trade.frozenMinor - sumMinor < releases;
  return isTooMuch ? 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR' : undefined;
}

function accepted(
  state: SandboxState,
  call: CheckedCall,
  trade: Trade,
  request: SettleRequest,
  { at, fate }: Circumstances,
): Result {
  const { appId, tradeNo } = trade.record;
  const settleNo = `${compactDay(at)}00253007${numbered(state.trades.settleCount + 1, 16)}`;
  const faults = new DetailFaults(state, appId, 'royalty-detail');
  const records: BookRecord[] = [];
  const details: RoyaltyDetail[] = [];
  for (const [index, leg] of request.legs.entries()) {
    const fault = faults.take(request.outRequestNo, leg.account);
    const failure =
      (fault?.fault === 'sub-code' ? fault.subCode : null) ?? accountFault(state, leg) ?? null;
    if (failure !== null && request.mode === 'sync') {
      return { ...refused(failure), records: faults.hits() };
    }
    const howManieth = state.transfers.all.length + index + 1;
    const legFate = fault === undefined ? fate : fateOf(fault);
    const place = { tradeNo, appId, settleNo, index, at, howManieth };
    const record = legRecord(request, leg, { ...place, failure, fate: legFate });
    records.push(record, ...failureOf(record, failure));
    const account = state.money.accountOf(leg.account);
    details.push(...detailsOf(asTransfer(record, account, failure)));
  }
  const record: SettleRecord = {
    t: 'settle',
    appId,
    tradeNo,
    outRequestNo: request.outRequestNo,
    settleNo,
    mode: request.mode,
    releases: typeof request.releases === 'bigint' ? yuan(request.releases) : request.releases,
    at,
    digest: request.digest,
  };
  const told = settleNotification(state, call.merchant.terms, record, details, at);
  const executed = details.some((detail) => detail.state !== 'FAIL');
  return {
    node: settleAnswer(record),
    executed,
    records: [...records, record, ...told, ...faults.hits()],
  };
}

/** A leg is a transfer of its own. */
function legRecord(
  request: SettleRequest,
  leg: SettleLeg,
  how: {
    tradeNo: string;
    appId: string;
    settleNo: string;
    index: number;
    at: number;
    howManieth: number;
    failure: string | null;
    fate: Fate | null;
  },
): TransferRecord {
  const { tradeNo, appId, settleNo, index, at, howManieth, failure, fate } = how;
  return {
    t: 'transfer',
    way: 'royalty',
    partOf: settleNo,
    tradeNo,
    appId,
    productCode: 'ROYALTY',
    bizScene: `${tradeNo}#${index}`,
    outBizNo: request.outRequestNo,
    identity: leg.account,
    identityType: IDENTITY_TYPES[leg.type],
    name: leg.name,
    amount: yuan(leg.amountMinor),
    status: failure !== null || fate !== null ? 'DEALING' : 'SUCCESS',
    orderId: `${compactDay(at)}10032004${numbered(howManieth, 12)}`,
    fundOrderId: orderIds(howManieth, at).fundOrderId,
    title: leg.desc ?? '分账',
    remark: leg.desc,
    passbackParams: null,
    at,
    digest: request.digest,
    fate: failure === null ? fate : null,
  };
}

/** A leg that fails was tried, and nothing of it is left. */
function failureOf({ orderId, at }: TransferRecord, failure: string | null): BookRecord[] {
  if (failure === null) return [];
  return [{ t: 'status', orderId, status: 'FAIL', at, ...reasonOfFailure(failure) }];
}

function reasonOfFailure(failure: string): { errorCode: string; failReason: string } {
  return { errorCode: failure.replace(/^ACQ\./, ''), failReason: '分账收入方账户异常' };
}

/** The leg as it will stand in the books. */
function asTransfer(record: TransferRecord, account: Account, failure: string | null): Transfer {
  const ended = failure === null ? record.status : 'FAIL';
  const reason =
    failure === null ? { errorCode: null, failReason: null } : reasonOfFailure(failure);
  const amountMinor = fen(record.amount);
  return { record, amountMinor, account, status: ended, queries: 0, returns: [], ...reason };
}

const IDENTITY_TYPES = {
  userId: 'ALIPAY_USER_ID',
  loginName: 'ALIPAY_LOGON_ID',
  openId: 'ALIPAY_OPEN_ID',
} as const;

function settleAnswer({ tradeNo, settleNo }: SettleRecord): Node {
  return success({ trade_no: tradeNo, settle_no: settleNo });
}

function refused(subCode: string): Result {
  return answerOnly(refusal(subCode));
}

function compactDay(at: number): string {
  return beijingDay(at).replaceAll('-', '');
}

function numbered(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
