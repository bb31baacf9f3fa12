import { dayOf, fenOf, yuanOf } from '@qingfen/testing';

import type { FileMessage, Told } from './message.js';

/** What buyers pay at Alipay, and what they get back there. */
export type BuyerAct = {
  readonly shopId: string;
  readonly tradeNo: string;
  readonly amount: string;
  readonly at: string;
} & ({ readonly what: 'pay' } | { readonly what: 'refund'; readonly requestNo: string });

/** Messages whose orders name the trades that they were paid by, and what happens to these, by day. */
export interface PaidMessages {
  readonly messages: readonly FileMessage[];
  readonly acts: ReadonlyMap<string, readonly BuyerAct[]>;
}

/**
 * The file says when its orders were paid, and not by what: each gets a trade. Orders of 0.00 have none, and
 * refunds of orders that never come were paid before the file begins.
 */
export function withBuyers(messages: readonly FileMessage[]): PaidMessages {
  const acts = new Map<string, BuyerAct[]>();
  const note = (act: BuyerAct): void => {
    const day = dayOf(Date.parse(act.at));
    const others = acts.get(day);
    if (others === undefined) acts.set(day, [act]);
    else others.push(act);
  };
  const trades = new Map<string, string>();
  const paid = messages.map((message): FileMessage => {
    if (message.topic !== 'order-completed') return message;
    const { shopId, orderId, paidAt, items } = message.value.data;
    const amount = sumOf(items);
    if (amount === '0.00') return message;
    const tradeNo = tradeNoOf(paidAt, trades.size + 1);
    trades.set(`${shopId} ${orderId}`, tradeNo);
    note({ what: 'pay', shopId, tradeNo, amount, at: paidAt });
    return withTrade(message, tradeNo);
  });
  for (const { topic, value } of messages) {
    if (topic !== 'order-refunded') continue;
    const { shopId, orderId, refundId, refundedAt, items } = value.data;
    const tradeNo = trades.get(`${shopId} ${orderId}`);
    const amount = sumOf(items);
    if (tradeNo === undefined || amount === '0.00') continue;
    note({ what: 'refund', shopId, tradeNo, amount, at: refundedAt, requestNo: refundId });
  }
  return { messages: paid, acts };
}

function withTrade(message: Told<'order-completed'>, alipayTradeNo: string): FileMessage {
  const { value } = message;
  return { ...message, value: { ...value, data: { ...value.data, alipayTradeNo } } };
}

/** As Alipay's look: the day, five digits, and a number. */
function tradeNoOf(paidAt: string, number: number): string {
  const day = dayOf(Date.parse(paidAt)).replaceAll('-', '');
  return `${day}22001${String(number).padStart(15, '0')}`;
}

function sumOf(items: readonly { readonly amount: string }[]): string {
  return yuanOf(items.reduce((sum, { amount }) => sum + fenOf(amount), 0n));
}
