import { yuanOf } from '@qingfen/testing';
import { midnightOf, shanghai, span, weeks } from './calendar.js';
import { type CastPayee, type CastShop, shops, teamOf } from './cast.js';
import type { DemoOrder } from './news.js';
import { Random } from './random.js';

const latestHour = 21;
/** The day on which the guest's one order is completed. */
const guestDay = 4;

/** Six weeks of orders, the same for the same seed. Every one was paid after the plans came out. */
export function inventOrders(seed: number): readonly DemoOrder[] {
  const random = new Random(seed);
  const orders: DemoOrder[] = [];
  for (let day = 1; day < weeks * 7; day += 1) {
    for (const shop of shops) {
      const count = random.whole(...shop.ordersPerDay);
      for (let index = 1; index <= count; index += 1) {
        const chain = random.pick(shop.chains);
        const orderId = `${shop.shopId}-${String(day).padStart(2, '0')}-${index}`;
        orders.push(inventOrder(random, shop, { day, orderId, chain }));
      }
      if (shop.guest !== undefined && day === guestDay) {
        const orderId = guestOrderOf(shop);
        orders.push(inventOrder(random, shop, { day, orderId, chain: [shop.guest] }));
      }
    }
  }
  return orders;
}

/** The id of the one order that a shop's guest sells. */
export function guestOrderOf({ shopId }: CastShop): string {
  return `${shopId}-guest`;
}

function inventOrder(
  random: Random,
  shop: CastShop,
  {
    day,
    orderId,
    chain,
  }: { readonly day: number; readonly orderId: string; readonly chain: readonly CastPayee[] },
): DemoOrder {
  const completedMs = midnightOf(day) + random.whole(8 * 60, latestHour * 60) * span.minute;
  const daysBefore = random.whole(1, Math.min(day, 4));
  const paidMs = completedMs - daysBefore * span.day + random.whole(0, 90) * span.minute;
  const seller = chain[0];
  // Now and then somebody in between has left, and now and then a distributor buys.
  const distributors = chain.map(({ payeeId }, level) =>
    level === 1 && random.chance(0.1) ? null : payeeId,
  );
  const teamId = teamOf(shop, chain);
  const isOwnPurchase = random.chance(0.06);
  return {
    shopId: shop.shopId,
    orderId,
    currency: 'CNY',
    paidAt: shanghai(paidMs),
    completedAt: shanghai(completedMs),
    alipayTradeNo: `${shanghai(paidMs).slice(0, 10).replaceAll('-', '')}22001${random.whole(1e9, 9e9)}`,
    ...(isOwnPurchase && seller !== undefined ? { buyerPayeeId: seller.payeeId } : {}),
    items: inventItems(random, shop),
    distributors,
    ...(teamId === undefined ? {} : { teamId }),
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
