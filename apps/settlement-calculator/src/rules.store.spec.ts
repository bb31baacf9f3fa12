import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { BalanceController } from './balance.controller.js';
import { Books } from './books.fixture.js';
import { entriesOfOrder } from './entry.view.js';
import { Desk, sound, type PlanDocument } from './manual.fixture.js';
import { PlanShelf } from './plan-shelf.js';
import { ownGoods, Sales } from './sales.fixture.js';

// What plans may say beyond plain rates: shares of every form, conditions, rates that follow facts.

let books: Books;
let desk: Desk;
let sales: Sales;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-10T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
});
afterAll(async () => {
  await books.close();
});

const commissionOf = (levels: readonly object[], more: object = {}): PlanDocument => ({
  ...ownGoods,
  commission: { levels },
  ...more,
});

function payee(
  shopId: string,
  payeeId: string,
  change: Partial<EventData['payee-upserted']>,
): Promise<void> {
  const alipay = {
    identityType: 'ALIPAY_LOGON_ID',
    identity: `${payeeId}@x.test`,
    name: payeeId,
  } as const;
  return books.told(
    [{ shopId, payeeId, name: payeeId, roles: ['distributor'], alipay, ...change }],
    'payee-upserted',
    (unit, events) => books.copies.keepPayees(unit, events),
  );
}

async function night(): Promise<void> {
  sales.night();
  await books.runDue();
  sales.morning();
}

describe('shares', () => {
  it('R-RUL-2 R-REF-2 a fixed amount shrinks with its line, and a bound does not', async () => {
    const plan = commissionOf([{ fixed: '5.00' }, { rate: '0.10', min: '3.00' }]);
    const shopId = await sales.newShop('fixed', ['d-1', 'd-2'], plan);
    await sales.sold([sales.order(shopId, { distributors: ['d-1', 'd-2'] })]);
    // 100.00 less 10 %: 5.00, then 10 % of the 85.00 that are left.
    expect(await desk.open(shopId)).toEqual(['commission d-1 500', 'commission d-2 850']);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '80.00')]);
    // 20.00 less 10 %: 5.00 × 20 / 100, then 10 % of 17.00, at least 3.00.
    expect(await desk.open(shopId)).toEqual(['commission d-1 100', 'commission d-2 300']);
    await night();
    await books.heard('order-refunded', [sales.refund(shopId, 'r-2', '20.00')]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 -100', 'commission d-2 -300']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-2 tiers price the line by what is left of it', async () => {
    const tiers = [
      { from: '0', rate: '0.05' },
      { from: '50.00', rate: '0.10', fixed: '1.00' },
    ];
    const shopId = await sales.newShop('tiers', ['d-1'], commissionOf([{ tiers }]));
    await sales.sold([sales.order(shopId)]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 1100']);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '50.01')]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 250']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('a share that is cut', () => {
  it('R-RUL-2 is told once a day and version, of completions and of what a refund leaves', async () => {
    const plan = commissionOf([{ rate: '0.10', min: '30.00' }]);
    const shopId = await sales.newShop('capped', ['d-1'], plan);
    const small = { items: [{ itemId: '1', supplierId: 's-1', amount: '20.00' }] };
    await sales.sold([sales.order(shopId, { orderId: 'o-0' })]);
    const capped = async (): Promise<string[]> =>
      (await sales.said('alert-raised', shopId))
        .filter((alert) => alert.class === 'commission-capped')
        .map(({ subject }) => subject.id);
    expect(await capped()).toEqual([]);
    await sales.sold([
      sales.order(shopId, { orderId: 'o-1', ...small }),
      sales.order(shopId, { orderId: 'o-2', ...small }),
    ]);
    const today = (): string =>
      new Date(books.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
    const first = `1:${today()}`;
    expect(await capped()).toEqual([first]);
    sales.nextDay();
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '90.00', 'o-0')]);
    expect(await capped()).toEqual([first, `1:${today()}`]);
    expect(await desk.open(shopId)).toContain('commission d-1 900');
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('conditions', () => {
  it('R-RUL-4 an order below the least amount owes no commission, once and for ever', async () => {
    const condition = { for: 'commission', when: 'order-amount', atLeast: '60.00' };
    const plan = { ...ownGoods, conditions: [condition] };
    const shopId = await sales.newShop('amount', ['d-1'], plan);
    const small = { items: [{ itemId: '1', supplierId: 's-1', amount: '59.99' }] };
    await sales.sold([
      sales.order(shopId),
      sales.order(shopId, { orderId: 'o-2', ...small }),
      sales.order(shopId, {
        orderId: 'o-3',
        items: [
          { itemId: '1', supplierId: 's-1', amount: '50.00' },
          { itemId: '2', supplierId: 's-1', amount: '10.00', kind: 'shipping' },
        ],
      }),
    ]);
    expect((await desk.open(shopId)).sort()).toEqual([
      'commission d-1 1350',
      'commission d-1 2700',
    ]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '90.00')]);
    expect((await desk.open(shopId)).sort()).toEqual(['commission d-1 1350', 'commission d-1 270']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-4 what is owed waits until the payee has done the task, and is shown as held', async () => {
    const condition = { for: 'commission', when: 'payee-task', task: 'kyc' } as const;
    const plan = { ...ownGoods, conditions: [condition] };
    const shopId = await sales.newShop('task', [], plan);
    await payee(shopId, 'd-1', { tasks: ['contract'] });
    await sales.sold([sales.order(shopId)]);
    await night();
    expect(await desk.stated(shopId)).toEqual([]);
    const required = [{ kind: condition.for, task: condition.task }];
    const entries = await entriesOfOrder(books.database, shopId, 'o-1', required);
    const held = entries.filter(({ kind }) => kind === 'commission').map(({ holds }) => holds);
    expect(held).toEqual([['condition']]);
    const balances = new BalanceController(books.database, books.clock, new PlanShelf());
    const balance = async (): Promise<object | undefined> =>
      (await balances.list(shopId, {})).items[0];
    expect(await balance()).toMatchObject({ held: '27.00', matured: '0.00' });
    await payee(shopId, 'd-1', { tasks: ['contract', 'kyc'] });
    expect(await balance()).toMatchObject({ held: '0.00', matured: '27.00' });
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
  });
});

describe('rates that follow facts', () => {
  const byLevel = {
    by: 'payee-level',
    tiers: [
      { from: '0', rate: '0.10' },
      { from: '3', rate: '0.20' },
    ],
  };
  const byVolume = {
    by: 'payee-month-volume',
    tiers: [
      { from: '0', rate: '0.10' },
      { from: '150.00', rate: '0.20' },
    ],
  };
  const byRefunds = {
    by: 'payee-refund-rate',
    tiers: [
      { from: '0', rate: '0.20' },
      { from: '0.25', rate: '0.10' },
    ],
  };

  it('R-RUL-6 the level is read once, and all refunds of the order use it', async () => {
    const shopId = await sales.newShop('level', [], commissionOf([{ rate: byLevel }]));
    await payee(shopId, 'd-1', { level: '3' });
    await sales.sold([
      sales.order(shopId),
      sales.order(shopId, { orderId: 'o-2', distributors: ['d-2'] }),
    ]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 1800', 'commission d-2 900']);
    await payee(shopId, 'd-1', { level: '1' });
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '50.00')]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 900', 'commission d-2 900']);
    await sales.sold([sales.order(shopId, { orderId: 'o-3' })]);
    expect((await desk.open(shopId)).filter((row) => row.includes('d-1'))).toEqual([
      'commission d-1 900',
      'commission d-1 900',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-6 what was sold in the month before decides, and what was sold before the plan came counts', async () => {
    const shopId = await sales.newShop('volume', ['d-1'], ownGoods);
    await sales.sold([
      sales.order(shopId, { orderId: 'o-1' }),
      sales.order(shopId, { orderId: 'o-2' }),
    ]);
    sales.nextDay();
    await desk.publish(shopId, books.clock.now().toISOString(), {
      plan: commissionOf([{ rate: byVolume }, { rate: byRefunds }]),
      version: 2,
    });
    // 200.00 of the month before: above 150.00. Of them 60.00 are refunded for a while: above a quarter.
    const february = (orderId: string): EventData['order-completed'] => {
      const at = '2026-02-03T10:00:00+08:00';
      const distributors = ['d-1', 'd-1'];
      return sales.order(shopId, { orderId, paidAt: at, completedAt: at, distributors });
    };
    await books.completed([february('o-3')]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '60.00')]);
    await books.completed([february('o-4')]);
    await books.heard('order-refund-reversed', [
      { shopId, orderId: 'o-1', refundId: 'r-1', at: books.clock.now().toISOString() },
    ]);
    await books.completed([february('o-5')]);
    const rates = await books.database.query<{ order_id: string; owed: string }>(
      `SELECT order_id, string_agg(amount_minor::text, ' ' ORDER BY level) AS owed FROM entry
        WHERE shop_id = $1 AND kind = 'commission' AND order_id > 'o-2'
        GROUP BY order_id ORDER BY order_id`,
      [shopId],
    );
    // 20 % of 90.00, then 20 % of 72.00, and 10 % of it while 60.00 of 200.00 are refunded.
    expect(rates.map(({ order_id: orderId, owed }) => `${orderId}: ${owed}`)).toEqual([
      'o-3: 1800 1440',
      'o-4: 1800 720',
      'o-5: 1800 1440',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('cycles', () => {
  const daily = { every: 'day', at: '02:00' };
  const day = (ahead: number): string =>
    new Date(books.clock.now().getTime() + (ahead * 24 + 8) * 3_600_000).toISOString().slice(0, 10);

  it('R-RUL-3 a payee with a cycle of its own is stated by its runs and by no other', async () => {
    const payeeCycles = [{ payees: ['d-2'], cycle: { every: 'day', at: '05:00' } }];
    const plan = {
      ...ownGoods,
      commission: { levels: [{ rate: '0.30' }], cycle: daily, payeeCycles },
    };
    const shopId = await sales.newShop('own-cycle', ['d-1', 'd-2'], plan);
    await sales.sold(sales.orderEach(shopId, ['d-1', 'd-2']));
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700', 'commission d-2 2700']);
    const runs = await books.database.query<{ period: string }>(
      `SELECT right(period, 14) AS period FROM run WHERE shop_id = $1 AND statements > 0
        ORDER BY scheduled_at`,
      [shopId],
    );
    expect(runs.map(({ period }) => period)).toEqual(['02:00:00+08:00', '05:00:00+08:00']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-3 a run waits for the next business day, and takes what the days before would have', async () => {
    const calendar = { holidays: [day(1)], workdays: [day(0), day(2)] };
    const plan = {
      ...ownGoods,
      commission: { levels: [{ rate: '0.30' }], cycle: daily, onHoliday: 'next-business-day' },
      calendar,
    };
    const shopId = await sales.newShop('holiday', ['d-1'], plan);
    await sales.sold([sales.order(shopId)]);
    await night();
    expect(await desk.stated(shopId)).toEqual([]);
    await sales.sold([sales.order(shopId, { orderId: 'o-2' })]);
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 5400']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});
