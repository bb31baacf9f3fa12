import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExplainedShops, payeeIds, rewarding } from './explained-shops.fixture.js';
import { sound } from './manual.fixture.js';
import { supplied } from './sales.fixture.js';

// A replay of the books finds what somebody changed in them, and nothing where nobody did.

let room: ExplainedShops;
beforeAll(async () => {
  room = await ExplainedShops.open();
});
afterAll(() => room.close());

describe('a replay of the books', () => {
  it('R-EXP-1 finds no difference in whatever was booked, page by page', async () => {
    const shopId = await room.busyShop('busy');
    expect(await room.explaining.replay(shopId)).toEqual({
      checked: { orders: 4, entries: expect.any(Number), performances: 3, statements: 5 },
      differences: [],
    });
    const all = await room.explaining.replay(shopId, 500);
    expect(all).toEqual(await room.explaining.replay(shopId, 1));
    const rows = await room.books.database.query('SELECT 1 FROM entry WHERE shop_id = $1', [
      shopId,
    ]);
    expect(all.checked.entries).toBe(rows.length);
    expect(await room.desk.invariants(shopId)).toEqual(sound);
    expect(await room.explaining.alarms(shopId)).toEqual([]);
  });

  it('R-EXP-1 R-RUL-5 goes through versions that came late, and orders that lost theirs', async () => {
    const shopId = await room.sales.newShop('rebound', payeeIds, supplied);
    const since = room.books.clock.now().toISOString();
    const orders = ['o-1', 'o-2'].map((orderId) =>
      room.sales.order(shopId, { orderId, distributors: ['d-1', 'd-2'] }),
    );
    await room.books.completed(orders);
    await room.books.heard('order-refunded', [room.sales.refund(shopId, 'r-1', '12.34')]);
    await room.sales.windowsClosed(orders.slice(0, 1));
    await room.night();
    await room.desk.publish(shopId, since, { version: 2, plan: rewarding });
    const rebind = (): Promise<number> =>
      room.books.units.run((unit) => room.books.rebinding.rebind(unit, 9));
    expect(await rebind()).toBe(2);
    await room.books.heard('order-refunded', [
      room.sales.refund(shopId, 'r-2', '20.00'),
      room.sales.refund(shopId, 'r-3', '7.77', 'o-2'),
    ]);
    expect((await room.explaining.replay(shopId)).differences).toEqual([]);
    expect(await room.desk.invariants(shopId)).toEqual(sound);
  });
});

describe('what was tampered with', () => {
  let shopId: string;
  beforeAll(async () => {
    shopId = await room.busyShop('tampered');
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
        room.books.database.query(`UPDATE ${change} ${where} shop_id = $1`, [shopId, by]);
      await tamper(1);
      const { differences } = await room.explaining.replay(shopId);
      const found = differences.some((words) => words.startsWith(`${wanted}: `));
      expect([found, differences]).toEqual([true, differences]);
      expect((await room.explaining.alarms(shopId)).length).toBeGreaterThan(0);
      await tamper(-1);
      expect((await room.explaining.replay(shopId)).differences).toEqual([]);
      expect(await room.explaining.alarms(shopId)).toEqual([]);
    },
  );

  it.each([
    ['entry_adjustment', 'order missing'],
    ['accrual', 'order missing'],
    ['unstated', 'order stands'],
    ['refund_booking', 'order unexpected'],
    ['team_count', 'team order-count'],
  ])('R-EXP-1 rows of %s that are gone are missed', async (table, wanted) => {
    const other = await room.busyShop(`gone-${table.replaceAll('_', '-')}`);
    await room.books.database.query(`DELETE FROM ${table} WHERE shop_id = $1`, [other]);
    const { differences } = await room.explaining.replay(other);
    expect(differences.filter((words) => words.startsWith(`${wanted}: `))).not.toEqual([]);
  });
});
