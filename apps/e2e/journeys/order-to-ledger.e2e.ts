import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData, Order, Topic } from '@qingfen/contracts';
import type { ConsoleMessage } from '@qingfen/local';
import { later, midnight, nextMonday, orderMessage, span, until, yuanOf } from '@qingfen/testing';

import { cappedPlan, cascadePlan, journeySystem, Stage, type TestShop } from '../src/index.js';

const three = ['d-1', 'd-2', 'd-3'];
/** domain.md 3, in the table's own order: amount, distributors, and entries in yuan. */
const worked = [
  { amount: '100.00', who: three, owed: ['10.00', '27.00', '12.60', '5.04', '45.36'] },
  { amount: '100.00', who: ['d-1', null, 'd-3'], owed: ['10.00', '27.00', '', '6.30', '56.70'] },
  { amount: '99.99', who: three, owed: ['10.00', '27.00', '12.60', '5.04', '45.35'] },
  { amount: '0.01', who: three, owed: ['', '', '', '', '0.01'] },
  { amount: '0.05', who: three, owed: ['0.01', '0.01', '0.01', '', '0.02'] },
] as const;
const commissions: Readonly<Record<string, string>> = {
  'd-1': '81.01',
  'd-2': '25.21',
  'd-3': '16.38',
};
const supplied = '147.44';

/** Amounts by fee, level 1 to 3 and supplier; an entry that does not exist is ''. */
function owedIn(order: Order): string[] {
  const amount = (kind: string, level: number | null): string =>
    order.entries.find((entry) => entry.kind === kind && entry.level === level)?.amount ?? '';
  const levels = [1, 2, 3].map((level) => amount('commission', level));
  return [amount('platform-fee', null), ...levels, amount('supplier', null)];
}

describe('from an order to the ledger', () => {
  let stage: Stage;
  let shop: TestShop;
  let orders: EventData['order-completed'][];
  let from: string;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    // From a Tuesday on, so that the daily run after the window is not the suppliers' Monday too.
    const tuesday = later(nextMonday(await stage.gateway.now()), span.hours(30));
    await stage.gateway.moveClock(tuesday);
    shop = await stage.newShop({ mode: 'certificate' });
    await shop.publishPlan(cascadePlan);
    await shop.putPayees(['d-1', 'd-2']);
    await shop.upsertPayees(['d-3', 'sup-1']);
    from = await stage.gateway.now();
    orders = worked.map(({ amount, who }) =>
      shop.orderData({ at: later(from, span.minutes(1)), amount, distributors: [...who] }),
    );
    const [first, ...rest] = orders.map((data) => orderMessage(data));
    if (first === undefined) throw new Error('there are worked examples');
    await stage.upstream.publish([first]);
    const console = await stage.kafkaConsole();
    await console.produce(
      'order-completed',
      rest.map(({ key, value }): ConsoleMessage => ({ key, value: String(value) })),
    );
    shop.note(orders, from);
    await stage.gateway.waitForIdle();
  });
  afterAll(() => stage.close());

  it('R-COM-2 R-ARC-1 splits the worked examples to the fen, told by Kafka’s own tools', async () => {
    for (const [index, { orderId }] of orders.entries()) {
      const order = await stage.gateway.order(shop.shopId, orderId);
      expect(owedIn(order)).toEqual(worked[index]?.owed);
      expect(order).toMatchObject({ state: 'settling', planVersion: 1, currency: 'CNY' });
      expect(Date.parse(order.windowClosesAt ?? '')).toBe(
        Date.parse(order.completedAt) + span.days(7),
      );
      expect(new Set(order.entries.map(({ state }) => state))).toEqual(new Set(['accrued']));
    }
  });

  it('R-COM-2 caps what is owed at what is left of a line', async () => {
    const other = await stage.newShop();
    await other.publishPlan(cappedPlan);
    const at = await stage.gateway.now();
    const order = other.orderData({ at, amount: '8.00' });
    await other.publishOrders([order]);
    await stage.gateway.waitForIdle();
    const { entries } = await stage.gateway.order(other.shopId, order.orderId);
    expect(entries.map(({ kind, payeeId, amount }) => [kind, payeeId, amount])).toEqual([
      ['platform-fee', null, '5.00'],
      ['commission', 'd-1', '3.00'],
    ]);
  });

  it('R-COM-1 pays nothing while the return window is open, not even at its last run', async () => {
    const before = await stage.gateway.balances(shop.shopId, '?kind=commission');
    expect(Object.fromEntries(before.map(({ payeeId, accrued }) => [payeeId, accrued]))).toEqual(
      commissions,
    );
    // The window ends during day 7; the run of day 7 looks no further than its midnight.
    await stage.liveThroughRunsOf(midnight(from, 7));
    expect(await shop.moved()).toEqual([]);
    await stage.gateway.moveClock(later(midnight(from, 7), span.hours(23)));
    const matured = await stage.gateway.balances(shop.shopId, '?payeeId=d-1');
    expect(matured).toMatchObject([{ accrued: '0.00', matured: commissions['d-1'] }]);
  });

  it('R-COM-1 R-ALI-1 R-TST-1 lesson 45: pays every commission in the daily run after it', async () => {
    await stage.liveThroughRunsOf(midnight(from, 8));
    const moved = await shop.moved();
    expect(
      moved.map(({ identity, amount, status, attempts }) => [identity, amount, status, attempts]),
    ).toEqual(
      expect.arrayContaining(
        Object.entries(commissions).map(([payeeId, amount]) => [
          shop.identityOf(payeeId),
          amount,
          'SUCCESS',
          1,
        ]),
      ),
    );
    expect(moved).toHaveLength(3);
    for (const { outBizNo, remark } of moved) {
      expect(outBizNo).toMatch(/^QF[0-9A-Za-z]{30}$/);
      expect(remark).not.toBe('');
    }
    const account = await stage.sandbox.account(shop.identityOf('d-1'));
    expect(account.balance).toBe(commissions['d-1']);
  });

  it('R-COM-1 lessons 36, 37, 38: shows statement, payout, order and balances as they are then', async () => {
    const [statement, ...others] = await stage.gateway.statements(shop.shopId, '?payeeId=d-1');
    expect(others).toEqual([]);
    const payout = await shop.onlyPayout('d-1');
    expect(statement).toMatchObject({
      payeeId: 'd-1',
      kind: 'commission',
      currency: 'CNY',
      net: '81.01',
      state: 'paid',
      payoutIds: [payout.payoutId],
    });
    expect(Date.parse(statement?.period ?? '')).toBe(
      Date.parse(later(midnight(from, 8), span.hours(2))),
    );
    expect(statement?.period).toMatch(/T02:00:00(\.000)?\+08:00$/);
    expect(Date.parse(statement?.cutoff ?? '')).toBe(Date.parse(midnight(from, 8)));
    expect(statement?.entries.map(({ amount }) => amount).sort()).toEqual([
      '0.01',
      '27.00',
      '27.00',
      '27.00',
    ]);
    expect(payout).toMatchObject({ state: 'succeeded', amount: '81.01', part: 1, parts: 1 });
    const path = payout.transitions.map(({ to }) => to);
    expect(path.slice(-2)).toEqual(['sending', 'succeeded']);
    expect(payout.alipayOrderId).toBe(
      (await shop.moved()).find(({ outBizNo }) => outBizNo === payout.outBizNo)?.orderId,
    );
    const paid = await stage.gateway.balances(shop.shopId, '?kind=commission');
    expect(Object.fromEntries(paid.map((each) => [each.payeeId, each.paid]))).toEqual(commissions);
    const order = await stage.gateway.order(shop.shopId, orders[0]?.orderId ?? '');
    const states = order.entries.map(({ kind, state }) => `${kind} ${state}`);
    expect(states.filter((each) => each === 'commission paid')).toHaveLength(3);
    expect(states).toContain('supplier matured');
  });

  it('R-SUP-1 pays the supplier in the weekly run, once', async () => {
    await stage.liveThroughRunsOf(nextMonday(midnight(from, 8)));
    const moved = await shop.moved();
    const toSupplier = moved.filter(({ identity }) => identity === shop.identityOf('sup-1'));
    expect(toSupplier.map(({ amount, status }) => [amount, status])).toEqual([
      [supplied, 'SUCCESS'],
    ]);
    expect(moved).toHaveLength(4);
  });

  it('R-COM-1 R-SUP-1 ends in a ledger that balances, account by account', async () => {
    const balance = await stage.gateway.trialBalance(shop.shopId);
    expect(balance.balanced).toBe(true);
    const [cny, ...others] = balance.currencies;
    expect(others).toEqual([]);
    expect(cny?.debit).toBe(cny?.credit);
    const accounts = new Map(cny?.accounts.map((each) => [each.account, each.balance]));
    // What the owner brought to the account stands in its first bill: 10,000,000.00.
    expect(accounts.get('owner')).toBe('-9999699.95');
    expect(accounts.get('clearing') ?? '0.00').toBe('0.00');
    expect(accounts.get('revenue:platform-fee')).toBe('-30.01');
    expect(accounts.get('alipay-cash')).toBe('9999729.96');
    expect(accounts.get('payout-in-transit') ?? '0.00').toBe('0.00');
    const payables = [...accounts].filter(([account]) => account.startsWith('payable:'));
    expect(payables.every(([, amount]) => amount === '0.00')).toBe(true);
    expect(await stage.sandbox.balance(shop.appId)).toBe(yuanOf(1_000_000_000n - 27_004n));
  });

  it('R-ARC-1 can be read with Kafka’s own consumer, topic by topic', async () => {
    const console = await stage.kafkaConsole();
    const expected: readonly (readonly [Topic, number])[] = [
      ['order-completed', 5],
      ['payee-upserted', 4],
      ['shop-upserted', 1],
      ['settlement-plan-published', 1],
      ['return-window-closed', 5],
      ['statement-issued', 4],
      ['payout-requested', 4],
      ['payout-result', 4],
    ];
    const look = async ([topic, atLeast]: readonly [Topic, number]): Promise<void> => {
      const { length } = await stage.read(topic);
      const read = await console.consume(topic, { count: length, withinMs: 30_000 });
      const ours = read.filter(({ value }) => value.includes(`"${shop.shopId}"`));
      expect([topic, read.length, ours.length >= atLeast]).toEqual([topic, length, true]);
      for (const { value } of ours) {
        expect(JSON.parse(value)).toMatchObject({ specversion: '1.0', type: topic });
      }
    };
    await Promise.all(expected.map(look));
  });

  it('R-SUP-2 mails the statement to the payee and keeps the delivery', async () => {
    const mail = await until('the mail to d-1', () => stage.mailTo(`d-1.${shop.shopId}@`), {
      deadlineMs: 30_000,
    });
    expect(mail).toContain('81.01');
    const deliveries = await until('the deliveries to end', () => deliveriesOf(stage, shop), {
      deadlineMs: 30_000,
      holds: (rows) => rows.length > 0 && rows.every(({ state }) => state === 'sent'),
    });
    const statements = await stage.gateway.statements(shop.shopId);
    expect(deliveries.map(({ subject_id }) => subject_id)).toEqual(
      expect.arrayContaining(statements.map(({ statementId }) => statementId)),
    );
  });
});

async function deliveriesOf(
  stage: Stage,
  shop: TestShop,
): Promise<readonly { readonly state: string; readonly subject_id: string }[]> {
  return stage.query(`SELECT state, subject_id FROM notification.delivery WHERE shop_id = $1`, [
    shop.shopId,
  ]);
}
