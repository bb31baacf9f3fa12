import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Desk, maker } from './manual.fixture.js';
import { anyCaughtUp, endAhead } from './odd-orders.js';
import { planDueRuns } from './schedule.store.js';
import { runSubject } from './run.service.js';
import { unfinishedRuns } from './run.store.js';
import { PlanShelf } from './plan-shelf.js';
import { ownGoods, Sales } from './sales.fixture.js';

const start = new Date('2026-01-01T10:00:00+08:00');
const dayMs = 86_400_000;

let books: Books;
let desk: Desk;
let sales: Sales;

beforeAll(async () => {
  books = await Books.open(start);
  desk = new Desk(books);
  sales = new Sales(desk);
});
afterAll(() => books.close());

/** Alerts of a shop as `class state`, by class. */
async function alertsOf(shopId: string): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT class || ' ' || state AS row FROM alert WHERE shop_id = $1 ORDER BY class`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

const bind = (shopId: string, orderId: string): Promise<void> =>
  desk.run((unit) =>
    desk.bindings.bind(unit, {
      shopId,
      orderId,
      caller: maker,
      body: { version: 1, settledOutside: false, reason: 'from before' },
    }),
  );

const bindWaiting = (): Promise<number> => desk.run((unit) => books.accrual.bindWaiting(unit, 100));

const twoOrders = (shopId: string): EventData['order-completed'][] =>
  ['o-1', 'o-2'].map((orderId) => sales.order(shopId, { orderId }));

describe('alerts that end with what they are about', () => {
  it('R-ALR-1 no-plan, when an operator has bound the last order', async () => {
    const shopId = await desk.newShop('by-hand', { withPlan: false });
    await books.completed(twoOrders(shopId));
    expect(await alertsOf(shopId)).toEqual(['no-plan raised']);
    const at = new Date(books.clock.now().getTime() + 1).toISOString();
    await desk.publish(shopId, at, { plan: ownGoods });
    await bind(shopId, 'o-1');
    expect(await alertsOf(shopId)).toEqual(['no-plan raised']);
    await bind(shopId, 'o-2');
    expect(await alertsOf(shopId)).toEqual(['no-plan resolved']);
    // It is told again when it comes again.
    const late = sales.order(shopId, { orderId: 'o-3', paidAt: '2025-12-31T10:00:00+08:00' });
    await books.completed([late]);
    expect(await alertsOf(shopId)).toEqual(['no-plan raised']);
  });

  it('R-ALR-1 no-plan, when a version that fits by date has bound all', async () => {
    const shopId = await desk.newShop('by-date', { withPlan: false });
    const usd = sales.order(shopId, { orderId: 'o-3', currency: 'USD' });
    await books.completed([...twoOrders(shopId), usd]);
    await desk.publish(shopId, books.clock.now().toISOString(), { plan: ownGoods });
    expect(await bindWaiting()).toBe(2);
    expect(await alertsOf(shopId)).toEqual(['no-plan raised']); // of the one in dollars
    const other = await desk.newShop('by-date', { withPlan: false });
    await books.completed(twoOrders(other));
    await desk.publish(other, books.clock.now().toISOString(), { plan: ownGoods });
    expect(await bindWaiting()).toBe(2);
    expect(await alertsOf(other)).toEqual(['no-plan resolved']);
  });

  it('R-ALR-1 no-plan is not lost where one order is bound and another comes, forty times', async () => {
    const shopIds: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      const shopId = await desk.newShop('between', { withPlan: false });
      await books.completed([sales.order(shopId)]);
      await desk.publish(shopId, books.clock.now().toISOString(), { plan: ownGoods });
      shopIds.push(shopId);
    }
    const unbound: string[] = [];
    for (const shopId of shopIds) {
      const dollars = sales.order(shopId, { orderId: 'o-2', currency: 'USD' });
      await Promise.all([bind(shopId, 'o-1'), books.completed([dollars])]);
      unbound.push(...(await alertsOf(shopId)));
    }
    expect(unbound).toEqual(shopIds.map(() => 'no-plan raised'));
  });

  it('R-ALR-1 R-RUL-5 no-plan, raised by a withdrawal, when another version has bound all', async () => {
    const shopId = await desk.newShop('withdrawn', { withPlan: false });
    const publish = (version: number, withdrawnAt?: string): Promise<void> => {
      const publishedAt = books.clock.now().toISOString();
      const dates = { publishedAt, effectiveFrom: publishedAt, withdrawnAt };
      const data = { shopId, version, plan: ownGoods, hash: `h${version}`, ...dates };
      return books.told([data], 'settlement-plan-published', (unit, events) =>
        books.copies.keepPlans(unit, events),
      );
    };
    await publish(1);
    await books.completed(twoOrders(shopId));
    expect(await alertsOf(shopId)).toEqual([]);
    await publish(1, books.clock.now().toISOString());
    await desk.run((unit) => books.rebinding.rebind(unit, 100));
    expect(await alertsOf(shopId)).toEqual(['no-plan raised']);
    await publish(2);
    expect(await bindWaiting()).toBe(2);
    expect(await alertsOf(shopId)).toEqual(['no-plan resolved']);
  });

  it('R-ALR-1 unknown-shop, when it is created; its orders still have no plan', async () => {
    const shopId = 'late-1';
    await books.completed(twoOrders(shopId));
    expect(await alertsOf(shopId)).toEqual(['unknown-shop raised']);
    const shop = {
      shopId,
      name: 'late',
      timezone: 'Asia/Shanghai',
      noticePeriodDays: 0,
      transferMax: '50000.00',
      updatedAt: books.clock.now().toISOString(),
    };
    await books.told([shop], 'shop-upserted', (unit, events) =>
      books.copies.keepShops(unit, events),
    );
    expect(await alertsOf(shopId)).toEqual(['no-plan raised', 'unknown-shop resolved']);
    await desk.publish(shopId, books.clock.now().toISOString(), { plan: ownGoods });
    await bindWaiting();
    expect(await alertsOf(shopId)).toEqual(['no-plan resolved', 'unknown-shop resolved']);
  });

  it('R-ALR-1 R-REF-3 refund-refused, when the order is released', async () => {
    const shopId = await sales.newShop('refused', ['d-1']);
    await books.completed([sales.order(shopId)]);
    await desk.refund(shopId, '100.01', books.clock.now().toISOString());
    expect(await alertsOf(shopId)).toEqual(['refund-refused raised']);
    const act = { shopId, orderId: 'o-1', caller: maker, reason: 'corrected' };
    await desk.run((unit) => desk.holds.releaseOrder(unit, act));
    expect(await alertsOf(shopId)).toEqual(['refund-refused resolved']);
  });

  it('R-ALR-1 event-ahead-of-clock, when the clock has come near all of them', async () => {
    const shopId = await sales.newShop('ahead', ['d-1']);
    const at = (days: number): string =>
      new Date(books.clock.now().getTime() + days * dayMs).toISOString();
    const orders = [3, 5].map((days) => {
      return sales.order(shopId, { orderId: `o-${days}`, completedAt: at(days) });
    });
    await books.completed(orders);
    expect(await alertsOf(shopId)).toEqual(['event-ahead-of-clock raised']);
    const look = async (days: number): Promise<string[]> => {
      const now = new Date(at(days));
      if (await anyCaughtUp(books.database, now)) await desk.run((unit) => endAhead(unit, now));
      return alertsOf(shopId);
    };
    expect(await look(3)).toEqual(['event-ahead-of-clock raised']);
    expect(await look(4)).toEqual(['event-ahead-of-clock resolved']);
    expect(await anyCaughtUp(books.database, new Date(at(100)))).toBe(false);
  });

  it('R-ALR-1 R-COM-3 dispute-after-statement, when the last dispute is resolved', async () => {
    const shopId = await sales.newShop('disputed', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    sales.nextDay();
    await books.runDue();
    expect(await desk.stated(shopId)).toHaveLength(1);
    const openedAt = books.clock.now().toISOString();
    const open = (disputeId: string): Promise<void> =>
      books.heard('order-disputed', [
        { shopId, orderId: 'o-1', disputeId, openedAt, reason: 'broken' },
      ]);
    const resolve = (disputeId: string): Promise<void> =>
      books.heard('order-dispute-resolved', [
        { shopId, orderId: 'o-1', disputeId, resolvedAt: openedAt },
      ]);
    await open('x-1');
    await open('x-2');
    await resolve('x-1');
    expect(await alertsOf(shopId)).toEqual(['dispute-after-statement raised']);
    await resolve('x-2');
    expect(await alertsOf(shopId)).toEqual(['dispute-after-statement resolved']);
  });

  it('R-ALR-1 run-waits-for-events, when the run begins', async () => {
    const shopId = await sales.newShop('waits', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    const now = new Date(books.clock.now().getTime() + dayMs);
    books.clock.take(now);
    const plans = new PlanShelf();
    await desk.run((unit) => planDueRuns(unit.tx, plans, now, '{}'));
    const run = (await unfinishedRuns(books.database, 500)).find((one) => one.shop_id === shopId);
    if (run === undefined) throw new Error('no run is due');
    await desk.run((unit) => {
      unit.alert({
        class: 'run-waits-for-events',
        severity: 'critical',
        shopId,
        subject: runSubject(run),
        message: 'It has waited for 30 minutes.',
        messageZh: '已等待 30 分钟。',
      });
      return Promise.resolve();
    });
    expect(await alertsOf(shopId)).toEqual(['run-waits-for-events raised']);
    await desk.run((unit) => books.runs.begin(unit, run, false));
    expect(await alertsOf(shopId)).toEqual(['run-waits-for-events resolved']);
    await books.runDue();
  });
});

describe('alerts that tell of what has happened', () => {
  it('R-ALR-1 say so: they end when somebody says that they have looked', async () => {
    const shopId = await sales.newShop('happened', ['d-1']);
    const order = sales.order(shopId);
    await books.completed([order]);
    await books.completed([{ ...order, distributors: ['d-2'] }]);
    const old = { paidAt: '2025-10-01T10:00:00+08:00', completedAt: '2025-10-02T10:00:00+08:00' };
    await books.completed([sales.order(shopId, { orderId: 'o-2', ...old })]);
    expect(await alertsOf(shopId)).toEqual([
      'late-completion raised',
      'no-plan raised',
      'order-contradicted raised',
    ]);
    const said = await sales.said('alert-raised', shopId);
    expect(said.map(({ ends }) => ends ?? null)).toEqual([
      'when-acknowledged',
      null,
      'when-acknowledged',
    ]);
  });
});
