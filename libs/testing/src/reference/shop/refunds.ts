import { fenOf } from '../../fen.js';
import { settleLine } from './owed.js';
import { placeHold } from './holds.js';
import type { KeptRefund, ReferenceOrder, ShopState } from './state.js';
import type { Hearing, Refund, RefundReversal } from './told.js';

/** Refunds as they are told: applied whole or refused whole, before and after their order (domain.md 5). */
export function hearRefund(shop: ShopState, data: Refund): Hearing {
  const key = refundKey(data);
  const known = shop.refunds.get(key);
  if (known !== undefined && known.state !== 'refused') {
    return refundText(known.data) === refundText(data) ? 'known' : 'refused';
  }
  const kept: KeptRefund = { data, state: 'waiting' };
  shop.refunds.delete(key);
  shop.refunds.set(key, kept);
  const order = shop.orders.get(data.orderId);
  if (shop.reversals.has(key)) kept.state = 'reversed';
  else if (order !== undefined) return judge(shop, order, kept);
  return 'counts';
}

/** A reversal gives the refund's amounts back; one that comes first cancels it when it comes. */
export function hearReversal(shop: ShopState, data: RefundReversal): Hearing {
  const key = refundKey(data);
  const atMs = Date.parse(data.at);
  const known = shop.reversals.get(key);
  if (known !== undefined) return known === atMs ? 'known' : 'refused';
  shop.reversals.set(key, atMs);
  const kept = shop.refunds.get(key);
  if (kept === undefined || kept.state === 'refused') return 'counts';
  const order = shop.orders.get(data.orderId);
  if (kept.state === 'applied' && order !== undefined) {
    move(order, kept.data, 1n);
    settle(shop, order, kept.data, { cause: 'refund-reversal', atMs });
  }
  kept.state = 'reversed';
  return 'counts';
}

/** Judges what was told before an order, in the order in which it was heard. @returns what is refused */
export function judgeWaiting(shop: ShopState, order: ReferenceOrder): readonly Refund[] {
  const waiting = [...shop.refunds.values()].filter(
    ({ data, state }) => state === 'waiting' && data.orderId === order.data.orderId,
  );
  return waiting.filter((kept) => judge(shop, order, kept) === 'refused').map(({ data }) => data);
}

/** Names a refund of an order. */
export function refundKey({ orderId, refundId }: { orderId: string; refundId: string }): string {
  return `${orderId} ${refundId}`;
}

function judge(shop: ShopState, order: ReferenceOrder, kept: KeptRefund): 'counts' | 'refused' {
  const { data } = kept;
  if (!fits(order, data)) {
    kept.state = 'refused';
    const { orderId: id, refundId: key } = data;
    placeHold(shop, { on: 'order', id, reason: 'refund-refused', key });
    return 'refused';
  }
  kept.state = 'applied';
  move(order, data, -1n);
  settle(shop, order, data, { cause: 'refund', atMs: Date.parse(data.refundedAt) });
  return 'counts';
}

/** Whether every line is one of the order's, and no more is taken of a part of it than is left. */
function fits(order: ReferenceOrder, data: Refund): boolean {
  for (const [itemId, { amountFen, subsidyFen }] of sumsOf(data)) {
    const line = order.lines.find(({ item }) => item.itemId === itemId);
    if (line === undefined) return false;
    if (amountFen > line.amountFen || subsidyFen > line.subsidyFen) return false;
  }
  return true;
}

function move(order: ReferenceOrder, data: Refund, sign: 1n | -1n): void {
  const sums = sumsOf(data);
  for (const line of order.lines) {
    const sum = sums.get(line.item.itemId);
    if (sum === undefined) continue;
    line.amountFen += sign * sum.amountFen;
    line.subsidyFen += sign * sum.subsidyFen;
  }
}

function settle(
  shop: ShopState,
  order: ReferenceOrder,
  data: Refund,
  when: { readonly cause: 'refund' | 'refund-reversal'; readonly atMs: number },
): void {
  const lines = new Set(data.items.map(({ itemId }) => itemId));
  for (const line of order.lines) {
    if (!lines.has(line.item.itemId)) continue;
    const { cause, atMs: correctionMaturesMs } = when;
    settleLine(shop, order, line, { cause, causeId: data.refundId, correctionMaturesMs });
  }
}

/** What is taken of each line; rows of one line are added up. */
function sumsOf(
  data: Refund,
): ReadonlyMap<string, { readonly amountFen: bigint; readonly subsidyFen: bigint }> {
  const sums = new Map<string, { amountFen: bigint; subsidyFen: bigint }>();
  for (const { itemId, amount, subsidy } of data.items) {
    const sum = sums.get(itemId) ?? { amountFen: 0n, subsidyFen: 0n };
    sum.amountFen += fenOf(amount);
    sum.subsidyFen += fenOf(subsidy ?? '0');
    sums.set(itemId, sum);
  }
  return sums;
}

/** What a refund says, whatever the order of its rows and the form of its amounts. */
function refundText(data: Refund): string {
  const sums = [...sumsOf(data)].map(([itemId, { amountFen, subsidyFen }]) => {
    return `${itemId} ${amountFen} ${subsidyFen}`;
  });
  return [Date.parse(data.refundedAt), ...sums.sort()].join('; ');
}
