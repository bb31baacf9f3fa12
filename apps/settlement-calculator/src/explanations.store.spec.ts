import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  entryExplainedSchema,
  moveBody,
  orderExplainedSchema,
  payoutExplainedSchema,
  statementExplainedSchema,
  type Payout,
} from '@qingfen/contracts';
import { ExplainedShops, payeeIds } from './explained-shops.fixture.js';
import { maker, refusal } from './manual.fixture.js';
import { ownGoods } from './sales.fixture.js';

let room: ExplainedShops;
beforeAll(async () => {
  room = await ExplainedShops.open();
});
afterAll(() => room.close());

describe('an explanation', () => {
  let shopId: string;
  beforeAll(async () => {
    shopId = await room.busyShop('explained');
  });

  it('R-EXP-1 lessons 36, 37: an entry has its order, its line, each level, its rows and their causes', async () => {
    const id = await room.entryIdOf(shopId, `order_id = 'o-1' AND level = 2`);
    const told = entryExplainedSchema.parse(await room.explaining.entry(shopId, id));
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
    const id = await room.entryIdOf(shopId, `cause = 'team-reward'`);
    const { agrees, teamReward, told } = await room.explaining.entry(shopId, id);
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
    const back = await room.explaining.entry(
      shopId,
      await room.entryIdOf(shopId, `cause = 'give-back'`),
    );
    const payoutId = await room.idBy(
      `SELECT payout_id AS id FROM payout WHERE shop_id = $1 AND status = 'failed'`,
      shopId,
    );
    expect(back).toMatchObject({
      agrees: true,
      order: null,
      giveBack: { payoutId, status: 'failed' },
      told: { source: { topic: 'payout-result' } },
    });
    const gift = await room.explaining.entry(
      shopId,
      await room.entryIdOf(shopId, `cause = 'adjustment'`),
    );
    expect(gift).toMatchObject({
      agrees: true,
      manual: { reason: 'a gift', by: 'mia', approvedBy: null },
      told: { entry: { amount: '5.00' } },
    });
  });

  it('R-EXP-1 R-OPS-2 both ends of a move are explained', async () => {
    const moved = await room.sales.newShop('moved', ['d-1', 'd-2']);
    await room.sales.sold([room.sales.order(moved)]);
    const [from, to] = ['d-1', 'd-2'].map((payeeId) => ({ payeeId, kind: 'commission' as const }));
    const body = { from, to, amount: '7.00', reason: 'as agreed' };
    await room.desk.run((unit) =>
      room.desk.moves.move(unit, {
        shopId: moved,
        caller: maker,
        body: moveBody.parse(body),
        limit: room.desk.limit,
      }),
    );
    for (const [payeeId, amount] of [
      ['d-1', '-7.00'],
      ['d-2', '7.00'],
    ]) {
      const id = await room.entryIdOf(moved, `cause = 'adjustment' AND payee_id = '${payeeId}'`);
      expect(await room.explaining.entry(moved, id)).toMatchObject({
        agrees: true,
        manual: { reason: 'as agreed', by: 'mia' },
        told: { entry: { amount, payeeId } },
      });
    }
  });

  it('R-EXP-1 an order tells all of its entries', async () => {
    const told = orderExplainedSchema.parse(
      await room.explaining.explanations.order(shopId, 'o-2'),
    );
    expect(told).toMatchObject({ agrees: true, lines: [{ base: '0.00', refunded: '100.00' }] });
    const rows = await room.books.database.query(
      `SELECT 1 FROM entry WHERE shop_id = $1 AND order_id = 'o-2'`,
      [shopId],
    );
    expect(told.entries).toHaveLength(rows.length);
  });

  it('R-EXP-1 a statement tells its sums, its terms, its parts and its entries by pages', async () => {
    const id = await room.idBy(
      `SELECT statement_id AS id FROM statement
        WHERE shop_id = $1 AND payee_id = 'd-2' ORDER BY issued_at LIMIT 1`,
      shopId,
    );
    const told = statementExplainedSchema.parse(await room.explaining.statement(shopId, id));
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
    const page = await room.explaining.statements.statement(shopId, id, {
      limit: 2,
      cursor: undefined,
    });
    const cursor = page.nextCursor ?? '';
    const rest = await room.explaining.statements.statement(shopId, id, { limit: 2, cursor });
    expect([...page.entries, ...rest.entries]).toEqual(told.entries);
    expect(rest.nextCursor).toBeNull();
  });

  it('R-EXP-1 a payout tells its statement, and what payout says of it in words', async () => {
    const id = await room.idBy(
      `SELECT payout_id AS id FROM payout WHERE shop_id = $1 AND payee_id = 'd-1' LIMIT 1`,
      shopId,
    );
    const unheard = payoutExplainedSchema.parse(await room.explaining.payout(shopId, id));
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
    room.explaining.payouts.set(id, payout);
    const told = payoutExplainedSchema.parse(await room.explaining.payout(shopId, id));
    expect(told).toMatchObject({
      agrees: true,
      message: expect.stringContaining('balance'),
      messageZh: expect.stringContaining('余额不足'),
      transitions: [{ to: 'waiting', messageZh: expect.stringContaining('等待') }],
    });
    room.explaining.payouts.set(id, { ...payout, amount: '0.01' });
    const wrong = await room.explaining.payout(shopId, id);
    expect([wrong.agrees, wrong.differences[0]?.what]).toEqual([false, 'amount']);
    expect(await room.explaining.alarms(shopId)).toEqual([`payout ${id}`]);
    room.explaining.payouts.clear();
    await room.explaining.payout(shopId, id);
    expect(await room.explaining.alarms(shopId)).toEqual([]);
  });

  it('R-SEC-4 things of another shop are not there', async () => {
    const other = await room.sales.newShop('other', payeeIds, ownGoods);
    const id = await room.entryIdOf(shopId, `level = 1`);
    const of = (sql: string): Promise<string> => room.idBy(sql, shopId);
    const statementId = await of(
      'SELECT statement_id AS id FROM statement WHERE shop_id = $1 LIMIT 1',
    );
    const payoutId = await of('SELECT payout_id AS id FROM payout WHERE shop_id = $1 LIMIT 1');
    const refused = [
      room.explaining.entry(other, id),
      room.explaining.entry(other, 'en_0'),
      room.explaining.explanations.order(other, 'o-1'),
      room.explaining.statement(other, statementId),
      room.explaining.payout(other, payoutId),
      room.explaining.why(other, 'nobody'),
    ].map(refusal);
    const notThere = Array.from(refused, () => '404 not-found');
    expect(await Promise.all(refused)).toEqual(notThere);
  });
});
