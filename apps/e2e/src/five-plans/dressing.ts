import type { CompletedOrder, Refund } from '@qingfen/testing';
import { fenOf, yuanOf } from '@qingfen/testing';

import type { FileMessage } from '../half-year/message.js';
import { chance } from './chance.js';
import { changingShop, factsShop, mixedShop, type PlannedShop, tieredShop } from './shops.js';

type Item = CompletedOrder['items'][number];

/** How often an order is the buyer's own purchase, and a line is subsidised. */
const ownPurchases = 0.2;
const subsidies = 0.1;
/** Every so many orders of several lines end with one for shipping. */
const shipping = 1 / 6;

/** A message of the file as a shop's own; what the file lacks is made up from names in it. */
export function dressed(
  message: FileMessage,
  shop: PlannedShop,
  orders: ReadonlyMap<string, CompletedOrder>,
): FileMessage {
  const { shopId } = shop;
  switch (message.topic) {
    case 'order-completed': {
      const data = { ...dressedOrder(message.value.data, shop), shopId };
      return { ...message, value: { ...ownEnvelope(message, shopId), data } };
    }
    case 'order-refunded': {
      const data = { ...dressedRefund(message.value.data, shop, orders), shopId };
      return { ...message, value: { ...ownEnvelope(message, shopId), data } };
    }
    case 'payee-upserted': {
      const { alipay, payeeId } = message.value.data;
      const identity = `${shopId}.${payeeId}@example.test`;
      const own = alipay === undefined ? {} : { alipay: { ...alipay, identity } };
      const data = { ...message.value.data, ...own, shopId };
      return { ...message, value: { ...ownEnvelope(message, shopId), data } };
    }
    default: {
      const never: never = message;
      return never;
    }
  }
}

/** One system speaks for one shop, and names its events once. */
function ownEnvelope<T extends FileMessage>(message: T, shopId: string): T['value'] {
  return { ...message.value, source: `/shops/${shopId}/orders` };
}

function dressedOrder(order: CompletedOrder, shop: PlannedShop): CompletedOrder {
  const { orderId } = order;
  switch (shop) {
    case mixedShop:
      return { ...order, items: order.items.map((item) => subsidised(orderId, item)) };
    case tieredShop: {
      const [first, second] = order.distributors;
      const buyer = chance(orderId, 'which level bought') < 0.7 ? first : (second ?? first);
      const isOwn = chance(orderId, 'own purchase') < ownPurchases;
      return isOwn && buyer != null ? { ...order, buyerPayeeId: buyer } : order;
    }
    case factsShop:
      return { ...order, alipayTradeNo: `2011${orderId.replace(/\D/g, '')}` };
    case changingShop: {
      const isShipped = order.items.length > 1 && chance(orderId, 'shipping') < shipping;
      const last = order.items.length - 1;
      const items = order.items.map((item, index): Item => {
        return isShipped && index === last ? { ...item, kind: 'shipping' } : item;
      });
      return { ...order, items };
    }
    default:
      return order;
  }
}

/** A tenth of some lines is paid by the platform. */
function subsidised(orderId: string, item: Item): Item {
  const tenth = fenOf(item.amount) / 10n;
  if (tenth === 0n || chance(orderId, item.itemId, 'subsidy') >= subsidies) return item;
  return { ...item, amount: yuanOf(fenOf(item.amount) - tenth), subsidy: yuanOf(tenth) };
}

/** Of a line whose subsidised part is given back too, the platform takes its part back. */
function dressedRefund(
  refund: Refund,
  shop: PlannedShop,
  orders: ReadonlyMap<string, CompletedOrder>,
): Refund {
  const order = orders.get(refund.orderId);
  if (shop !== mixedShop || order === undefined) return refund;
  const items = refund.items.map((row) => {
    const item = order.items.find(({ itemId }) => itemId === row.itemId);
    if (item === undefined) return row;
    const { amount, subsidy = '0.00' } = subsidised(refund.orderId, item);
    const over = fenOf(row.amount) - fenOf(amount);
    if (over <= 0n) return row;
    if (over > fenOf(subsidy)) throw new Error(`${refund.refundId} takes more than was paid`);
    return { ...row, amount, subsidy: yuanOf(over) };
  });
  return { ...refund, items };
}
