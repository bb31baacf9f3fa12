import { fenOf, splitLine } from '@qingfen/testing';
import { plan, type Order } from '../orders.js';

const dayMs = 86_400_000;

/** What of an order stands in the books, each as one text that does not depend on row order. */
export interface OrderBook {
  /** `item|kind|level|payee|fen|maturesMs`, sorted, joined by commas. */
  readonly entries: string;
  /** `account=fen` (debits positive), one for each account, sorted, joined by commas. */
  readonly legs: string;
}

/** Books by order id, from domain.md and big.js alone: no line of this is the product's. */
export function expectedBooks(orders: readonly Order[]): ReadonlyMap<string, OrderBook> {
  return new Map(orders.map((order) => [order.orderId, expectedBook(order)]));
}

function expectedBook(order: Order): OrderBook {
  const maturesMs = Date.parse(order.completedAt) + plan.returnWindowDays * dayMs;
  const entries: string[] = [];
  const accounts = new Map<string, bigint>();
  const move = (account: string, fen: bigint): void => {
    accounts.set(account, (accounts.get(account) ?? 0n) + fen);
  };
  for (const item of order.items) {
    const split = splitLine(plan, item, order.distributors);
    const owe = (kind: string, level: number | '', payeeId: string, fen: bigint): void => {
      if (fen === 0n) return;
      entries.push(entryText([item.itemId, kind, level, payeeId, fen, maturesMs]));
      const account = payeeId === '' ? 'revenue:platform-fee' : `payable:${kind}:${payeeId}`;
      move(account, -fen);
    };
    owe('platform-fee', '', '', split.feeMinor);
    for (const { level, payeeId, owedMinor } of split.commissions) {
      owe('commission', level, payeeId, owedMinor);
    }
    owe('supplier', '', item.supplierId, split.supplierMinor);
    const paid = fenOf(item.amount);
    const subsidy = fenOf(item.subsidy ?? '0.00');
    move('clearing', paid + subsidy);
    move('expense:subsidy', subsidy);
    move('clearing', -subsidy);
    if (order.alipayTradeNo === undefined) {
      move('owner', paid);
      move('clearing', -paid);
    }
  }
  return { entries: sortedText(entries), legs: legsText(accounts) };
}

function entryText(parts: readonly (string | number | bigint)[]): string {
  return parts.join('|');
}

/** Texts in one order, whatever order they came in. */
export function sortedText(texts: readonly string[]): string {
  return [...texts].sort().join(',');
}

function legsText(accounts: ReadonlyMap<string, bigint>): string {
  const moved = [...accounts].filter(([, fen]) => fen !== 0n);
  return sortedText(moved.map(([account, fen]) => `${account}=${fen}`));
}
