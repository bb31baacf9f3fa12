import type { EventData } from '@qingfen/contracts';
import { yuanOf } from '@qingfen/testing';
import { midnightOf, shanghai, span, weeks } from './calendar.js';
import { type CastShop, shops } from './cast.js';
import { Random } from './random.js';

/** A completed order as it goes to Kafka. */
export type DemoOrder = EventData['order-completed'];

/** Something that an order system tells; refunds and disputes will be further members. */
export interface Telling {
  /** The day of the demo, from 0, on whose evening it is told. */
  readonly day: number;
  readonly order: DemoOrder;
}

const latestHour = 21;

/** Six weeks of orders, the same for the same seed. Every one was paid after the plans came out. */
export function inventOrders(seed: number): readonly Telling[] {
  const random = new Random(seed);
  const tellings: Telling[] = [];
  for (let day = 1; day < weeks * 7; day += 1) {
    for (const shop of shops) {
      const count = random.whole(...shop.ordersPerDay);
      for (let index = 1; index <= count; index += 1) {
        tellings.push({ day, order: inventOrder(random, shop, { day, index }) });
      }
    }
  }
  return tellings;
}

function inventOrder(
  random: Random,
  shop: CastShop,
  { day, index }: { readonly day: number; readonly index: number },
): DemoOrder {
  const completedMs = midnightOf(day) + random.whole(8 * 60, latestHour * 60) * span.minute;
  const daysBefore = random.whole(1, Math.min(day, 4));
  const paidMs = completedMs - daysBefore * span.day + random.whole(0, 90) * span.minute;
  const chain = random.pick(shop.chains);
  const seller = chain[0];
  // Now and then somebody in between has left, and now and then a distributor buys.
  const distributors = chain.map(({ payeeId }, level) =>
    level === 1 && random.chance(0.1) ? null : payeeId,
  );
  const isOwnPurchase = random.chance(0.06);
  return {
    shopId: shop.shopId,
    orderId: `${shop.shopId}-${String(day).padStart(2, '0')}-${index}`,
    currency: 'CNY',
    paidAt: shanghai(paidMs),
    completedAt: shanghai(completedMs),
    alipayTradeNo: `${shanghai(paidMs).slice(0, 10).replaceAll('-', '')}22001${random.whole(1e9, 9e9)}`,
    ...(isOwnPurchase && seller !== undefined ? { buyerPayeeId: seller.payeeId } : {}),
    items: inventItems(random, shop),
    distributors,
  };
}

function inventItems(random: Random, shop: CastShop): DemoOrder['items'] {
  const { lines, from, to } = shop.basket;
  const items: DemoOrder['items'][number][] = [];
  const goods = random.whole(1, lines);
  for (let itemId = 1; itemId <= goods; itemId += 1) {
    const fen = random.whole(from, to);
    const subsidyFen = random.chance(shop.subsidy) ? Math.floor(fen * 0.05) : 0;
    items.push({
      itemId: String(itemId),
      supplierId: random.pick(shop.suppliers).payeeId,
      amount: yuanOf(BigInt(fen - subsidyFen)),
      ...(subsidyFen > 0 ? { subsidy: yuanOf(BigInt(subsidyFen)) } : {}),
      kind: 'goods',
    });
  }
  if (random.chance(shop.shipping)) {
    items.push({
      itemId: 'delivery',
      supplierId: random.pick(shop.suppliers).payeeId,
      amount: yuanOf(BigInt(random.whole(600, 2_500))),
      kind: 'shipping',
    });
  }
  return items;
}
