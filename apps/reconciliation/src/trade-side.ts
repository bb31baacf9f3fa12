import { Inject, Injectable } from '@nestjs/common';
import {
  beijingDay,
  clearingOf,
  compareTrade,
  dayEnd,
  dayStart,
  type Finding,
} from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { ServiceEnv } from '@qingfen/hosting';
import type { ShopDay } from './bill.store.js';
import { allowLong } from './long-transaction.js';
import { TooMany } from './too-many.js';
import {
  tradeOfOrder,
  tradesInDoubt,
  untoldTrades,
  type Clearing,
  type OrderOfTrade,
  type TradeHorizon,
} from './trade-side.store.js';

export interface TradesCompared {
  readonly findings: readonly (Finding & { readonly currency: string })[];
  readonly clearing: Clearing;
}

const dayMs = 86_400_000;
/** Alipay's trades are in yuan. */
const currency = 'CNY';

/** Orders as the order system told them, against what bills have of the trades by which they were paid. */
@Injectable()
export class TradeSide {
  private readonly differencesMax: number;
  private readonly crossingMs: number;
  private readonly untoldMs: number;
  private readonly atOnce: number;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Database) private readonly database: Database,
  ) {
    this.differencesMax = env.count('DIFFERENCES_MAX', 100_000);
    this.crossingMs = env.count('BILL_CROSSING_MINUTES', 30) * 60_000;
    // An order that completes later than this after its payment alerts as well (domain.md 10).
    this.untoldMs = env.count('TRADE_UNTOLD_DAYS', 60) * dayMs;
    this.atOnce = env.count('TRADES_AT_ONCE', 20_000);
  }

  /**
   * @param open trades of which a difference stands
   * @throws TooMany
   */
  async compare(of: ShopDay, lastDay: string, open: readonly string[]): Promise<TradesCompared> {
    const { shopId, day } = of;
    const horizon = this.horizonOf(shopId, lastDay);
    const span = { ...horizon, day, start: dayStart(day), end: dayEnd(day) };
    const limit = this.differencesMax + 1;
    const paidOn = this.oldestUntold(day);
    const { doubted, untold } = await this.database.transaction(async (tx) => {
      await allowLong(tx);
      return {
        doubted: await tradesInDoubt(tx, span, { open, limit, atOnce: this.atOnce }),
        untold: await untoldTrades(tx, horizon, { paidOn, open, limit }),
      };
    });
    const { doubtful, orders, settled, waiting } = doubted;
    const trades = [...doubtful, ...untold];
    if (trades.length > this.differencesMax) throw new TooMany('trades', this.differencesMax);
    const untoldBefore = new Date(span.until.getTime() - this.untoldMs);
    const openMinor = doubtful.reduce((sum, one) => sum + clearingOf(one), 0n);
    return {
      findings: trades.flatMap((one) => {
        const finding = compareTrade(one, untoldBefore);
        return finding === null ? [] : [{ ...finding, currency }];
      }),
      clearing: { orders, settled, waiting, openMinor },
    };
  }

  /** The day whose payments are looked at for the last time with the bill of a day. */
  oldestUntold(day: string): string {
    return beijingDay(new Date(dayStart(day).getTime() - this.untoldMs));
  }

  /** What an order leaves on `clearing` as bills have it up to a day; null for one never told. */
  ofOrder(shopId: string, lastDay: string, orderId: string): Promise<OrderOfTrade | null> {
    return tradeOfOrder(this.database, this.horizonOf(shopId, lastDay), orderId);
  }

  private horizonOf(shopId: string, lastDay: string): TradeHorizon {
    const until = dayEnd(lastDay);
    const { crossingMs } = this;
    return {
      ...{ shopId, lastDay, until },
      early: new Date(until.getTime() - crossingMs),
      late: new Date(until.getTime() + crossingMs),
    };
  }
}
