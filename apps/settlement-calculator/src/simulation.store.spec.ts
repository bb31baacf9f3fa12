import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SecondPersonLimits } from '@qingfen/approvals';
import type { EventData, Simulation } from '@qingfen/contracts';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { ONE_PPM, parseRate } from '@qingfen/money';
import { Books } from './books.fixture.js';
import { Desk, maker, refusal, type PlanDocument } from './manual.fixture.js';
import { PlanShelf } from './plan-shelf.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';
import { SimulationController } from './simulation.controller.js';
import { SimulationService } from './simulation.service.js';

// A draft is tried on orders that were settled under another plan, or under none, and nothing is booked.

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

const always = { from: '2025-01-01T00:00:00+08:00', to: '2027-01-01T00:00:00+08:00' };

const noLimits: SecondPersonLimits = { payoutRatioMaxPpm: ONE_PPM, manualMaxMinor: null };

/** What payout says the shop's limits are. */
let limits = noLimits;

function simulating(ordersMax = 1_000): SimulationController {
  const env = { count: (name: string) => (name === 'QINGFEN_LEVELS_MAX' ? 3 : ordersMax) };
  const service = new SimulationService(books.database, books.clock, new PlanShelf(), env);
  const risk = { of: () => Promise.resolve(limits) };
  return new SimulationController(books.database, service, risk, env);
}

function simulate(
  shopId: string,
  plan: PlanDocument,
  { span = always, query = {} }: { span?: typeof always; query?: object } = {},
): Promise<Simulation> {
  return simulating().simulate(shopId, query, { plan, ...span });
}

/** Items as `kind payee owed now`. */
function told({ items }: Simulation): string[] {
  return items.map(({ kind, payeeId, owed, owedNow }) => `${kind} ${payeeId} ${owed} ${owedNow}`);
}

/** What the books owe of orders, as `kind payee amount`, whether stated or not. */
async function booked(shopId: string): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT kind || ' ' || payee_id || ' ' || trim(to_char(sum(amount) / 100.0, '999999990.00')) AS row
       FROM (SELECT e.kind, e.payee_id, e.amount_minor + coalesce(
                      (SELECT sum(a.amount_minor) FROM entry_adjustment a
                        WHERE a.shop_id = e.shop_id AND a.entry_id = e.entry_id), 0) AS amount
               FROM entry e WHERE e.shop_id = $1 AND e.payee_id IS NOT NULL) x
      GROUP BY kind, payee_id HAVING sum(amount) <> 0 ORDER BY 1`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

async function night(): Promise<void> {
  sales.night();
  await books.runDue();
  sales.morning();
}

function payee(shopId: string, payeeId: string, change: Partial<EventData['payee-upserted']>) {
  return books.told(
    [{ shopId, payeeId, name: payeeId, roles: ['distributor'], ...change }],
    'payee-upserted',
    (unit, events) => books.copies.keepPayees(unit, events),
  );
}

const levels = (...rates: string[]): object[] => rates.map((rate) => ({ rate }));

describe('R-RUL-7 a simulation', () => {
  it('R-RUL-7 of the plan in force on its own orders finds no difference, whatever became of them', async () => {
    const plan: PlanDocument = {
      ...supplied,
      commission: {
        levels: [
          {
            rate: {
              by: 'payee-level',
              tiers: [
                { from: '0', rate: '0.1' },
                { from: '2', rate: '0.2' },
              ],
            },
          },
          { fixed: '3.00', rate: '0.05', min: '1.00', max: '9.00' },
          {
            method: 'marginal',
            tiers: [
              { from: '0', rate: '0.01' },
              { from: '50.00', rate: '0.1' },
            ],
          },
        ],
        selfPurchase: 'skip',
      },
      conditions: [{ for: 'commission', when: 'order-amount', atLeast: '20.00' }],
    };
    const shopId = await sales.newShop('same', ['d-1', 'd-2', 'd-3'], plan);
    await payee(shopId, 'd-1', { level: '2' });
    const chain = ['d-1', 'd-2', 'd-3'];
    const line = (itemId: string, amount: string, more = {}) => {
      return { itemId, supplierId: 's-1', amount, ...more };
    };
    await sales.sold([
      sales.order(shopId, { orderId: 'whole', distributors: chain }),
      sales.order(shopId, { orderId: 'before', distributors: chain }),
      sales.order(shopId, { orderId: 'after', distributors: chain }),
      sales.order(shopId, { orderId: 'own', distributors: chain, buyerPayeeId: 'd-2' }),
      sales.order(shopId, { orderId: 'small', items: [line('1', '19.99')], distributors: chain }),
      sales.order(shopId, {
        orderId: 'lines',
        items: [
          line('1', '70.00', { subsidy: '5.55' }),
          line('2', '8.88', { kind: 'shipping' }),
          line('3', '0.01'),
        ],
        distributors: [null, 'd-2', 'd-1'],
      }),
    ]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '33.33', 'before')]);
    await night();
    await books.heard('order-refunded', [sales.refund(shopId, 'r-2', '99.99', 'after')]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-3', '50.00', 'whole')]);
    await books.heard('order-refund-reversed', [
      { shopId, orderId: 'whole', refundId: 'r-3', at: books.clock.now().toISOString() },
    ]);
    // What is booked by hand is no order's, though it names one; and a level of today changes nothing.
    await desk.run((unit) =>
      desk.adjustments.create(unit, {
        limit: desk.limit,
        shopId,
        caller: maker,
        body: { payeeId: 'd-1', kind: 'commission', amount: '7.00', reason: 'x', orderId: 'whole' },
      }),
    );
    await payee(shopId, 'd-1', { level: '0' });
    const simulated = await simulate(shopId, plan);
    expect(simulated.orders).toBe(6);
    expect(simulated.totals.difference).toBe('0.00');
    expect(simulated.items.filter(({ difference }) => difference !== '0.00')).toEqual([]);
    expect(simulated.items.map(({ payeeId }) => payeeId)).toEqual(['d-1', 'd-2', 'd-3', 's-1']);
    expect(simulated.totals.owed).toMatch(/^[1-9][0-9]{2}\./);
    // What was cut is told of, though it is cut now as well.
    expect(simulated.warnings.map(({ pointer }) => pointer)).toEqual([
      '/plan/commission/levels/1/fixed',
    ]);
  });

  it('R-RUL-5 R-RUL-7 finds no difference where a version came late, under that version', async () => {
    const shopId = await sales.newShop('late', [], {
      ...ownGoods,
      commission: { levels: levels('0.1') },
    });
    const at = books.clock.now().toISOString();
    await sales.sold([sales.order(shopId, { orderId: 'o-1' })]);
    await night();
    await sales.sold([sales.order(shopId, { orderId: 'o-2', paidAt: at })]);
    await desk.publish(shopId, at, { version: 2, plan: supplied });
    await desk.run((unit) => books.rebinding.rebind(unit, 10));
    const simulated = await simulate(shopId, supplied);
    expect(told(simulated)).toEqual(['commission d-1 54.00 54.00', 'supplier s-1 126.00 126.00']);
  });

  it('R-RUL-7 says of every payee what a shop with the draft has booked for the same orders', async () => {
    const draft: PlanDocument = {
      ...supplied,
      platformFee: { rate: '0.05', min: '1.00' },
      commission: { basis: 'gross', levels: levels('0.2', '0.1') },
    };
    const [old, made] = [
      await sales.newShop('old', [], { ...supplied, commission: { levels: levels('0.3') } }),
      await sales.newShop('made', [], draft),
    ];
    for (const shopId of [old, made]) {
      await sales.sold([
        sales.order(shopId, { orderId: 'o-1', distributors: ['d-1', 'd-2'] }),
        sales.order(shopId, { orderId: 'o-2', distributors: ['d-2', 'd-3'] }),
        sales.order(shopId, { orderId: 'o-3', distributors: [null, 'd-1'] }),
      ]);
      await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '12.34', 'o-2')]);
    }
    const simulated = await simulate(old, draft);
    const owed = simulated.items.map(
      ({ kind, payeeId, owed: amount }) => `${kind} ${payeeId} ${amount}`,
    );
    expect(owed.sort()).toEqual(await booked(made));
    const now = simulated.items
      .filter(({ owedNow }) => owedNow !== '0.00')
      .map(({ kind, payeeId, owedNow }) => `${kind} ${payeeId} ${owedNow}`);
    expect(now.sort()).toEqual(await booked(old));
    const sum = (of: 'owed' | 'owedNow' | 'difference'): number =>
      simulated.items.reduce((all, item) => all + Math.round(Number(item[of]) * 100), 0);
    expect(simulated.totals).toEqual({
      owed: (sum('owed') / 100).toFixed(2),
      owedNow: (sum('owedNow') / 100).toFixed(2),
      difference: (sum('difference') / 100).toFixed(2),
    });
  });

  it('R-RUL-7 takes the orders that were paid in its time, and the first moment but not the last', async () => {
    const shopId = await sales.newShop('span', []);
    const from = books.clock.now().toISOString();
    await sales.sold([sales.order(shopId, { orderId: 'o-1' })]);
    sales.nextDay();
    const to = books.clock.now().toISOString();
    await sales.sold([sales.order(shopId, { orderId: 'o-2' })]);
    const draft = { ...ownGoods, commission: { levels: levels('0.5') } };
    const simulated = await simulate(shopId, draft, { span: { from, to } });
    expect([simulated.orders, told(simulated)]).toEqual([1, ['commission d-1 45.00 27.00']]);
    expect((await simulate(shopId, draft, { span: { from: to, to: always.to } })).orders).toBe(1);
    expect(await refusal(simulate(shopId, draft, { span: { from: to, to } }))).toBe(
      '422 invalid /to',
    );
  });

  it('R-RUL-7 tries a first plan on orders that came before any', async () => {
    const shopId = await desk.newShop('first', { withPlan: false });
    await sales.sold([sales.order(shopId)]);
    const simulated = await simulate(shopId, supplied);
    expect(told(simulated)).toEqual(['supplier s-1 63.00 0.00', 'commission d-1 27.00 0.00']);
    expect(simulated.warnings).toEqual([
      {
        pointer: '',
        message: 'No version binds 1 order yet: all that the draft owes there counts as more.',
        messageZh: '有 1 笔订单尚无适用的规则版本：新规则下的应得金额全部计为增加。',
      },
    ]);
    expect(await booked(shopId)).toEqual([]);
  });

  it('R-RUL-7 books nothing, says nothing and audits nothing', async () => {
    const shopId = await sales.newShop('reads', []);
    await sales.sold(sales.orderEach(shopId, ['d-1', 'd-2']));
    const tables = [
      'accrual',
      'single_entry',
      'entry_adjustment',
      'ledger_transaction',
      'outbox',
      'audit',
    ];
    const sizes = async (): Promise<string[]> => {
      const rows = tables.map((table) =>
        books.database.query<{ text: string }>(
          `SELECT md5(string_agg(t::text, '|')) AS text FROM ${table} t`,
        ),
      );
      return (await Promise.all(rows)).map(([row]) => row?.text ?? '');
    };
    const before = await sizes();
    await simulate(shopId, supplied, { query: { limit: '1' } });
    expect(await sizes()).toEqual(before);
  });

  it('R-RUL-7 refuses a draft as publishing would, and more orders than the installation tries', async () => {
    const shopId = await sales.newShop('bad', []);
    await sales.sold(sales.orderEach(shopId, ['d-1', 'd-2', 'd-3']));
    const bad = { ...ownGoods, commission: { levels: [{ rate: '30' }] } };
    expect(await refusal(simulate(shopId, bad))).toBe('422 invalid /plan/commission/levels/0/rate');
    const body = { plan: ownGoods, ...always };
    expect(await refusal(simulating(2).simulate(shopId, {}, body))).toBe('422 invalid /from');
    expect((await simulating(3).simulate(shopId, {}, body)).orders).toBe(3);
    expect(await refusal(simulating().simulate('no-shop', {}, body))).toBe('404 not-found');
  });

  it('R-RUL-7 has a limit to how many are under way, and is free again after a refusal', async () => {
    const shopId = await sales.newShop('busy', []);
    await sales.sold([sales.order(shopId)]);
    const env = { count: () => 1_000 };
    const service = new SimulationService(books.database, books.clock, new PlanShelf(), env);
    const what = {
      shopId,
      plan: planOf(ownGoods),
      from: new Date(always.from),
      to: new Date(always.to),
    };
    const kinds = async (): Promise<string[]> =>
      (await Promise.all([1, 2, 3].map(() => service.simulate(what))))
        .map(({ kind }) => kind)
        .sort();
    expect(await kinds()).toEqual(['busy', 'done', 'done']);
    expect(await kinds()).toEqual(['busy', 'done', 'done']);
  });
});

function planOf(document: PlanDocument): Plan {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'ok') return reading.plan;
  throw new Error('the plan is right');
}

describe('R-RUL-7 the list of who wins and loses', () => {
  it('R-RUL-7 begins with the greatest change, whichever way it goes, and is read page by page', async () => {
    const plan = { ...ownGoods, commission: { levels: levels('0.2', '0.2', '0.2') } };
    const shopId = await sales.newShop('pages', [], plan);
    await sales.sold([sales.order(shopId, { distributors: ['d-1', 'd-2', 'd-3'] })]);
    const draft = {
      ...ownGoods,
      commission: { basis: 'flat', levels: levels('0.1', '0.5', '0.13') },
    };
    // Now 18.00, 14.40 and 11.52; under the draft 9.00, 45.00 and 11.70.
    const whole = await simulate(shopId, draft);
    expect(told(whole)).toEqual([
      'commission d-2 45.00 14.40',
      'commission d-1 9.00 18.00',
      'commission d-3 11.70 11.52',
    ]);
    expect(whole.items.map(({ difference }) => difference)).toEqual(['30.60', '-9.00', '0.18']);
    expect(whole.nextCursor).toBeNull();
    const first = await simulate(shopId, draft, { query: { limit: '2' } });
    expect(told(first)).toEqual(told(whole).slice(0, 2));
    // What is sold meanwhile changes nothing: the pages are of one simulation.
    await sales.sold([sales.order(shopId, { orderId: 'o-2' })]);
    const query = { limit: '2', cursor: first.nextCursor };
    const second = await simulate(shopId, draft, { query });
    expect([told(second), second.nextCursor]).toEqual([told(whole).slice(2), null]);
    expect([second.totals, second.orders]).toEqual([whole.totals, 1]);
    expect(await refusal(simulate(shopId, plan, { query }))).toBe('400 bad-query');
    expect(await refusal(simulate(shopId, draft, { query: { cursor: 'abc' } }))).toBe(
      '400 bad-query',
    );
  });

  it('R-RUL-7 forgets a simulation an hour after it was made', async () => {
    const shopId = await sales.newShop('old-pages', []);
    await sales.sold(sales.orderEach(shopId, ['d-1', 'd-2']));
    const { nextCursor } = await simulate(shopId, ownGoods, { query: { limit: '1' } });
    await books.database.query(
      `UPDATE simulation SET made_at = made_at - interval '61 minutes' WHERE shop_id = $1`,
      [shopId],
    );
    const query = { limit: '1', cursor: nextCursor };
    expect(await refusal(simulate(shopId, ownGoods, { query }))).toBe('400 bad-query');
    await simulate(shopId, ownGoods, { query: { limit: '1' } });
    const [row] = await books.database.query<{ kept: bigint; items: bigint }>(
      `SELECT (SELECT count(*) FROM simulation WHERE shop_id = $1) AS kept,
              (SELECT count(*) FROM simulation_item WHERE shop_id = $1) AS items`,
      [shopId],
    );
    expect(row).toEqual({ kept: 1n, items: 2n });
  });
});

describe('R-RUL-7 warnings', () => {
  it('R-RUL-7 names who loses more than a tenth, the most first', async () => {
    const shopId = await sales.newShop('losers', [], {
      ...ownGoods,
      commission: { levels: levels('0.5', '0.5') },
    });
    await sales.sold([sales.order(shopId, { distributors: ['d-1', 'd-2'] })]);
    const draft = { ...ownGoods, commission: { levels: levels('0.45', '0.2') } };
    const { warnings } = await simulate(shopId, draft);
    // d-1: 40.50 of 45.00, just a tenth less; d-2: 9.90 of 22.50.
    expect(warnings).toEqual([
      {
        pointer: '',
        message: '1 payee would be owed less by more than 10%: d-2 (commission) −12.60, −56%.',
        messageZh: '1 个收款方的应得金额将减少 10% 以上：d-2 (commission) −12.60, −56%。',
      },
    ]);
  });

  it('R-RUL-7 tells of lines on which a fixed or least amount is cut, and of lines that are all fee', async () => {
    const shopId = await sales.newShop('cuts', [], {
      ...ownGoods,
      commission: { levels: levels('0') },
    });
    const item = (itemId: string, amount: string) => ({ itemId, supplierId: 's-1', amount });
    const items = [item('1', '100.00'), item('2', '8.00'), item('3', '1.99')];
    await sales.sold([sales.order(shopId, { items, distributors: ['d-1', 'd-2'] })]);
    const draft: PlanDocument = {
      returnWindowDays: 0,
      platformFee: { rate: '0', min: '2.00' },
      commission: { basis: 'gross', levels: [{ rate: '0.1' }, { fixed: '5.00', rate: '0.1' }] },
    };
    const { warnings } = await simulate(shopId, draft);
    // Of 8.00 the fee is 2.00 and level 1 has 0.80: 5.20 are left of 5.80; of 1.99 nothing is.
    expect(warnings.map(({ pointer, message }) => [pointer, message])).toEqual([
      [
        '/plan/commission/levels/1/fixed',
        'On 2 lines a fixed or least amount is more than is left of the line and is cut: ' +
          'order o-1, line 2, level 2: 5.20 instead of 5.80; order o-1, line 3, level 1: 0.00 instead of 0.20.',
      ],
      [
        '/plan/platformFee/min',
        "Of 1 line the platform's least fee takes everything; nothing is left for anybody else.",
      ],
    ]);
  });

  it('R-RUL-7 begins with the limit above which publishing wants a second person', async () => {
    const shopId = await sales.newShop('guarded', []);
    await sales.sold([sales.order(shopId)]);
    const pointersAt = async (
      known: SecondPersonLimits,
      draft: PlanDocument,
    ): Promise<[string, string | undefined][]> => {
      limits = known;
      const { warnings } = await simulate(shopId, draft);
      limits = noLimits;
      return warnings.map(({ pointer, message }) => [pointer, message.split(';').at(0)]);
    };
    const at = (rate: string): SecondPersonLimits => {
      return { ...noLimits, payoutRatioMaxPpm: parseRate(rate) };
    };
    const ofFee = { rate: '0.10' };
    const draft = { ...ownGoods, platformFee: ofFee, commission: { levels: levels('0.2') } };
    const loser = [
      '',
      '1 payee would be owed less by more than 10%: d-1 (commission) −9.00, −33%.',
    ];
    expect(await pointersAt(at('0.18'), draft)).toEqual([loser]);
    expect(await pointersAt(at('0.179999'), draft)).toEqual([
      [
        '/plan/commission/levels',
        "Commission › levels: all levels together can come to 18% of a line, above the shop's limit of 17.9999%",
      ],
      loser,
    ]);
    const nobody = { platformFee: ofFee, supplier: supplied.supplier };
    expect(await pointersAt(at('0'), nobody)).toHaveLength(1);
  });
});

describe('R-RUL-6 R-RUL-7 rates that follow facts', () => {
  const byFact = (by: string, ...steps: string[][]): PlanDocument => ({
    ...ownGoods,
    commission: {
      levels: [{ rate: { by, tiers: steps.map(([from, rate]) => ({ from, rate })) } }],
    },
  });

  it('R-RUL-6 R-RUL-7 takes the level that a payee has now, and what an order has kept before it', async () => {
    const draft = byFact('payee-level', ['0', '0.1'], ['3', '0.5']);
    const plain = await sales.newShop('levels', []);
    await payee(plain, 'd-1', { level: '3' });
    await sales.sold(sales.orderEach(plain, ['d-1', 'd-2']));
    expect(told(await simulate(plain, draft)).sort()).toEqual([
      'commission d-1 45.00 27.00',
      'commission d-2 9.00 27.00',
    ]);
    const kept = await sales.newShop('kept', [], byFact('payee-level', ['0', '0.1'], ['3', '0.2']));
    await payee(kept, 'd-1', { level: '3' });
    await sales.sold([sales.order(kept)]);
    await payee(kept, 'd-1', { level: '1' });
    expect(told(await simulate(kept, draft))).toEqual(['commission d-1 45.00 18.00']);
  });

  it.each([
    ['payee-month-volume', ['0', '0.1'], ['150.00', '0.4']],
    ['payee-refund-rate', ['0', '0.4'], ['0.2', '0.1']],
  ])('R-RUL-6 R-RUL-7 reckons %s of the month before from the orders', async (by, low, high) => {
    const draft = byFact(by, low, high);
    const old = await sales.newShop(`old-${by}`, []);
    const made = await sales.newShop(`made-${by}`, [], draft);
    for (const shopId of [old, made]) {
      await sales.sold([
        ...sales.orderEach(shopId, ['d-1', 'd-2']),
        sales.order(shopId, { orderId: 'o-3', distributors: ['d-2'] }),
      ]);
      await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '60.00', 'o-d-1')]);
    }
    for (let days = 0; days < 31; days += 1) sales.nextDay();
    for (const shopId of [old, made]) {
      const sold = sales.orderEach(shopId, ['d-1', 'd-2']);
      await sales.sold(sold.map((order) => ({ ...order, orderId: `${order.orderId}-next` })));
    }
    const simulated = await simulate(old, draft);
    const owed = simulated.items.map(({ kind, payeeId, owed: sum }) => `${kind} ${payeeId} ${sum}`);
    expect(owed.sort()).toEqual(await booked(made));
    // The two are not priced alike: one of them sold more, or was given back more, the month before.
    expect(new Set(simulated.items.map(({ owed: sum }) => sum)).size).toBe(2);
  });
});

describe('R-TEA-1 R-RUL-7 rewards of teams', () => {
  const rewarding = (...steps: [string, string][]): PlanDocument => ({
    ...ownGoods,
    teamReward: {
      tiers: steps.map(([from, rate]) => ({ from, rate })),
      cycle: { every: 'month', on: 15, at: '23:30' },
    },
  });
  const plan = rewarding(['0', '0.01'], ['250.00', '0.02']);

  let rewarded: string;
  let unrewarded: string;

  /** Three orders of 100.00 of team t-1 in each shop, counted on the 15th where teams are; and one after. */
  beforeAll(async () => {
    await books.close();
    books = await Books.open(new Date('2026-03-12T10:00:00+08:00'));
    desk = new Desk(books);
    sales = new Sales(desk);
    rewarded = await sales.newShop('team', [], plan);
    unrewarded = await sales.newShop('new-team', []);
    for (const shopId of [rewarded, unrewarded]) {
      await payee(shopId, 'lead', { roles: ['team-leader'], teamId: 't-1' });
      const orderIds = ['o-1', 'o-2', 'o-3'];
      await sales.sold(orderIds.map((orderId) => sales.order(shopId, { orderId, teamId: 't-1' })));
    }
    books.clock.take(new Date('2026-03-16T10:00:00+08:00'));
    await books.runDue();
    for (const shopId of [rewarded, unrewarded]) {
      await sales.sold([sales.order(shopId, { orderId: 'late', teamId: 't-1' })]);
    }
  });

  const rewards = (simulation: Simulation): string[] =>
    told(simulation).filter((row) => row.startsWith('team-reward'));

  it('R-TEA-1 R-RUL-7 are those of the periods that were counted, at the draft’s tiers', async () => {
    expect(rewards(await simulate(rewarded, plan))).toEqual(['team-reward lead 6.00 6.00']);
    const dearer = rewarding(['0', '0.01'], ['300.01', '0.02']);
    const simulated = await simulate(rewarded, dearer);
    expect(rewards(simulated)).toEqual(['team-reward lead 3.00 6.00']);
    expect(simulated.warnings.map(({ message }) => message)).toEqual([
      '1 payee would be owed less by more than 10%: lead (team-reward) −3.00, −50%.',
      'Left out of rewards on both sides, because no run has counted them yet: 1 order of teams.',
    ]);
    expect(rewards(await simulate(rewarded, ownGoods))).toEqual(['team-reward lead 0.00 6.00']);
    const condition = { for: 'team-reward', when: 'order-amount', atLeast: '100.01' };
    const none = await simulate(rewarded, { ...plan, conditions: [condition] });
    expect(rewards(none)).toEqual(['team-reward lead 0.00 6.00']);
  });

  it('R-TEA-1 R-RUL-7 that the draft begins are counted as its own cycle would have by now', async () => {
    expect(rewards(await simulate(unrewarded, plan))).toEqual(['team-reward lead 6.00 0.00']);
    await payee(unrewarded, 'second', { roles: ['team-leader'], teamId: 't-1' });
    expect(rewards(await simulate(unrewarded, plan))).toEqual(['team-reward team:t-1 6.00 0.00']);
  });
});
