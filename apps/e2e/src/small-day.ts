import { setTimeout as pause } from 'node:timers/promises';

import {
  later,
  midnight,
  orderMessage,
  type ReferencePlan,
  sampleOrders,
  span,
  until,
  type UpstreamEvent,
} from '@qingfen/testing';

import { expectedByIdentity, movedByIdentity, referenceOf } from './book-check.js';
import type { Stage } from './stage.js';
import type { TestShop } from './test-shop.js';

const shopCount = 3;
const chunkCount = 10;
const distributors = ['d-1', 'd-2', 'd-3', 'd-4'];
const suppliers = ['sup-1', 'sup-2'];
/** So slow that a part can be killed between two transfers of one run. */
const transferMs = 60;
const certaintyMs = span.minutes(30);
const arrivalMsMax = 180_000;

const plan: ReferencePlan = {
  returnWindowDays: 0,
  platformFee: { rate: '0.08' },
  commission: { levels: [{ rate: '0.25' }, { rate: '0.15' }, { rate: '0.05' }] },
  supplier: { delayDays: 0, cycle: { every: 'day', at: '02:00' } },
};

/** When during the day something bad happens. */
export type Moment = 'orders' | 'run';

/** What a day must have come to, and what it came to. */
export interface DayOutcome {
  readonly orderCount: number;
  readonly expected: Readonly<Record<string, bigint>>;
  readonly moved: Readonly<Record<string, bigint>>;
  /** Numbers under which more than one request moved money, or none did though it succeeded. */
  readonly twice: readonly string[];
  readonly unbalanced: readonly string[];
}

/** Runs that are due and not done, payouts that were asked for, and those that nobody works on any more. */
export interface PayoutProgress {
  readonly runsOpen: number;
  readonly asked: number;
  readonly ended: number;
}

/**
 * A day of three shops with orders for distributors and suppliers, each message published twice,
 * lived through until everybody who is owed something is paid the next morning.
 */
export class SmallDay {
  readonly #stage: Stage;
  readonly #shops: readonly TestShop[];
  readonly #messages: readonly UpstreamEvent[];
  readonly #tomorrow: string;

  private constructor(
    stage: Stage,
    shops: readonly TestShop[],
    day: { readonly messages: readonly UpstreamEvent[]; readonly tomorrow: string },
  ) {
    this.#stage = stage;
    this.#shops = shops;
    this.#messages = day.messages;
    this.#tomorrow = day.tomorrow;
  }

  /** Sets up shops, plans and payees; the same seed gives the same orders. */
  static async prepare(
    stage: Stage,
    options: { readonly orderCount: number; readonly seed: number },
  ): Promise<SmallDay> {
    const from = await stage.gateway.now();
    const shops: TestShop[] = [];
    const messages: UpstreamEvent[] = [];
    for (let index = 0; index < shopCount; index += 1) {
      const shop = await stage.newShop();
      await shop.publishPlan(plan);
      await shop.upsertPayees([...distributors, ...suppliers]);
      const match = { appId: shop.appId };
      await stage.sandbox.addFault({ fault: 'slow', delayMs: transferMs, times: null, match });
      const orders = sampleOrders(
        {
          shopId: shop.shopId,
          orderIdPrefix: `${shop.shopId}-o`,
          suppliers,
          distributors,
          from: await stage.gateway.now(),
          withinMs: span.hours(1),
        },
        { count: Math.ceil(options.orderCount / shopCount), seed: options.seed + index },
      );
      shop.note(orders, from);
      messages.push(...orders.map((data) => orderMessage(data)));
      shops.push(shop);
    }
    await stage.gateway.waitForIdle();
    return new SmallDay(stage, shops, { messages, tomorrow: midnight(from, 1) });
  }

  /**
   * Publishes everything twice, out of step, and does the bad thing in the middle; `whenTold` comes
   * before the wait for rest.
   */
  async publish(
    inTheMiddle: () => Promise<void>,
    whenTold: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const size = Math.ceil(this.#messages.length / chunkCount);
    const chunks = Array.from({ length: chunkCount }, (_, index) =>
      this.#messages.slice(index * size, (index + 1) * size),
    );
    for (const [index, chunk] of chunks.entries()) {
      const before = chunks[index - 1] ?? [];
      if (index === chunkCount / 2) await inTheMiddle();
      await this.#publishUntilAcknowledged([...chunk, ...before]);
    }
    await this.#publishUntilAcknowledged(chunks.at(-1) ?? []);
    await whenTold();
    await this.#stage.gateway.waitForIdle(arrivalMsMax);
  }

  /** Lives on until tomorrow's runs are done; the bad thing happens while payouts are made. */
  async runs(inTheMiddle: () => Promise<void>): Promise<void> {
    const to = this.#stage.afterRunsOf(this.#tomorrow);
    await this.#stage.gateway.beginMove(to);
    await until('the first transfer of the run', () => this.#transferCount(), {
      deadlineMs: arrivalMsMax,
      everyMs: 10,
    });
    await inTheMiddle();
    await this.#stage.gateway.arriveAt(to, arrivalMsMax);
    // A request whose sender died may never have left: that is certain, and it is sent again, only
    // when Alipay has said twice, ten minutes of business time apart, that it knows nothing of it.
    const certain = later(to, certaintyMs);
    await this.#stage.gateway.beginMove(certain);
    await this.#stage.gateway.arriveAt(certain, arrivalMsMax);
    await until('every payout to end', () => this.#unendedPayouts(), {
      deadlineMs: arrivalMsMax,
      holds: (unended) => unended.length === 0,
    });
  }

  /** How many of the day's orders stand in the books. */
  async bookedCount(): Promise<number> {
    const [row] = await this.#stage.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM settlement_calculator.completed_order
        WHERE shop_id = ANY ($1)`,
      [this.#shops.map(({ shopId }) => shopId)],
    );
    return row?.count ?? 0;
  }

  get orderCount(): number {
    return this.#messages.length;
  }

  /** How far the runs and the payouts of the day have come. */
  async payoutProgress(): Promise<PayoutProgress> {
    const shopIds = this.#shops.map(({ shopId }) => shopId);
    const [row] = await this.#stage.query<PayoutProgress>(
      `SELECT (SELECT count(*) FROM settlement_calculator.run WHERE state <> 'done')::int
            + (SELECT count(*) FROM settlement_calculator.schedule
                WHERE next_at <= (SELECT now FROM gateway.virtual_clock))::int AS "runsOpen",
              (SELECT count(*) FROM settlement_calculator.payout
                WHERE shop_id = ANY ($1))::int AS asked,
              (SELECT count(*) FROM payout.payout WHERE shop_id = ANY ($1)
                AND state IN ('succeeded', 'unknown'))::int AS ended`,
      [shopIds],
    );
    return row ?? { runsOpen: 0, asked: 0, ended: 0 };
  }

  /** Compares the sandbox's own book with the reference. */
  async outcome(): Promise<DayOutcome> {
    const at = await this.#stage.gateway.now();
    const transfers = (await Promise.all(this.#shops.map((shop) => shop.moved()))).flat();
    const requests = await Promise.all(
      transfers.map(({ outBizNo }) => this.#stage.sandbox.requests(outBizNo)),
    );
    const balances = await Promise.all(
      this.#shops.map(({ shopId }) => this.#stage.gateway.trialBalance(shopId)),
    );
    return {
      orderCount: this.#messages.length,
      expected: expectedByIdentity(referenceOf(this.#shops, at), this.#shops),
      moved: movedByIdentity(transfers),
      twice: transfers
        .filter((_, index) => requests[index]?.filter((each) => each.executed).length !== 1)
        .map(({ outBizNo }) => outBizNo),
      unbalanced: this.#shops
        .filter((_, index) => balances[index]?.balanced !== true)
        .map(({ shopId }) => shopId),
    };
  }

  /** As an upstream that keeps trying does it: what was acknowledged or not is sent again. */
  async #publishUntilAcknowledged(messages: readonly UpstreamEvent[]): Promise<void> {
    await until(
      'the broker to acknowledge',
      async () => {
        await this.#stage.upstream.publish(messages);
        return true;
      },
      { deadlineMs: arrivalMsMax },
    );
    await pause(20); // a stream, not one lump: what is killed next has work at hand
  }

  async #transferCount(): Promise<number> {
    const moved = await Promise.all(this.#shops.map((shop) => shop.moved()));
    return moved.flat().length;
  }

  async #unendedPayouts(): Promise<string[]> {
    const lists = await Promise.all(
      this.#shops.map(({ shopId }) => this.#stage.gateway.payouts(shopId)),
    );
    return lists
      .flat()
      .filter(({ state }) => state !== 'succeeded')
      .map(({ payoutId, state, reason }) => `${payoutId} ${state} ${reason ?? ''}`);
  }
}
