import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { maker, refusal, type PlanDocument } from './manual.fixture.js';
import { PlanShelf } from './plan-shelf.js';
import { ownGoods, supplied } from './sales.fixture.js';
import { always, levels, told, TryingRoom } from './simulation.fixture.js';
import { SimulationService } from './simulation.service.js';

let room: TryingRoom;
beforeAll(async () => {
  room = await TryingRoom.open('2026-01-10T10:00:00+08:00');
});
afterAll(() => room.close());

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
    const shopId = await room.sales.newShop('same', ['d-1', 'd-2', 'd-3'], plan);
    await room.payee(shopId, 'd-1', { level: '2' });
    const chain = ['d-1', 'd-2', 'd-3'];
    const line = (itemId: string, amount: string, more = {}) => {
      return { itemId, supplierId: 's-1', amount, ...more };
    };
    await room.sales.sold([
      room.sales.order(shopId, { orderId: 'whole', distributors: chain }),
      room.sales.order(shopId, { orderId: 'before', distributors: chain }),
      room.sales.order(shopId, { orderId: 'after', distributors: chain }),
      room.sales.order(shopId, { orderId: 'own', distributors: chain, buyerPayeeId: 'd-2' }),
      room.sales.order(shopId, {
        orderId: 'small',
        items: [line('1', '19.99')],
        distributors: chain,
      }),
      room.sales.order(shopId, {
        orderId: 'lines',
        items: [
          line('1', '70.00', { subsidy: '5.55' }),
          line('2', '8.88', { kind: 'shipping' }),
          line('3', '0.01'),
        ],
        distributors: [null, 'd-2', 'd-1'],
      }),
    ]);
    await room.books.heard('order-refunded', [room.sales.refund(shopId, 'r-1', '33.33', 'before')]);
    await room.night();
    await room.books.heard('order-refunded', [room.sales.refund(shopId, 'r-2', '99.99', 'after')]);
    await room.books.heard('order-refunded', [room.sales.refund(shopId, 'r-3', '50.00', 'whole')]);
    await room.books.heard('order-refund-reversed', [
      { shopId, orderId: 'whole', refundId: 'r-3', at: room.books.clock.now().toISOString() },
    ]);
    // What is booked by hand is no order's, though it names one; and a level of today changes nothing.
    await room.desk.run((unit) =>
      room.desk.adjustments.create(unit, {
        limit: room.desk.limit,
        shopId,
        caller: maker,
        body: { payeeId: 'd-1', kind: 'commission', amount: '7.00', reason: 'x', orderId: 'whole' },
      }),
    );
    await room.payee(shopId, 'd-1', { level: '0' });
    const simulated = await room.simulate(shopId, plan);
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
    const shopId = await room.sales.newShop('late', [], {
      ...ownGoods,
      commission: { levels: levels('0.1') },
    });
    const at = room.books.clock.now().toISOString();
    await room.sales.sold([room.sales.order(shopId, { orderId: 'o-1' })]);
    await room.night();
    await room.sales.sold([room.sales.order(shopId, { orderId: 'o-2', paidAt: at })]);
    await room.desk.publish(shopId, at, { version: 2, plan: supplied });
    await room.desk.run((unit) => room.books.rebinding.rebind(unit, 10));
    const simulated = await room.simulate(shopId, supplied);
    expect(told(simulated)).toEqual(['commission d-1 54.00 54.00', 'supplier s-1 126.00 126.00']);
  });

  it('R-RUL-7 says of every payee what a shop with the draft has booked for the same orders', async () => {
    const draft: PlanDocument = {
      ...supplied,
      platformFee: { rate: '0.05', min: '1.00' },
      commission: { basis: 'gross', levels: levels('0.2', '0.1') },
    };
    const [old, made] = [
      await room.sales.newShop('old', [], { ...supplied, commission: { levels: levels('0.3') } }),
      await room.sales.newShop('made', [], draft),
    ];
    for (const shopId of [old, made]) {
      await room.sales.sold([
        room.sales.order(shopId, { orderId: 'o-1', distributors: ['d-1', 'd-2'] }),
        room.sales.order(shopId, { orderId: 'o-2', distributors: ['d-2', 'd-3'] }),
        room.sales.order(shopId, { orderId: 'o-3', distributors: [null, 'd-1'] }),
      ]);
      await room.books.heard('order-refunded', [room.sales.refund(shopId, 'r-1', '12.34', 'o-2')]);
    }
    const simulated = await room.simulate(old, draft);
    const owed = simulated.items.map(
      ({ kind, payeeId, owed: amount }) => `${kind} ${payeeId} ${amount}`,
    );
    expect(owed.sort()).toEqual(await room.booked(made));
    const now = simulated.items
      .filter(({ owedNow }) => owedNow !== '0.00')
      .map(({ kind, payeeId, owedNow }) => `${kind} ${payeeId} ${owedNow}`);
    expect(now.sort()).toEqual(await room.booked(old));
    const sum = (of: 'owed' | 'owedNow' | 'difference'): number =>
      simulated.items.reduce((all, item) => all + Math.round(Number(item[of]) * 100), 0);
    expect(simulated.totals).toEqual({
      owed: (sum('owed') / 100).toFixed(2),
      owedNow: (sum('owedNow') / 100).toFixed(2),
      difference: (sum('difference') / 100).toFixed(2),
    });
  });

  it('R-RUL-7 takes the orders that were paid in its time, and the first moment but not the last', async () => {
    const shopId = await room.sales.newShop('span', []);
    const from = room.books.clock.now().toISOString();
    await room.sales.sold([room.sales.order(shopId, { orderId: 'o-1' })]);
    room.sales.nextDay();
    const to = room.books.clock.now().toISOString();
    await room.sales.sold([room.sales.order(shopId, { orderId: 'o-2' })]);
    const draft = { ...ownGoods, commission: { levels: levels('0.5') } };
    const simulated = await room.simulate(shopId, draft, { span: { from, to } });
    expect([simulated.orders, told(simulated)]).toEqual([1, ['commission d-1 45.00 27.00']]);
    expect((await room.simulate(shopId, draft, { span: { from: to, to: always.to } })).orders).toBe(
      1,
    );
    expect(await refusal(room.simulate(shopId, draft, { span: { from: to, to } }))).toBe(
      '422 invalid /to',
    );
  });

  it('R-RUL-7 tries a first plan on orders that came before any', async () => {
    const shopId = await room.desk.newShop('first', { withPlan: false });
    await room.sales.sold([room.sales.order(shopId)]);
    const simulated = await room.simulate(shopId, supplied);
    expect(told(simulated)).toEqual(['supplier s-1 63.00 0.00', 'commission d-1 27.00 0.00']);
    expect(simulated.warnings).toEqual([
      {
        pointer: '',
        message: 'No version binds 1 order yet: all that the draft owes there counts as more.',
        messageZh: '有 1 笔订单尚无适用的规则版本：新规则下的应得金额全部计为增加。',
      },
    ]);
    expect(await room.booked(shopId)).toEqual([]);
  });

  it('R-RUL-7 books nothing, says nothing and audits nothing', async () => {
    const shopId = await room.sales.newShop('reads', []);
    await room.sales.sold(room.sales.orderEach(shopId, ['d-1', 'd-2']));
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
        room.books.database.query<{ text: string }>(
          `SELECT md5(string_agg(t::text, '|')) AS text FROM ${table} t`,
        ),
      );
      return (await Promise.all(rows)).map(([row]) => row?.text ?? '');
    };
    const before = await sizes();
    await room.simulate(shopId, supplied, { query: { limit: '1' } });
    expect(await sizes()).toEqual(before);
  });

  it('R-RUL-7 refuses a draft as publishing would, and more orders than the installation tries', async () => {
    const shopId = await room.sales.newShop('bad', []);
    await room.sales.sold(room.sales.orderEach(shopId, ['d-1', 'd-2', 'd-3']));
    const bad = { ...ownGoods, commission: { levels: [{ rate: '30' }] } };
    expect(await refusal(room.simulate(shopId, bad))).toBe(
      '422 invalid /plan/commission/levels/0/rate',
    );
    const body = { plan: ownGoods, ...always };
    expect(await refusal(room.simulating(2).simulate(shopId, {}, body))).toBe('422 invalid /from');
    expect((await room.simulating(3).simulate(shopId, {}, body)).orders).toBe(3);
    expect(await refusal(room.simulating().simulate('no-shop', {}, body))).toBe('404 not-found');
  });

  it('R-RUL-7 has a limit to how many are under way, and is free again after a refusal', async () => {
    const shopId = await room.sales.newShop('busy', []);
    await room.sales.sold([room.sales.order(shopId)]);
    const env = { count: () => 1_000 };
    const service = new SimulationService(
      room.books.database,
      room.books.clock,
      new PlanShelf(),
      env,
    );
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
    const shopId = await room.sales.newShop('pages', [], plan);
    await room.sales.sold([room.sales.order(shopId, { distributors: ['d-1', 'd-2', 'd-3'] })]);
    const draft = {
      ...ownGoods,
      commission: { basis: 'flat', levels: levels('0.1', '0.5', '0.13') },
    };
    // Now 18.00, 14.40 and 11.52; under the draft 9.00, 45.00 and 11.70.
    const whole = await room.simulate(shopId, draft);
    expect(told(whole)).toEqual([
      'commission d-2 45.00 14.40',
      'commission d-1 9.00 18.00',
      'commission d-3 11.70 11.52',
    ]);
    expect(whole.items.map(({ difference }) => difference)).toEqual(['30.60', '-9.00', '0.18']);
    expect(whole.nextCursor).toBeNull();
    const first = await room.simulate(shopId, draft, { query: { limit: '2' } });
    expect(told(first)).toEqual(told(whole).slice(0, 2));
    // What is sold meanwhile changes nothing: the pages are of one simulation.
    await room.sales.sold([room.sales.order(shopId, { orderId: 'o-2' })]);
    const query = { limit: '2', cursor: first.nextCursor };
    const second = await room.simulate(shopId, draft, { query });
    expect([told(second), second.nextCursor]).toEqual([told(whole).slice(2), null]);
    expect([second.totals, second.orders]).toEqual([whole.totals, 1]);
    expect(await refusal(room.simulate(shopId, plan, { query }))).toBe('400 bad-query');
    expect(await refusal(room.simulate(shopId, draft, { query: { cursor: 'abc' } }))).toBe(
      '400 bad-query',
    );
  });

  it('R-RUL-7 forgets a simulation an hour after it was made', async () => {
    const shopId = await room.sales.newShop('old-pages', []);
    await room.sales.sold(room.sales.orderEach(shopId, ['d-1', 'd-2']));
    const { nextCursor } = await room.simulate(shopId, ownGoods, { query: { limit: '1' } });
    await room.books.database.query(
      `UPDATE simulation SET made_at = made_at - interval '61 minutes' WHERE shop_id = $1`,
      [shopId],
    );
    const query = { limit: '1', cursor: nextCursor };
    expect(await refusal(room.simulate(shopId, ownGoods, { query }))).toBe('400 bad-query');
    await room.simulate(shopId, ownGoods, { query: { limit: '1' } });
    const [row] = await room.books.database.query<{ kept: bigint; items: bigint }>(
      `SELECT (SELECT count(*) FROM simulation WHERE shop_id = $1) AS kept,
              (SELECT count(*) FROM simulation_item WHERE shop_id = $1) AS items`,
      [shopId],
    );
    expect(row).toEqual({ kept: 1n, items: 2n });
  });
});
