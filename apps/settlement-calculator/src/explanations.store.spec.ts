import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  entryExplainedSchema,
  moveBody,
  orderExplainedSchema,
  payoutExplainedSchema,
  statementExplainedSchema,
  type EventData,
  type Payout,
} from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Explaining } from './explain.fixture.js';
import { Desk, maker, refusal, sound, type PlanDocument } from './manual.fixture.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';

let books: Books;
let desk: Desk;
let sales: Sales;
let explaining: Explaining;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
  explaining = new Explaining(books);
});
afterAll(async () => {
  await books.close();
});

const payeeIds = ['d-1', 'd-2', 's-1'];

const rewarding = {
  ...supplied,
  commission: { levels: [{ rate: '0.30' }, { fixed: '2.00', rate: '0.10' }] },
  teamReward: {
    tiers: [
      { from: '0.00', rate: '0.01' },
      { from: '150.00', rate: '0.02', fixed: '1.00' },
    ],
    cycle: { every: 'day', at: '03:00' },
  },
} satisfies PlanDocument;

async function night(): Promise<void> {
  sales.night();
  await books.runDue();
  sales.morning();
  await books.runDue();
}

function leads(shopId: string, payeeId: string, teamId: string): Promise<void> {
  const alipay = { identityType: 'ALIPAY_LOGON_ID', identity: `${payeeId}@x.test`, name: payeeId };
  const data = { shopId, payeeId, name: payeeId, roles: ['team-leader'], teamId, alipay };
  return books.told([data as EventData['payee-upserted']], 'payee-upserted', (unit, events) =>
    books.copies.keepPayees(unit, events),
  );
}

async function entryIdOf(shopId: string, where: string): Promise<string> {
  const [row] = await books.database.query<{ entry_id: bigint }>(
    `SELECT entry_id FROM entry WHERE shop_id = $1 AND ${where} ORDER BY entry_id LIMIT 1`,
    [shopId],
  );
  return `en_${row?.entry_id}`;
}

async function one(sql: string, shopId: string): Promise<string> {
  const [row] = await books.database.query<{ id: string }>(sql, [shopId]);
  return row?.id ?? '';
}

/** A shop in which everything has happened once: what is booked of it, and the differences. */
async function busyShop(name: string): Promise<string> {
  const shopId = await sales.newShop(name, payeeIds, rewarding);
  await leads(shopId, 'l-1', 't-1');
  const sell = (orderId: string): EventData['order-completed'] =>
    sales.order(shopId, { orderId, distributors: ['d-1', 'd-2'], teamId: 't-1' });
  await sales.sold(['o-1', 'o-2', 'o-3'].map(sell));
  await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '33.33')]);
  await night();
  await desk.ended(shopId, 's-1', { status: 'failed', payeeFault: true });
  await books.heard('order-refunded', [
    sales.refund(shopId, 'r-2', '10.01'),
    sales.refund(shopId, 'r-3', '100.00', 'o-2'),
  ]);
  const at = books.clock.now().toISOString();
  await books.heard('order-refund-reversed', [{ shopId, orderId: 'o-1', refundId: 'r-2', at }]);
  const body = { payeeId: 'd-2', kind: 'commission', amount: '5.00', reason: 'a gift' } as const;
  await desk.run((unit) =>
    desk.adjustments.create(unit, { shopId, caller: maker, body, limit: desk.limit }),
  );
  await night();
  await sales.sold([sell('o-4')]);
  await night();
  return shopId;
}

describe('a replay of the books', () => {
  it('R-EXP-1 finds no difference in whatever was booked, page by page', async () => {
    const shopId = await busyShop('busy');
    expect(await explaining.replay(shopId)).toEqual({
      checked: { orders: 4, entries: expect.any(Number), performances: 3, statements: 5 },
      differences: [],
    });
    const all = await explaining.replay(shopId, 500);
    expect(all).toEqual(await explaining.replay(shopId, 1));
    const rows = await books.database.query('SELECT 1 FROM entry WHERE shop_id = $1', [shopId]);
    expect(all.checked.entries).toBe(rows.length);
    expect(await desk.invariants(shopId)).toEqual(sound);
    expect(await explaining.alarms(shopId)).toEqual([]);
  });

  it('R-EXP-1 R-RUL-5 goes through versions that came late, and orders that lost theirs', async () => {
    const shopId = await sales.newShop('rebound', payeeIds, supplied);
    const since = books.clock.now().toISOString();
    const orders = ['o-1', 'o-2'].map((orderId) =>
      sales.order(shopId, { orderId, distributors: ['d-1', 'd-2'] }),
    );
    await books.completed(orders);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '12.34')]);
    await sales.windowsClosed(orders.slice(0, 1));
    await night();
    await desk.publish(shopId, since, { version: 2, plan: rewarding });
    const rebind = (): Promise<number> =>
      books.units.run((unit) => books.rebinding.rebind(unit, 9));
    expect(await rebind()).toBe(2);
    await books.heard('order-refunded', [
      sales.refund(shopId, 'r-2', '20.00'),
      sales.refund(shopId, 'r-3', '7.77', 'o-2'),
    ]);
    expect((await explaining.replay(shopId)).differences).toEqual([]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('what was tampered with', () => {
  let shopId: string;
  beforeAll(async () => {
    shopId = await busyShop('tampered');
  });

  it.each([
    ['an accrued amount', 'accrual SET amounts[1] = amounts[1] + $2', 'order amount'],
    ['a row of an entry', 'entry_adjustment SET amount_minor = amount_minor + $2', 'order amount'],
    [
      'a correction',
      `single_entry SET amount_minor = amount_minor + $2 WHERE cause = 'refund' AND`,
      'order amount',
    ],
    ['what waits', 'unstated SET amount_minor = amount_minor + $2', 'order stands'],
    ['what is stated', 'statement_page SET amounts[1] = amounts[1] + $2', 'statement net'],
    ['a net', 'statement SET net_minor = net_minor + $2', 'statement net'],
    ['a payout', 'payout SET amount_minor = amount_minor + $2', 'statement parts'],
    [
      'a give-back',
      `single_entry SET amount_minor = amount_minor + $2 WHERE cause = 'give-back' AND`,
      'entry amount',
    ],
    [
      'a gift',
      `single_entry SET amount_minor = amount_minor + $2 WHERE cause = 'adjustment' AND`,
      'entry amount',
    ],
    [
      'a reward',
      `single_entry SET amount_minor = amount_minor + $2 WHERE cause = 'team-reward' AND`,
      'team amount',
    ],
    ['a count', 'team_count SET change_minor = change_minor + $2', 'team performance'],
    [
      'a performance',
      'team_performance SET performance_minor = performance_minor + $2',
      'team performance',
    ],
    ['what an order counts', 'team_order SET base_minor = base_minor + $2', 'order performance'],
    [
      'a refund',
      `refund SET items = (SELECT json_agg(json_build_array(i ->> 0, ((i ->> 1)::bigint + $2)::text, i ->> 2))
                             FROM json_array_elements(items) i) WHERE refund_id = 'r-1' AND`,
      'order amount',
    ],
    [
      'a maturity',
      `accrual SET commission_at = commission_at + $2 * interval '1 second'`,
      'order matures-at',
    ],
    ['a binding', 'completed_order SET plan_version = plan_version + $2', 'order facts'],
    [
      'a refund of more than was paid',
      `refund SET items = (SELECT json_agg(json_build_array(i ->> 0, ((i ->> 1)::bigint + $2 * 9999)::text, i ->> 2))
                             FROM json_array_elements(items) i) WHERE refund_id = 'r-1' AND`,
      'order facts',
    ],
  ])(
    'R-EXP-1 R-SEC-3 %s is found, told, and over when it is as it was',
    async (_, change, wanted) => {
      const where = change.includes(' WHERE ') ? '' : 'WHERE';
      const tamper = (by: number): Promise<unknown> =>
        books.database.query(`UPDATE ${change} ${where} shop_id = $1`, [shopId, by]);
      await tamper(1);
      const { differences } = await explaining.replay(shopId);
      const found = differences.some((words) => words.startsWith(`${wanted}: `));
      expect([found, differences]).toEqual([true, differences]);
      expect((await explaining.alarms(shopId)).length).toBeGreaterThan(0);
      await tamper(-1);
      expect((await explaining.replay(shopId)).differences).toEqual([]);
      expect(await explaining.alarms(shopId)).toEqual([]);
    },
  );

  it.each([
    ['entry_adjustment', 'order missing'],
    ['accrual', 'order missing'],
    ['unstated', 'order stands'],
    ['refund_booking', 'order unexpected'],
    ['team_count', 'team order-count'],
  ])('R-EXP-1 rows of %s that are gone are missed', async (table, wanted) => {
    const other = await busyShop(`gone-${table.replaceAll('_', '-')}`);
    await books.database.query(`DELETE FROM ${table} WHERE shop_id = $1`, [other]);
    const { differences } = await explaining.replay(other);
    expect(differences.filter((words) => words.startsWith(`${wanted}: `))).not.toEqual([]);
  });
});

describe('an explanation', () => {
  let shopId: string;
  beforeAll(async () => {
    shopId = await busyShop('explained');
  });

  it('R-EXP-1 lessons 36, 37: an entry has its order, its line, each level, its rows and their causes', async () => {
    const id = await entryIdOf(shopId, `order_id = 'o-1' AND level = 2`);
    const told = entryExplainedSchema.parse(await explaining.entry(shopId, id));
    expect(told).toMatchObject({
      agrees: true,
      differences: [],
      told: {
        cause: 'order',
        entry: { amount: '5.53', state: 'stated', how: { owed: '5.53', base: '66.67' } },
        source: { topic: 'order-completed', bookedAt: expect.any(String) },
      },
      order: {
        orderId: 'o-1',
        plan: { version: 1, boundBy: null, message: expect.stringContaining('Paid at') },
        window: { closeHeard: true },
      },
      line: { itemId: '1', paid: '100.00', refunded: '33.33', base: '66.67' },
      giveBack: null,
      manual: null,
    });
    expect(told.line?.levels.map(({ level, why }) => `${level} ${why}`)).toEqual([
      '1 present',
      '2 present',
    ]);
    const rows = told.told.rows.map(
      ({ row, cause, causeId, base, target, expected, amount }) =>
        `${row} ${cause} ${causeId}: ${expected} = ${amount}, ${target} of ${base}`,
    );
    expect(rows).toEqual([
      'entry order null: 8.30 = 8.30, 8.30 of 100.00',
      'adjustment refund r-1: -2.77 = -2.77, 5.53 of 66.67',
      expect.stringMatching(/^correction refund r-2: (-\d\.\d\d) = \1, /),
      expect.stringMatching(/^correction refund-reversal r-2: (\d\.\d\d) = \1, 5.53 of 66.67/),
    ]);
    expect(told.order?.refunds.map(({ refundId, state }) => `${refundId} ${state}`)).toEqual([
      'r-1 applied',
      'r-2 reversed',
    ]);
  });

  it('R-EXP-1 a reward has its tier, its performance order by order, and what was carried', async () => {
    const id = await entryIdOf(shopId, `cause = 'team-reward'`);
    const { agrees, teamReward, told } = await explaining.entry(shopId, id);
    expect([agrees, told.entry.amount]).toEqual([true, '6.33']);
    // 66.67 + 100.00 + 100.00 at 2 % and 1.00.
    expect(teamReward).toMatchObject({
      teamId: 't-1',
      method: 'whole',
      reached: [{ from: '150.00', rate: '0.02', fixed: '1.00' }],
      counted: '266.67',
      carried: '0.00',
      performance: '266.67',
      reward: '6.33',
      orders: [
        { orderId: 'o-1', change: '66.67', expected: '66.67' },
        { orderId: 'o-2', change: '100.00', expected: '100.00' },
        { orderId: 'o-3', change: '100.00', expected: '100.00' },
      ],
      nextCursor: null,
    });
  });

  it('R-EXP-1 what was given back names its payout, what was booked by hand names who and why', async () => {
    const back = await explaining.entry(shopId, await entryIdOf(shopId, `cause = 'give-back'`));
    const payoutId = await one(
      `SELECT payout_id AS id FROM payout WHERE shop_id = $1 AND status = 'failed'`,
      shopId,
    );
    expect(back).toMatchObject({
      agrees: true,
      order: null,
      giveBack: { payoutId, status: 'failed' },
      told: { source: { topic: 'payout-result' } },
    });
    const gift = await explaining.entry(shopId, await entryIdOf(shopId, `cause = 'adjustment'`));
    expect(gift).toMatchObject({
      agrees: true,
      manual: { reason: 'a gift', by: 'mia', approvedBy: null },
      told: { entry: { amount: '5.00' } },
    });
  });

  it('R-EXP-1 R-OPS-2 both ends of a move are explained', async () => {
    const moved = await sales.newShop('moved', ['d-1', 'd-2']);
    await sales.sold([sales.order(moved)]);
    const [from, to] = ['d-1', 'd-2'].map((payeeId) => ({ payeeId, kind: 'commission' as const }));
    const body = { from, to, amount: '7.00', reason: 'as agreed' };
    await desk.run((unit) =>
      desk.moves.move(unit, {
        shopId: moved,
        caller: maker,
        body: moveBody.parse(body),
        limit: desk.limit,
      }),
    );
    for (const [payeeId, amount] of [
      ['d-1', '-7.00'],
      ['d-2', '7.00'],
    ]) {
      const id = await entryIdOf(moved, `cause = 'adjustment' AND payee_id = '${payeeId}'`);
      expect(await explaining.entry(moved, id)).toMatchObject({
        agrees: true,
        manual: { reason: 'as agreed', by: 'mia' },
        told: { entry: { amount, payeeId } },
      });
    }
  });

  it('R-EXP-1 an order tells all of its entries', async () => {
    const told = orderExplainedSchema.parse(await explaining.explanations.order(shopId, 'o-2'));
    expect(told).toMatchObject({ agrees: true, lines: [{ base: '0.00', refunded: '100.00' }] });
    const rows = await books.database.query(
      `SELECT 1 FROM entry WHERE shop_id = $1 AND order_id = 'o-2'`,
      [shopId],
    );
    expect(told.entries).toHaveLength(rows.length);
  });

  it('R-EXP-1 a statement tells its sums, its terms, its parts and its entries by pages', async () => {
    const id = await one(
      `SELECT statement_id AS id FROM statement
        WHERE shop_id = $1 AND payee_id = 'd-2' ORDER BY issued_at LIMIT 1`,
      shopId,
    );
    const told = statementExplainedSchema.parse(await explaining.statement(shopId, id));
    expect(told).toMatchObject({
      agrees: true,
      net: '22.13',
      owed: '22.13',
      takenOff: '0.00',
      entryCount: 3,
      minPayout: '0.10',
      transferMax: '50000.00',
      parts: [{ part: 1, amount: '22.13' }],
      nextCursor: null,
    });
    const page = await explaining.statements.statement(shopId, id, { limit: 2, cursor: undefined });
    const cursor = page.nextCursor ?? '';
    const rest = await explaining.statements.statement(shopId, id, { limit: 2, cursor });
    expect([...page.entries, ...rest.entries]).toEqual(told.entries);
    expect(rest.nextCursor).toBeNull();
  });

  it('R-EXP-1 a payout tells its statement, and what payout says of it in words', async () => {
    const id = await one(
      `SELECT payout_id AS id FROM payout WHERE shop_id = $1 AND payee_id = 'd-1' LIMIT 1`,
      shopId,
    );
    const unheard = payoutExplainedSchema.parse(await explaining.payout(shopId, id));
    expect([unheard.agrees, unheard.payout]).toEqual([true, null]);
    const { booked, statement } = unheard;
    const payout: Payout = {
      payoutId: id,
      statementId: statement.statementId,
      payeeId: 'd-1',
      kind: 'commission',
      part: booked.part,
      parts: booked.parts,
      amount: booked.amount,
      currency: 'CNY',
      payVia: 'transfer',
      state: 'waiting',
      reason: 'funds',
      outBizNo: 'QF1',
      batch: null,
      alipayOrderId: null,
      failure: null,
      makers: [],
      approvalHash: null,
      transitions: [
        { from: 'requested', to: 'waiting', at: unheard.at, why: 'too little', by: 'payout' },
      ],
      requestedAt: booked.requestedAt,
    };
    explaining.payouts.set(id, payout);
    const told = payoutExplainedSchema.parse(await explaining.payout(shopId, id));
    expect(told).toMatchObject({
      agrees: true,
      message: expect.stringContaining('balance'),
      messageZh: expect.stringContaining('余额不足'),
      transitions: [{ to: 'waiting', messageZh: expect.stringContaining('等待') }],
    });
    explaining.payouts.set(id, { ...payout, amount: '0.01' });
    const wrong = await explaining.payout(shopId, id);
    expect([wrong.agrees, wrong.differences[0]?.what]).toEqual([false, 'amount']);
    expect(await explaining.alarms(shopId)).toEqual([`payout ${id}`]);
    explaining.payouts.clear();
    await explaining.payout(shopId, id);
    expect(await explaining.alarms(shopId)).toEqual([]);
  });

  it('R-SEC-4 things of another shop are not there', async () => {
    const other = await sales.newShop('other', payeeIds, ownGoods);
    const id = await entryIdOf(shopId, `level = 1`);
    const of = (sql: string): Promise<string> => one(sql, shopId);
    const statementId = await of(
      'SELECT statement_id AS id FROM statement WHERE shop_id = $1 LIMIT 1',
    );
    const payoutId = await of('SELECT payout_id AS id FROM payout WHERE shop_id = $1 LIMIT 1');
    const refused = [
      explaining.entry(other, id),
      explaining.entry(other, 'en_0'),
      explaining.explanations.order(other, 'o-1'),
      explaining.statement(other, statementId),
      explaining.payout(other, payoutId),
      explaining.why(other, 'nobody'),
    ].map(refusal);
    const notThere = Array.from(refused, () => '404 not-found');
    expect(await Promise.all(refused)).toEqual(notThere);
  });
});
