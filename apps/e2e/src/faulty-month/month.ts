import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { launchSystem, removeDataDirectory } from '@qingfen/local';
import { fenOf, later, midnight, span, until } from '@qingfen/testing';

import { nextDayPlan } from '../plans.js';
import { Stage } from '../stage.js';
import { TestShop } from '../test-shop.js';
import { everyFault, type FaultKind } from './fault-kinds.js';
import { accountFor, type MonthOutcome } from './account.js';
import { Operators } from './operator.js';

const clock = 'virtual:2026-03-02T10:00:00+08:00';
const shopId = 'faulty';
const appId = 'appfaulty';
const moveMsMax = 900_000;
/** Days on which nothing goes wrong any more, for what waits until then. */
const quietDaysMax = 8;
/** After the run: what is unknown is asked about again, and then once more. */
const looksMs = [span.minutes(31), span.hours(7)];

/** How large a month is, and how much of it goes wrong. */
export interface MonthSize {
  readonly days: number;
  /** Each of them has an order, and so a payout, a day. */
  readonly payees: number;
  /** The part of transfers, and of queries, that a fault hits. */
  readonly rate: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/**
 * Lives through a month of a shop that pays every payee every night while Alipay fails in every way that
 * the sandbox knows, and through as many quiet days as it takes for all to have ended.
 */
export async function liveFaultyMonth(size: MonthSize): Promise<MonthOutcome> {
  const startedMs = performance.now();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'qingfen-faulty-month-'));
  const env = { QINGFEN_CLOCK: clock, PAYOUT_CONCURRENCY: '32' };
  const system = await launchSystem({ dataDir, env });
  try {
    const stage = await Stage.open(system.ready);
    try {
      const month = await Month.open(stage, size);
      const quietDays = await month.live();
      return await month.outcome(quietDays, (performance.now() - startedMs) / 1_000);
    } finally {
      await stage.close();
    }
  } finally {
    await system.stop();
    removeDataDirectory(dataDir);
  }
}

class Month {
  readonly #faults = new Map<string, FaultKind>();
  #hits: readonly { readonly id: string; readonly hits: number }[] = [];
  #orders = 0;

  private constructor(
    private readonly stage: Stage,
    private readonly size: MonthSize,
    private readonly shop: TestShop,
    private readonly operators: Operators,
  ) {}

  static async open(stage: Stage, size: MonthSize): Promise<Month> {
    // That money came back is told by a notification alone.
    const notifyUrl = `${stage.ready.gateway}/alipay/notifications/${shopId}`;
    const merchant = { balance: '100000000.00', notifyUrl };
    const { alipay } = await stage.sandbox.putMerchant(appId, merchant);
    await stage.gateway.putShop(shopId, { name: shopId, timezone: 'Asia/Shanghai', alipay });
    // A name of its own would make other numbers, which other faults hit, of one seed.
    const shop = new TestShop(stage, { shopId, appId, alipay });
    await shop.publishPlan(nextDayPlan);
    await shop.upsertPayees(Array.from({ length: size.payees }, (_, index) => `d-${index}`));
    await stage.gateway.waitForIdle();
    const month = new Month(stage, size, shop, await Operators.hire(stage, shopId));
    for (const kind of everyFault(size.rate, size.seed)) {
      const id = await stage.sandbox.addFault({ ...kind.wish, match: { appId } });
      month.#faults.set(id, kind);
    }
    return month;
  }

  /** @returns how many quiet days it took in the end */
  async live(): Promise<number> {
    for (let day = 1; day <= this.size.days; day += 1) {
      await this.#sell();
      await this.#liveNight();
      this.size.say(`day ${day} of ${this.size.days}: ${await this.#shown()}`);
    }
    this.#hits = await this.stage.sandbox.faults();
    await this.stage.sandbox.clearFaults();
    for (let day = 1; day <= quietDaysMax; day += 1) {
      await this.#liveNight();
      this.size.say(`quiet day ${day}: ${await this.#shown()}`);
      if ((await this.#open()) === 0) return day;
    }
    return quietDaysMax;
  }

  async outcome(quietDays: number, seconds: number): Promise<MonthOutcome> {
    return accountFor({
      stage: this.stage,
      shop: this.shop,
      hits: this.#hits.map(({ id, hits }) => ({ name: this.#faults.get(id)?.name ?? id, hits })),
      deeds: this.operators.deeds,
      quietDays,
      seconds,
    });
  }

  async #sell(): Promise<void> {
    const at = await this.stage.gateway.now();
    const orders = Array.from({ length: this.size.payees }, (_, index) => {
      this.#orders += 1;
      const fen = 2_000 + ((this.#orders * 7_919 + this.size.seed) % 9_000) * 2;
      const amount = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
      return this.shop.orderData({ at, amount, distributors: [`d-${index}`] });
    });
    await this.shop.publishOrders(orders);
    await this.stage.gateway.waitForIdle(moveMsMax);
  }

  /** The next night's run, and the morning after it. */
  async #liveNight(): Promise<void> {
    const { username, password } = this.stage.ready.admin;
    // A session is shorter than a month may be.
    await this.stage.gateway.login(username, password);
    const run = later(midnight(await this.stage.gateway.now(), 1), span.hours(2));
    await this.#moveTo(run);
    for (const afterMs of looksMs) {
      await this.operators.tend();
      await this.#moveTo(later(run, afterMs));
    }
    await this.operators.tend();
  }

  async #moveTo(to: string): Promise<void> {
    await this.stage.gateway.beginMove(to, moveMsMax);
    await this.stage.gateway.arriveAt(to, moveMsMax);
  }

  /** What is owed and not paid, in fen, and payouts that have not ended. */
  async #open(): Promise<number> {
    const balances = await this.stage.gateway.balances(shopId);
    const owed = balances.reduce(
      (sum, { accrued, matured, held, inPayout }) =>
        sum + fenOf(accrued) + fenOf(matured) + fenOf(held) + fenOf(inPayout),
      0n,
    );
    return Number(owed);
  }

  async #shown(): Promise<string> {
    const { payouts } = await until('a status', () => this.stage.gateway.status(), {
      deadlineMs: moveMsMax,
      holds: () => true,
    });
    return JSON.stringify({ ...payouts, ...this.operators.deeds });
  }
}
