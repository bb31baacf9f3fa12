import { fenOf, yuanOf } from '@qingfen/testing';
import { beginningMs, shanghai, span, tellingFrom, weeks } from './calendar.js';
import { type CastShop, shops } from './cast.js';
import type { DemoOrder, DemoRefund, News, ToldNews } from './news.js';
import { guestOrderOf } from './orders.js';
import { Random } from './random.js';

/** Behind the completion so many days: nothing of the order is stated yet, in most shops. */
const soonDays = [1, 2] as const;
/** Commissions are paid by then, suppliers in part. */
const lateDays = [11, 16] as const;
/** The guest's buyer gives everything back when the commission is long paid. */
const guestRefundDays = 14;
/** The day whose order of the furniture shop comes later than its refund. */
const lateOrderDay = 23;

/**
 * Everything that is told: the orders, and what became of some of them afterwards. The same for the
 * same orders and seed.
 */
export function inventNews(orders: readonly DemoOrder[], seed: number): readonly ToldNews[] {
  const random = new Random(seed + 1);
  const late = orders.find(isLate);
  const news = orders.flatMap((order) => {
    const completedMs = Date.parse(order.completedAt);
    // One order comes an evening later than what is said about it.
    const heardMs = order === late ? completedMs + 2 * span.day : completedMs;
    return told(heardMs, { topic: 'order-completed', data: order });
  });
  for (const shop of shops) {
    for (let week = 0; week < weeks; week += 1) {
      const ofWeek = orders.filter(
        (order) => order.shopId === shop.shopId && weekOf(order) === week && order !== late,
      );
      news.push(...new Aftermath(random, ofWeek.filter(isUsual)).of(shop, week));
    }
  }
  for (const order of orders) {
    const completedMs = Date.parse(order.completedAt);
    const guestMs = completedMs + guestRefundDays * span.day;
    if (!isUsual(order)) news.push(...refunded(fullRefund(order, 'r-1', guestMs)));
    if (order !== late) continue;
    news.push(...refunded(partialRefund(random, order, 'r-1', completedMs + span.hour)));
  }
  return news;
}

/** What becomes of one week's orders of one shop: every order meets with one thing at most. */
class Aftermath {
  readonly #random: Random;
  readonly #orders: DemoOrder[];

  constructor(random: Random, orders: readonly DemoOrder[]) {
    this.#random = random;
    this.#orders = [...orders];
  }

  of({ shopId }: CastShop, week: number): readonly ToldNews[] {
    const isEven = week % 2 === 0;
    const news = [
      ...this.#refund(isEven ? 'full' : 'partial', soonDays),
      ...this.#refund(isEven ? 'partial' : 'full', lateDays),
    ];
    if (week === 1) news.push(...this.#reversed(), ...this.#dispute(1, 13));
    if (week === 2) news.push(...this.#disputeEndsInRefund(), ...this.#twice());
    if (week === 2 && shopId === 'lotus-tea') news.push(...this.#dispute(13, 17));
    if (week === 4) news.push(...this.#dispute(1, null));
    return news;
  }

  #refund(how: 'full' | 'partial', [from, to]: readonly [number, number]): readonly ToldNews[] {
    const order = this.#draw();
    const atMs = this.#after(order, this.#random.whole(from, to));
    return refunded(
      how === 'full'
        ? fullRefund(order, 'r-1', atMs)
        : partialRefund(this.#random, order, 'r-1', atMs),
    );
  }

  /** Refunded after it was paid, and a week later it turns out that the money never went back. */
  #reversed(): readonly ToldNews[] {
    const order = this.#draw();
    const refund = fullRefund(order, 'r-1', this.#after(order, lateDays[0]));
    const { shopId, orderId } = order;
    const atMs = this.#after(order, lateDays[0] + 7);
    const data = { shopId, orderId, refundId: 'r-1', at: shanghai(atMs) };
    return [...refunded(refund), ...told(atMs, { topic: 'order-refund-reversed', data })];
  }

  /** A part before the statement, what is left after it. */
  #twice(): readonly ToldNews[] {
    const order = this.#draw();
    const first = partialRefund(this.#random, order, 'r-1', this.#after(order, soonDays[0]));
    const second = restRefund(order, first, 'r-2', this.#after(order, lateDays[0]));
    return [...refunded(first), ...refunded(second)];
  }

  #dispute(openDays: number, resolveDays: number | null): readonly ToldNews[] {
    return disputed(this.#draw(), openDays, resolveDays);
  }

  #disputeEndsInRefund(): readonly ToldNews[] {
    const order = this.#draw();
    const refund = fullRefund(order, 'r-1', this.#after(order, 8));
    return [...disputed(order, 1, 9), ...refunded(refund)];
  }

  #after(order: DemoOrder, days: number): number {
    return Date.parse(order.completedAt) + days * span.day;
  }

  #draw(): DemoOrder {
    const order = this.#random.pick(this.#orders);
    this.#orders.splice(this.#orders.indexOf(order), 1);
    return order;
  }
}

function disputed(
  order: DemoOrder,
  openDays: number,
  resolveDays: number | null,
): readonly ToldNews[] {
  const { shopId, orderId } = order;
  const dayMs = (days: number): number => Date.parse(order.completedAt) + days * span.day;
  const dispute = { shopId, orderId, disputeId: 'd-1' };
  const opened = { ...dispute, openedAt: shanghai(dayMs(openDays)), reason: '与描述不符' };
  const news = told(dayMs(openDays), { topic: 'order-disputed', data: opened });
  if (resolveDays === null) return news;
  const resolved = { ...dispute, resolvedAt: shanghai(dayMs(resolveDays)) };
  return [
    ...news,
    ...told(dayMs(resolveDays), { topic: 'order-dispute-resolved', data: resolved }),
  ];
}

function fullRefund(order: DemoOrder, refundId: string, atMs: number): DemoRefund {
  const items = order.items.map(({ itemId, amount, subsidy }) => ({
    itemId,
    amount,
    ...(subsidy === undefined ? {} : { subsidy }),
  }));
  return refundOf(order, { refundId, atMs, items });
}

/** A part of the first line's price; the platform takes the same part of its subsidy back. */
function partialRefund(
  random: Random,
  order: DemoOrder,
  refundId: string,
  atMs: number,
): DemoRefund {
  const [line] = order.items;
  if (line === undefined) throw new Error(`${order.orderId} has no lines`);
  const percent = BigInt(random.whole(20, 80));
  const partOf = (yuan: string): string => yuanOf((fenOf(yuan) * percent) / 100n);
  const { itemId, amount, subsidy } = line;
  const item = {
    itemId,
    amount: partOf(amount),
    ...(subsidy === undefined ? {} : { subsidy: partOf(subsidy) }),
  };
  return refundOf(order, { refundId, atMs, items: [item] });
}

/** What an earlier refund has left. */
function restRefund(
  order: DemoOrder,
  before: DemoRefund,
  refundId: string,
  atMs: number,
): DemoRefund {
  const items = order.items.map(({ itemId, amount, subsidy }) => {
    const taken = before.items.find((item) => item.itemId === itemId);
    const rest = (had: string, gone: string): string => yuanOf(fenOf(had) - fenOf(gone));
    return {
      itemId,
      amount: rest(amount, taken?.amount ?? '0.00'),
      ...(subsidy === undefined ? {} : { subsidy: rest(subsidy, taken?.subsidy ?? '0.00') }),
    };
  });
  return refundOf(order, { refundId, atMs, items });
}

function refundOf(
  { shopId, orderId }: DemoOrder,
  refund: {
    readonly refundId: string;
    readonly atMs: number;
    readonly items: DemoRefund['items'];
  },
): DemoRefund {
  const { refundId, atMs, items } = refund;
  return { shopId, orderId, refundId, refundedAt: shanghai(atMs), items };
}

function refunded(refund: DemoRefund): readonly ToldNews[] {
  return told(Date.parse(refund.refundedAt), { topic: 'order-refunded', data: refund });
}

/** What happens behind the last evening is not told any more. */
function told(atMs: number, news: News): readonly ToldNews[] {
  const toldMs = tellingFrom(atMs);
  return toldMs === undefined ? [] : [{ toldMs, news }];
}

function weekOf({ completedAt }: DemoOrder): number {
  return Math.floor((Date.parse(completedAt) - beginningMs) / (7 * span.day));
}

function isLate({ shopId, completedAt }: DemoOrder): boolean {
  const day = Math.floor((Date.parse(completedAt) - beginningMs) / span.day);
  return shopId === 'warm-home' && day === lateOrderDay;
}

function isUsual({ orderId }: DemoOrder): boolean {
  return shops.every((shop) => shop.guest === undefined || guestOrderOf(shop) !== orderId);
}
