import type { EventData } from '@qingfen/contracts';
import { eventMessage, later, yuanOf, type ReferencePlan } from '@qingfen/testing';
import { Seeded } from './seeded.js';

export type Order = EventData['order-completed'];

/** Shops, payees and prices that orders are drawn from. */
export interface OrderMix {
  readonly seed: number;
  /** Orders are paid and completed within the day before this instant. */
  readonly until: string;
  readonly count: number;
  /** How many of a hundred orders have one line, two, three …; adds up to 100. */
  readonly linesOfHundred: readonly number[];
}

/** What shops see: most orders are of one thing. 1.74 lines each. */
export const usualLines = [60, 20, 10, 6, 4] as const;

export const shopId = 'shop-bench';
const suppliers = 500;
const distributors = 5_000;
const dayMs = 86_400_000;

/**
 * Three levels, a platform fee and a supplier; cycles are the daily ones of the defaults. Nothing
 * matures while a bench runs: orders were completed within the last day.
 */
export const plan = {
  rounding: 'half-up',
  returnWindowDays: 7,
  platformFee: { rate: '0.03' },
  commission: {
    basis: 'cascade',
    levels: [{ rate: '0.12' }, { rate: '0.06' }, { rate: '0.03' }],
  },
  supplier: {},
} as const satisfies ReferencePlan & Record<string, unknown>;

/**
 * Orders of a seed. Now and then an order has no distributor at a level, a line is shipping or has a
 * subsidy, so that what is compared afterwards is not one case alone.
 */
export function makeOrders(mix: OrderMix): Order[] {
  const random = new Seeded(mix.seed);
  return Array.from({ length: mix.count }, (_, index) => makeOrder(random, mix, index + 1));
}

function makeOrder(random: Seeded, mix: OrderMix, number: number): Order {
  const orderId = `order-${mix.seed}-${String(number).padStart(8, '0')}`;
  const lines = linesOf(random.whole(1, 100), mix.linesOfHundred);
  const completedMs = random.whole(1_000, dayMs / 2);
  return {
    shopId,
    orderId,
    currency: 'CNY',
    paidAt: later(mix.until, -completedMs - random.whole(1_000, dayMs / 4)),
    completedAt: later(mix.until, -completedMs),
    alipayTradeNo: `20261122220014${String(number).padStart(14, '0')}`,
    items: Array.from({ length: lines }, (_, line) => ({
      itemId: `item-${line + 1}`,
      supplierId: `supplier-${String(random.whole(1, suppliers)).padStart(4, '0')}`,
      amount: yuanOf(BigInt(random.whole(100, 100_000))),
      ...(random.chance(100_000) ? { subsidy: yuanOf(BigInt(random.whole(1, 500))) } : {}),
      ...(random.chance(50_000) ? { kind: 'shipping' as const } : {}),
    })),
    distributors: [1, 2, 3].map(() =>
      random.chance(20_000)
        ? null
        : `distributor-${String(random.whole(1, distributors)).padStart(5, '0')}`,
    ),
  };
}

/** The number of lines at a place among a hundred orders sorted by it. */
function linesOf(place: number, linesOfHundred: readonly number[]): number {
  let upTo = 0;
  for (const [index, orders] of linesOfHundred.entries()) {
    upTo += orders;
    if (place <= upTo) return index + 1;
  }
  throw new RangeError('linesOfHundred does not add up to 100');
}

/** What goes to Kafka. */
export interface Message {
  readonly key: string;
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An order's event; its id is of the order, so a seed gives the same bytes. */
export function orderEvent(order: Order): Message {
  const { key, value } = eventMessage('order-completed', order, {
    key: order.orderId,
    id: `completed-${order.orderId}`,
    time: order.completedAt,
  });
  return { key, value: value.toString() };
}
