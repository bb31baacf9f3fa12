import { dayEnd, dayStart, nextDay } from '@qingfen/core-reconciliation';
import fc from 'fast-check';
import { yuan, type ReconciliationHouse, type Sides } from './reconciliation-house.fixture.js';

/** Every way in which a trade and its orders can differ, and one that is none: paid and cancelled. */
export const tradeWrongs = [
  'never-paid',
  'paid-more',
  'paid-less',
  'refund-not-made',
  'refund-not-told',
  'crossed-here',
  'crossed-there',
  'no-order',
  'cancelled',
] as const;
export type TradeWrong = (typeof tradeWrongs)[number];

/** One trade of a day: right, or wrong in one way. */
export const livedTrade = fc.record({
  fen: fc.bigInt({ min: 20n, max: 5_000_000n }),
  by: fc.bigInt({ min: 1n, max: 9n }),
  /** Two orders were paid together. */
  isShared: fc.boolean(),
  /** A part of it was refunded, and told so. */
  isRefunded: fc.boolean(),
  wrong: fc.option(fc.constantFrom(...tradeWrongs), { nil: null, freq: 3 }),
});
export type LivedTrade = typeof livedTrade extends fc.Arbitrary<infer T> ? T : never;

const minuteMs = 60_000;
const at = (day: string, minutes: number): Date =>
  new Date(dayStart(day).getTime() + minutes * minuteMs);
const noon = 720;

/** Buyers' trades of one shop: on the topics, in the bills, or on one side only. */
export class Buyers {
  private count = 0;

  constructor(
    private readonly house: ReconciliationHouse,
    private readonly sides: Sides,
  ) {}

  /** @returns the trade's number */
  newTrade(): string {
    this.count += 1;
    return `2026${this.sides.shopId.replace(/\D/g, '')}${String(this.count).padStart(16, '0')}`;
  }

  pay(tradeNo: string, fen: bigint, when: Date): void {
    this.sides.alipay.move(when, fen, { kind: '在线支付', tradeNo });
  }

  giveBack(tradeNo: string, fen: bigint, when: Date): void {
    this.sides.alipay.move(when, -fen, { kind: '交易退款', tradeNo });
  }

  /** An order is completed, and the books owe what it comes to. */
  async tellOrder(order: {
    readonly orderId: string;
    readonly tradeNo: string | null;
    readonly fen: bigint;
    readonly paidAt: Date;
  }): Promise<void> {
    const { orderId, tradeNo, fen, paidAt } = order;
    const { shopId, ledger } = this.sides;
    const when = paidAt.toISOString();
    await this.house.tell('order-completed', {
      ...{ shopId, orderId, currency: 'CNY', paidAt: when, completedAt: when, distributors: [] },
      ...(tradeNo === null ? {} : { alipayTradeNo: tradeNo }),
      // What the platform adds never comes by the trade.
      items: [{ itemId: 'i-1', supplierId: 's-1', amount: yuan(fen), subsidy: '0.05' }],
    });
    const owed = { state: 'settling', keepsRest: false, entryCount: 2 } as const;
    ledger.orders.set(orderId, { ...owed, entriesMinor: fen + 5n });
  }

  async tellRefund(orderId: string, fen: bigint, refundedAt: Date): Promise<void> {
    const { shopId, ledger } = this.sides;
    const items = [{ itemId: 'i-1', amount: yuan(fen), subsidy: '0.01' }];
    await this.house.tell('order-refunded', {
      ...{ shopId, orderId, refundId: 'r-1', refundedAt: refundedAt.toISOString(), items },
    });
    const owed = ledger.orders.get(orderId);
    if (owed === undefined) return;
    ledger.orders.set(orderId, { ...owed, entriesMinor: owed.entriesMinor - fen - 1n });
  }
}

/** What came of living a trade: how it is told while it differs, what it leaves, and how it is mended. */
export interface Lived {
  readonly tradeNo: string;
  readonly orderIds: readonly string[];
  /** `class trade amount`; null where nothing differs on its own day. */
  readonly expected: string | null;
  /** Fen on `clearing` after its own day. */
  readonly leftMinor: bigint;
  readonly isOrderless: boolean;
  /** On the next day the side that lacked something has it. */
  readonly mend: () => Promise<void>;
}

/** Lives a trade on a day, wrong in the one way that it says. */
export async function liveTrade(
  buyers: Buyers,
  day: string,
  { fen, by, isShared, isRefunded, wrong }: LivedTrade,
): Promise<Lived> {
  const tradeNo = buyers.newTrade();
  const orderIds = isShared ? [`${tradeNo}-a`, `${tradeNo}-b`] : [`${tradeNo}-a`];
  const [first = ''] = orderIds;
  const isOrderless = wrong === 'no-order' || wrong === 'cancelled';
  const paidAt = paidAtOf(day, wrong);
  const lineAt = wrong === 'crossed-there' ? at(day, 24 * 60 - 5) : paidAt;
  const tellOrders = async (): Promise<void> => {
    const parts = isShared ? [fen - fen / 3n, fen / 3n] : [fen];
    for (const [index, part] of parts.entries()) {
      await buyers.tellOrder({ orderId: orderIds[index] ?? '', tradeNo, fen: part, paidAt });
    }
  };
  const later = at(nextDay(day), 10);
  const steps = wrongSteps({ buyers, tradeNo, orderId: first, fen, by, day, later, tellOrders });
  const step = wrong === null ? null : steps[wrong];
  const cameMinor = step === null ? fen : step.cameMinor;
  if (cameMinor > 0n) buyers.pay(tradeNo, cameMinor, lineAt);
  if (!isOrderless) await tellOrders();
  if (wrong === null && isRefunded) {
    await buyers.tellRefund(first, by, at(day, noon));
    buyers.giveBack(tradeNo, by, at(day, noon));
  }
  await step?.more?.();
  const mend = step?.mend ?? ((): Promise<void> => Promise.resolve());
  const expected = step?.told == null ? null : `${step.told[0]} ${tradeNo} ${step.told[1]}`;
  return { tradeNo, orderIds, expected, leftMinor: step?.leftMinor ?? 0n, isOrderless, mend };
}

function paidAtOf(day: string, wrong: TradeWrong | null): Date {
  if (wrong === 'crossed-here') return at(day, 24 * 60 - 10);
  return wrong === 'crossed-there' ? new Date(dayEnd(day).getTime() + 5 * minuteMs) : at(day, noon);
}

interface Step {
  /** What Alipay has of the payment on the day. */
  readonly cameMinor: bigint;
  readonly leftMinor: bigint;
  readonly told: readonly [found: string, amountMinor: bigint] | null;
  readonly more?: () => Promise<void>;
  readonly mend?: () => Promise<void>;
}

function wrongSteps(of: {
  readonly buyers: Buyers;
  readonly tradeNo: string;
  readonly orderId: string;
  readonly fen: bigint;
  readonly by: bigint;
  readonly day: string;
  readonly later: Date;
  readonly tellOrders: () => Promise<void>;
}): Readonly<Record<TradeWrong, Step>> {
  const { buyers, tradeNo, orderId, fen, by, day, later, tellOrders } = of;
  const now = at(day, noon);
  const pay = (what: bigint) => (): Promise<void> => {
    buyers.pay(tradeNo, what, later);
    return Promise.resolve();
  };
  const giveBack = (what: bigint, when: Date) => (): Promise<void> => {
    buyers.giveBack(tradeNo, what, when);
    return Promise.resolve();
  };
  const tell = (when: Date) => (): Promise<void> => buyers.tellRefund(orderId, by, when);
  const whole = { cameMinor: fen };
  return {
    'never-paid': {
      ...{ cameMinor: 0n, leftMinor: fen, told: ['missing-at-alipay', fen], mend: pay(fen) },
    },
    'paid-more': {
      ...{ cameMinor: fen + by, leftMinor: -by, told: ['amount-differs', by] },
      mend: giveBack(by, later),
    },
    'paid-less': {
      ...{ cameMinor: fen - by, leftMinor: by, told: ['amount-differs', -by], mend: pay(by) },
    },
    'refund-not-made': {
      ...{ ...whole, leftMinor: -by, told: ['amount-differs', by], more: tell(now) },
      mend: giveBack(by, later),
    },
    'refund-not-told': {
      ...{ ...whole, leftMinor: by, told: ['amount-differs', -by], more: giveBack(by, now) },
      mend: tell(now),
    },
    'crossed-here': { cameMinor: 0n, leftMinor: fen, told: ['next-day', fen], mend: pay(fen) },
    'crossed-there': { ...whole, leftMinor: -fen, told: ['next-day', fen] },
    'no-order': { ...whole, leftMinor: 0n, told: null, mend: tellOrders },
    cancelled: { ...whole, leftMinor: 0n, told: null, more: giveBack(fen, now) },
  };
}
