import type { z } from 'zod';

import { beijingDay, isoInstant, parseInstant } from './clock.js';
import type { refundBody, tradeBody } from './control-bodies.js';
import { Problem } from './problem.js';
import type { SandboxState } from './state.js';
import { tradeStatus } from './trade-query.js';
import type { TradeRecord, TradeRefundRecord } from './trade-records.js';
import { refundDigest } from './trade-refund.js';
import type { Trade } from './trade-room.js';
import { fen, yuan } from './yuan.js';

/**
 * A buyer's payment as a test wishes it, at a business instant.
 *
 * @throws Problem when one of its numbers is taken, or the fee is more than the payment.
 */
export function tradeOf(
  state: SandboxState,
  appId: string,
  wish: z.infer<typeof tradeBody>,
  nowMs: number,
): TradeRecord {
  const at = wish.at === undefined ? nowMs : (parseInstant(wish.at) ?? nowMs);
  const number = String(state.trades.all.length + 1).padStart(15, '0');
  const tradeNo = wish.tradeNo ?? `${beijingDay(at).replaceAll('-', '')}22001${number}`;
  const outTradeNo = wish.outTradeNo ?? `T${number}`;
  if (state.trades.byTradeNo(tradeNo) !== undefined) {
    throw new Problem(409, 'exists', `there is a trade ${tradeNo} already`);
  }
  if (state.trades.byOutTradeNo(appId, outTradeNo) !== undefined) {
    throw new Problem(409, 'exists', `${appId} has a trade ${outTradeNo} already`);
  }
  const fee = wish.fee ?? '0.00';
  if (fen(fee) > fen(wish.amount)) throw new Problem(422, 'invalid', '/fee: more than the amount');
  const buyerLogonId = wish.buyer ?? 'buyer@example.com';
  return {
    t: 'trade',
    appId,
    tradeNo,
    outTradeNo,
    amount: yuan(fen(wish.amount)),
    subject: wish.subject ?? '商品',
    buyerLogonId,
    buyerUserId: state.money.accountOf(buyerLogonId).userId,
    royaltyFreeze: wish.royaltyFreeze ?? false,
    fee: yuan(fen(fee)),
    at,
  };
}

/**
 * A refund as a test wishes it, at a business instant and whatever the balance: `alipay.trade.refund` itself
 * knows only now.
 *
 * @throws Problem when the trade is not there, its number is taken, or less is left of it.
 */
export function refundOf(
  state: SandboxState,
  appId: string,
  wish: z.infer<typeof refundBody>,
  nowMs: number,
): TradeRefundRecord {
  const { tradeNo, reason = null } = wish;
  const trade = state.trades.byTradeNo(tradeNo);
  if (trade?.record.appId !== appId) {
    throw new Problem(404, 'not-found', `${appId} has no trade ${tradeNo}`);
  }
  const outRequestNo = wish.requestNo ?? `R${trade.refunds.length + 1}`;
  if (trade.refunds.some((known) => known.outRequestNo === outRequestNo)) {
    throw new Problem(409, 'exists', `${tradeNo} has a refund ${outRequestNo} already`);
  }
  const amountMinor = fen(wish.amount);
  if (trade.refundedMinor + amountMinor > trade.totalMinor) {
    throw new Problem(422, 'invalid', '/amount: more than is left of the trade');
  }
  return {
    t: 'trade-refund',
    ...{ appId, tradeNo, outRequestNo, amount: yuan(amountMinor), reason },
    at: wish.at === undefined ? nowMs : (parseInstant(wish.at) ?? nowMs),
    digest: refundDigest(amountMinor, undefined),
  };
}

/** A trade and what has become of its money. */
export function tradeView(trade: Trade, nowMs: number): unknown {
  const { t: _kind, at, ...record } = trade.record;
  return {
    ...record,
    at: isoInstant(at),
    status: tradeStatus(trade, nowMs),
    refunded: yuan(trade.refundedMinor),
    split: yuan(trade.splitMinor),
    frozen: yuan(trade.frozenMinor),
    finished: trade.finished,
  };
}
