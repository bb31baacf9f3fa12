import type { EventData } from '@qingfen/contracts';
import type { OrderFact } from '@qingfen/core-settlement';
import { minor, parseAmount, ZERO } from '@qingfen/money';

/** The wire's order with amounts as minor units and instants as such. */
export function orderFactOf(data: EventData['order-completed']): OrderFact {
  return {
    shopId: data.shopId,
    orderId: data.orderId,
    currency: data.currency,
    paidAt: new Date(data.paidAt),
    completedAt: new Date(data.completedAt),
    ...(data.alipayTradeNo === undefined ? {} : { alipayTradeNo: data.alipayTradeNo }),
    ...(data.buyerPayeeId === undefined ? {} : { buyerPayeeId: data.buyerPayeeId }),
    ...(data.teamId === undefined ? {} : { teamId: data.teamId }),
    items: data.items.map((item) => ({
      itemId: item.itemId,
      supplierId: item.supplierId,
      kind: item.kind ?? 'goods',
      amountMinor: parseAmount(item.amount, data.currency),
      subsidyMinor: item.subsidy === undefined ? ZERO : parseAmount(item.subsidy, data.currency),
    })),
    distributors: withoutTrailingNulls(data.distributors),
  };
}

/** A missing level at the end says nothing, so whether it is spelt out makes no other fact. */
function withoutTrailingNulls(distributors: readonly (string | null)[]): (string | null)[] {
  const last = distributors.findLastIndex((payeeId) => payeeId !== null);
  return distributors.slice(0, last + 1);
}

interface OrderDocument {
  readonly paid: number;
  readonly completed: number;
  readonly trade: string | null;
  readonly buyer: string | null;
  readonly team: string | null;
  /** itemId, supplierId, kind, amount, subsidy; amounts are minor units. */
  readonly items: readonly (readonly [string, string, 'goods' | 'shipping', string, string])[];
  readonly distributors: readonly (string | null)[];
}

/**
 * An order as it is kept: one text for one fact, however it was spelt on the wire, so that "the same
 * fact" and "a contradiction" are a comparison of texts.
 */
export function documentOf(order: OrderFact): string {
  const document: OrderDocument = {
    paid: order.paidAt.getTime(),
    completed: order.completedAt.getTime(),
    trade: order.alipayTradeNo ?? null,
    buyer: order.buyerPayeeId ?? null,
    team: order.teamId ?? null,
    items: order.items.map((item) => [
      item.itemId,
      item.supplierId,
      item.kind,
      item.amountMinor.toString(),
      item.subsidyMinor.toString(),
    ]),
    distributors: order.distributors,
  };
  return JSON.stringify(document);
}

/** An order's row as it is kept: its document, and what its rates followed when it came. */
export interface OrderRow {
  readonly shop_id: string;
  readonly order_id: string;
  readonly currency: string;
  readonly document: OrderDocument;
  readonly rate_facts: Readonly<Record<string, string>> | null;
}

/** The columns of an {@link OrderRow}. */
export const orderColumns = 'shop_id, order_id, currency, document, rate_facts';

/** The order that {@link documentOf} wrote. */
export function orderOfRow(row: OrderRow): OrderFact {
  const { document, rate_facts: facts } = row;
  return {
    shopId: row.shop_id,
    orderId: row.order_id,
    currency: row.currency,
    paidAt: new Date(document.paid),
    completedAt: new Date(document.completed),
    ...(document.trade === null ? {} : { alipayTradeNo: document.trade }),
    ...(document.buyer === null ? {} : { buyerPayeeId: document.buyer }),
    ...(document.team === null ? {} : { teamId: document.team }),
    items: document.items.map(([itemId, supplierId, kind, amount, subsidy]) => ({
      itemId,
      supplierId,
      kind,
      amountMinor: minor(BigInt(amount)),
      subsidyMinor: minor(BigInt(subsidy)),
    })),
    distributors: document.distributors,
    ...(facts === null ? {} : { rateFacts: new Map(Object.entries(facts).map(factOf)) }),
  };
}

function factOf([key, value]: [string, string]): [string, bigint] {
  return [key, BigInt(value)];
}

export type { OrderDocument };
