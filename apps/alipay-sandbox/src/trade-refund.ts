import { createHash } from 'node:crypto';

import type { BizContent, CheckedCall } from './checks.js';
import { beijingTime } from './clock.js';
import { amountIn, badText, canonicalJson, objectsIn, optionalText, textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler, Result } from './handler.js';
import { availableMinor } from './money.js';
import type { Node } from './protocol.js';
import { refusal, success } from './refusals.js';
import { keptMinor } from './royalty-details.js';
import type { SandboxState } from './state.js';
import { buyerOf, findTrade, tradeStatus } from './trade-query.js';
import type { RoyaltyReturnRecord, TradeRefundRecord } from './trade-records.js';
import type { Trade } from './trade-room.js';
import { fen, yuan } from './yuan.js';

/** What is to go back, read and found well-formed. */
interface RefundRequest {
  readonly outRequestNo: string;
  readonly amountMinor: bigint;
  readonly reason: string | null;
  readonly returns: readonly { readonly account: string; readonly amountMinor: bigint }[];
  readonly digest: string;
}

/** `alipay.trade.refund`: back to the buyer, parts of splits back from their payees first. */
export const refundHandler: Handler = {
  lockOf({ merchant, biz }) {
    const names = ['trade_no', 'out_trade_no', 'out_request_no'].map((name) => textOf(biz, name));
    return JSON.stringify(['refund', merchant.terms.appId, ...names]);
  },
  decide: refund,
};

function refund(state: SandboxState, call: CheckedCall, { at }: Circumstances): Result {
  const found = findTrade(state, call.merchant, call.biz);
  if ('refused' in found) return answerOnly(found.refused);
  const { trade } = found;
  const request = readRefund(call.biz, trade);
  if (typeof request === 'string') return invalid(request);
  const earlier = trade.refunds.find((known) => known.outRequestNo === request.outRequestNo);
  if (earlier !== undefined) {
    const same = earlier.digest === request.digest;
    return answerOnly(
      same
        ? refundAnswer(trade, earlier, trade.refundedMinor, 'N')
        : refusal('ACQ.DISCORDANT_REPEAT_REQUEST'),
    );
  }
  const returns = returnsOf(state, trade, request, at);
  const refused =
    againstTrade(trade, request, at) ??
    (typeof returns === 'string' ? returns : againstMoney(call, trade, request));
  if (refused !== undefined || typeof returns === 'string') {
    return answerOnly(refusal(refused ?? 'ACQ.SYSTEM_ERROR'));
  }
  const { appId, tradeNo } = trade.record;
  const record: TradeRefundRecord = {
    t: 'trade-refund',
    appId,
    tradeNo,
    outRequestNo: request.outRequestNo,
    amount: yuan(request.amountMinor),
    reason: request.reason,
    at,
    digest: request.digest,
  };
  const refundedMinor = trade.refundedMinor + request.amountMinor;
  const node = refundAnswer(trade, record, refundedMinor, 'Y');
  return { node, executed: true, records: [...returns, record] };
}

/** What a repeat under the same number must have too: amount, and what comes back of splits. */
export function refundDigest(amountMinor: bigint, given: unknown): string {
  const compared = { amount: yuan(amountMinor), given: given ?? null };
  return createHash('sha256').update(canonicalJson(compared)).digest('hex');
}

/** The name of what is wrong, or the request. A whole refund needs no number of its own. */
function readRefund(biz: BizContent, trade: Trade): RefundRequest | string {
  const bad =
    badText(biz, 'out_request_no', 64, false) ?? badText(biz, 'refund_reason', 256, false);
  if (bad !== undefined) return bad;
  const amountMinor = amountIn(biz, 'refund_amount');
  if (amountMinor === undefined || amountMinor <= 0n) return 'refund_amount';
  const isWhole = amountMinor === trade.totalMinor;
  const outRequestNo = textOf(biz, 'out_request_no') || (isWhole ? trade.record.outTradeNo : '');
  if (outRequestNo === '') return 'out_request_no';
  const given = biz['refund_royalty_parameters'];
  const parameters = given === undefined ? [] : objectsIn(biz, 'refund_royalty_parameters');
  if (parameters === undefined) return 'refund_royalty_parameters';
  const returns: { account: string; amountMinor: bigint }[] = [];
  for (const parameter of parameters) {
    const account = textOf(parameter, 'trans_out');
    const partMinor = amountIn(parameter, 'amount');
    if (account === '') return 'trans_out';
    if (partMinor === undefined || partMinor <= 0n) return 'amount';
    if ((textOf(parameter, 'royalty_type') || 'transfer') !== 'transfer') return 'royalty_type';
    returns.push({ account, amountMinor: partMinor });
  }
  const digest = refundDigest(amountMinor, given);
  return { outRequestNo, amountMinor, reason: optionalText(biz, 'refund_reason'), returns, digest };
}

function againstTrade(trade: Trade, request: RefundRequest, at: number): string | undefined {
  const status = tradeStatus(trade, at);
  if (status === 'TRADE_CLOSED') return 'ACQ.TRADE_HAS_CLOSE';
  if (status === 'TRADE_FINISHED') return 'ACQ.TRADE_HAS_FINISHED';
  return trade.refundedMinor + request.amountMinor > trade.totalMinor
    ? 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL'
    : undefined;
}

/** The seller pays from the trade's frozen money, from what comes back, and from the balance. */
function againstMoney(
  { merchant }: CheckedCall,
  trade: Trade,
  { amountMinor, returns }: RefundRequest,
): string | undefined {
  const back = returns.reduce((sum, part) => sum + part.amountMinor, 0n);
  if (back > amountMinor) return 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR';
  const has = availableMinor(merchant) + trade.frozenMinor + back;
  return has < amountMinor ? 'ACQ.SELLER_BALANCE_NOT_ENOUGH' : undefined;
}

/** What goes back of which leg, the oldest first; a sub-code when a payee cannot give it back. */
function returnsOf(
  state: SandboxState,
  trade: Trade,
  request: RefundRequest,
  at: number,
): RoyaltyReturnRecord[] | string {
  const records: RoyaltyReturnRecord[] = [];
  const legs = trade.settles.flatMap(({ settleNo }) => state.transfers.partsOf(settleNo));
  const left = new Map(legs.map((leg) => [leg, keptMinor(leg)]));
  const balances = new Map<string, bigint>();
  for (const { account: name, amountMinor } of request.returns) {
    const account = state.money.accountOf(name);
    const own = legs.filter((leg) => leg.account.identity === account.identity);
    if (own.length === 0) return 'ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST';
    const balance = balances.get(account.identity) ?? account.balanceMinor;
    if (balance < amountMinor) return 'ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH';
    balances.set(account.identity, balance - amountMinor);
    let wanted = amountMinor;
    for (const leg of own) {
      const kept = left.get(leg) ?? 0n;
      const part = kept < wanted ? kept : wanted;
      if (part === 0n) continue;
      left.set(leg, kept - part);
      wanted -= part;
      const { orderId } = leg.record;
      const { outRequestNo } = request;
      records.push({ t: 'royalty-returned', orderId, outRequestNo, amount: yuan(part), at });
    }
    if (wanted > 0n) return 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR';
  }
  return records;
}

/** `refund_fee` is all that was refunded so far; `fund_change` says whether this call moved money. */
function refundAnswer(
  trade: Trade,
  record: TradeRefundRecord,
  refundedMinor: bigint,
  change: 'Y' | 'N',
): Node {
  const { tradeNo, outTradeNo } = trade.record;
  return success({
    trade_no: tradeNo,
    out_trade_no: outTradeNo,
    ...buyerOf(trade),
    fund_change: change,
    refund_fee: yuan(refundedMinor),
    send_back_fee: yuan(fen(record.amount)),
    gmt_refund_pay: beijingTime(record.at),
    refund_detail_item_list: [{ fund_channel: 'ALIPAYACCOUNT', amount: record.amount }],
  });
}

function invalid(name: string): Result {
  return answerOnly(refusal('ACQ.INVALID_PARAMETER', name));
}
