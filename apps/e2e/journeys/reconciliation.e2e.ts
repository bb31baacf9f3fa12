import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  accountLogLookSchema,
  approvalWantedSchema,
  differenceSchema,
  orderClearingSchema,
  pageOf,
  reconciliationSchema,
  type AccountLogLook,
  type Difference,
  type OrderClearing,
  type Reconciliation,
} from '@qingfen/contracts';
import {
  eventMessage,
  type GatewayClient,
  later,
  midnight,
  type ReferencePlan,
  span,
  sumFen,
  until,
  yuanOf,
} from '@qingfen/testing';

import { journeySystem, Stage, type TestShop } from '../src/index.js';

/** Everybody is paid the day after, suppliers on Mondays. */
const plan: ReferencePlan = {
  returnWindowDays: 0,
  platformFee: { rate: '0.10' },
  commission: { basis: 'cascade', levels: [{ rate: '0.30' }] },
  supplier: { delayDays: 0 },
};
const password = 'correct horse battery staple';

describe('days compared with Alipay’s bills', () => {
  let stage: Stage;
  let shop: TestShop;
  let approver: GatewayClient;
  /** The first day of the shop. */
  let from: string;
  /** By order. */
  const tradeOf = new Map<string, string>();

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    const username = `approver-${randomUUID().slice(0, 8)}`;
    approver = await stage.gateway.userWith({
      username,
      password,
      roles: [{ role: 'approver', shopId: '*' }],
    });
    // A morning after the runs and the bills of the day before.
    await stage.gateway.moveClock(later(midnight(await stage.gateway.now(), 1), span.hours(12)));
    from = await stage.gateway.now();
    shop = await stage.newShop({ balance: '5000.00' });
    await shop.publishPlan(plan);
    await shop.putPayees(['d-1', 'd-2', 'sup-1']);
  });
  afterAll(() => stage.close());

  const dayOf = (days: number): string => midnight(from, days).slice(0, 10);
  /** Until the bill of a day of the shop, counted from 0, was compared. */
  const liveThroughBillOf = (days: number): Promise<void> =>
    stage.gateway.moveClock(later(midnight(from, days + 1), span.hours(9)));

  async function reportOf(days: number): Promise<Reconciliation> {
    const path = `/shops/${shop.shopId}/reconciliations/${dayOf(days)}`;
    const { status, body } = await stage.gateway.call('GET', path);
    expect(status).toBe(200);
    return reconciliationSchema.parse(body);
  }

  async function clearingOf(orderId: string): Promise<OrderClearing> {
    const path = `/shops/${shop.shopId}/reconciliations/orders/${orderId}`;
    const { status, body } = await stage.gateway.call('GET', path);
    expect(status).toBe(200);
    return orderClearingSchema.parse(body);
  }

  async function accountIn(account: string): Promise<string> {
    const { currencies } = await stage.gateway.trialBalance(shop.shopId);
    const found = currencies
      .flatMap(({ accounts }) => accounts)
      .find((one) => one.account === account);
    return found?.balance ?? '0.00';
  }

  async function differences(): Promise<readonly Difference[]> {
    const { body } = await stage.gateway.call('GET', `/shops/${shop.shopId}/differences`);
    return pageOf(differenceSchema).parse(body).items;
  }

  /** A buyer pays at Alipay, the order completes at once. */
  async function sell(amount: string, distributor: string, fee?: string): Promise<string> {
    const at = await stage.gateway.now();
    const trade = await stage.sandbox.pay(shop.appId, {
      amount,
      ...(fee === undefined ? {} : { fee }),
    });
    const order = shop.orderData({
      at,
      amount,
      distributors: [distributor],
      alipayTradeNo: trade.tradeNo,
    });
    await shop.publishOrders([order]);
    tradeOf.set(order.orderId, trade.tradeNo);
    return order.orderId;
  }

  /** A buyer gets money back at Alipay, and the order system tells of it. */
  async function refund(orderId: string, amount: string): Promise<void> {
    const tradeNo = tradeOf.get(orderId) ?? '';
    await stage.sandbox.refund(shop.appId, { tradeNo, amount });
    await tellRefund(orderId, amount);
  }

  async function tellRefund(orderId: string, amount: string): Promise<void> {
    const refundedAt = await stage.gateway.now();
    await stage.upstream.publish([
      eventMessage(
        'order-refunded',
        {
          shopId: shop.shopId,
          orderId,
          refundId: 'r-1',
          refundedAt,
          items: [{ itemId: 'i-1', amount }],
        },
        { key: orderId },
      ),
    ]);
  }

  it('R-REC-1 R-REC-2 R-REC-4 a shop that lives for days has no differences, and the balance agrees', async () => {
    const first = await sell('100.00', 'd-1', '0.60');
    await sell('59.90', 'd-2', '0.36');
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(0);
    await refund(first, '40.00');
    await sell('30.00', 'd-1');
    await stage.sandbox.move(shop.appId, { amount: '-500.00', type: 'withdrawal' });
    await stage.sandbox.move(shop.appId, { amount: '12.00', type: 'top-up' });
    await liveThroughBillOf(8);
    const paid = await shop.moved();
    expect(paid.length).toBeGreaterThan(2);
    const reports = await Promise.all([...Array(9).keys()].map(reportOf));
    for (const report of reports) {
      expect(report).toMatchObject({ state: 'done', differences: [] });
      expect(report.balance.difference).toBe('0.00');
    }
    const counted = (of: (counts: Reconciliation['counts']) => number): number =>
      reports.reduce((sum, { counts }) => sum + of(counts), 0);
    expect(counted(({ payouts }) => payouts)).toBe(paid.length);
    // Each order on its day, and the first again on the day of its refund.
    expect(counted(({ orders }) => orders)).toBe(4);
    expect(await differences()).toEqual([]);
    const last = reports.at(-1);
    expect(last?.balance.alipay).toBe(await stage.sandbox.balance(shop.appId));
    expect(await accountIn('alipay-cash')).toBe(await stage.sandbox.balance(shop.appId));
    expect(await accountIn('expense:alipay-fee')).toBe('0.96');
    expect(await accountIn('suspense')).toBe('0.00');
  });

  it('R-REC-1 a day is a file too', async () => {
    const path = `/shops/${shop.shopId}/reconciliations/${dayOf(0)}`;
    const csv = await stage.gateway.call('GET', `${path}.csv`);
    expect(csv.body).toMatch(/^differenceId,day,class/);
    const xlsx = await stage.gateway.call('GET', `${path}.xlsx`);
    expect(xlsx.headers['content-type']).toContain('spreadsheetml');
    expect(String(xlsx.body)).toMatch(/^PK/);
  });

  it('R-REC-4 a bill that is not there yet is refused so, another day may be done again', async () => {
    const path = `/shops/${shop.shopId}/reconciliations`;
    const early = await stage.gateway.call('POST', path, { json: { day: dayOf(9) } });
    expect(early).toMatchObject({ status: 409, body: { code: 'bill-not-ready' } });
    const again = await stage.gateway.call('POST', path, { json: { day: dayOf(2) } });
    expect(again.status).toBe(202);
    await stage.gateway.waitForIdle();
    expect(await reportOf(2)).toMatchObject({ state: 'done', differences: [] });
    expect(await accountIn('alipay-cash')).toBe(await stage.sandbox.balance(shop.appId));
  });

  it('R-REC-3 R-SEC-4 a transfer by hand is found, alerts, and is closed by two people', async () => {
    await shop.payByHand('77.00');
    await liveThroughBillOf(9);
    const [found, ...others] = await differences();
    expect(others).toEqual([]);
    expect(found?.class).toBe('unknown-transfer-out');
    expect(found).toMatchObject({
      amount: '77.00',
      state: 'open',
      day: dayOf(9),
      ours: null,
    });
    const differenceId = found?.differenceId ?? '';
    // The money is gone: the books say so, and that nobody has explained it.
    expect((await reportOf(9)).balance.difference).toBe('0.00');
    expect(await accountIn('suspense')).toBe('77.00');
    const alertsOf = async (state: string): Promise<readonly string[]> =>
      (await stage.gateway.alerts(shop.shopId, `?state=${state}`))
        .filter(({ subject }) => subject.id === differenceId)
        .map(({ class: raised }) => raised);
    await until('the alert is raised', () => alertsOf('raised'), {
      deadlineMs: 20_000,
      holds: (seen) => seen.length === 1,
    });
    const path = `/shops/${shop.shopId}/differences/${differenceId}/close`;
    const closing = { as: 'explained', reason: '店主发放的奖金' };
    const asked = await stage.gateway.call('POST', path, { json: closing });
    expect(asked.status).toBe(202);
    const { approvalId } = approvalWantedSchema.parse(asked.body);
    const approve = `/shops/${shop.shopId}/approvals/${approvalId}/approve`;
    const json = { reason: '已核对' };
    expect((await stage.gateway.call('POST', approve, { json })).status).toBe(403);
    expect((await approver.call('POST', approve, { json })).status).toBe(200);
    await stage.gateway.waitForIdle();
    expect((await differences())[0]).toMatchObject({
      state: 'explained',
      closed: { reason: closing.reason },
    });
    await until('the ledger has heard of it', () => accountIn('suspense'), {
      deadlineMs: 20_000,
      holds: (seen) => seen === '0.00',
    });
    await until('the alert is over', () => alertsOf('resolved'), {
      deadlineMs: 20_000,
      holds: (seen) => seen.length === 1,
    });
    expect(await accountIn('alipay-cash')).toBe(await stage.sandbox.balance(shop.appId));
  });

  it('R-REC-2 R-REC-3 a refund that the books refused is a difference of its order', async () => {
    const orderId = await sell('20.00', 'd-2');
    await stage.gateway.waitForIdle();
    await tellRefund(orderId, '20.01');
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(10);
    const open = (await differences()).filter(({ state }) => state === 'open');
    // Alipay has not made it either.
    expect(open.map((one) => [one.class, one.subject.id, one.amount]).sort()).toEqual([
      ['amount-differs', tradeOf.get(orderId), '20.01'],
      ['entries-do-not-add-up', orderId, '20.01'],
    ]);
  });

  it('R-REC-3 F25 a bill that is late or broken is asked for again, and nothing is made of it', async () => {
    const match = { appId: shop.appId };
    await stage.sandbox.addFault({ api: 'bill', match, fault: 'bill-missing-rows', times: 1 });
    await stage.sandbox.addFault({ api: 'bill', match, fault: 'bill-truncated', times: 1 });
    await sell('10.00', 'd-1', '0.06');
    await liveThroughBillOf(11);
    const broken = await reportOf(11);
    expect(broken.state).toBe('running');
    expect(broken.waitsFor).toMatch(/missing-rows|truncated/);
    expect(broken.bill?.problem).toMatch(/missing-rows|truncated/);
    await stage.gateway.moveClock(later(midnight(from, 12), span.hours(11)));
    const done = await reportOf(11);
    expect(done).toMatchObject({ state: 'done', bill: { problem: null } });
    expect(done.balance.difference).toBe('0.00');
  });

  it('R-REC-4 O8 what came back, failed, or was unknown for a while is no difference', async () => {
    const [back, frozen, slow] = ['d-3', 'd-4', 'd-5'] as const;
    await shop.putPayees([back, frozen, slow]);
    const identity = (payeeId: string): { readonly identity: string } => ({
      identity: shop.identityOf(payeeId),
    });
    await stage.sandbox.addFault({ api: 'transfer', match: identity(back), fault: 'returned' });
    await stage.sandbox.putAccount(shop.identityOf(frozen), { status: 'frozen' });
    await stage.sandbox.addFault({
      api: 'transfer',
      match: identity(slow),
      fault: 'timeout-after',
    });
    for (const payeeId of [back, frozen, slow]) await sell('50.00', payeeId, '0.30');
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(14);
    const ends = async (payeeId: string): Promise<string | undefined> =>
      (await stage.gateway.payouts(shop.shopId, `?payeeId=${payeeId}`))[0]?.state;
    expect(await Promise.all([back, frozen, slow].map(ends))).toEqual([
      ...['returned', 'failed', 'succeeded'],
    ]);
    for (const days of [12, 13, 14]) {
      const report = await reportOf(days);
      expect(report).toMatchObject({ state: 'done', differences: [] });
      expect(report.balance.difference).toBe('0.00');
    }
    expect(await accountIn('alipay-cash')).toBe(await stage.sandbox.balance(shop.appId));
  });

  it('R-FAI-1 R-REC-4 a payment of which neither query nor log tells is resolved by the bill', async () => {
    await shop.putPayees(['d-6']);
    const identity = shop.identityOf('d-6');
    await stage.sandbox.addFault({ api: 'transfer', match: { identity }, fault: 'timeout-after' });
    for (const api of ['query', 'account-log']) {
      const match = { appId: shop.appId };
      await stage.sandbox.addFault({ api, match, fault: 'system-error', times: null });
    }
    await sell('50.00', 'd-6', '0.30');
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(15); // paid on day 16, whose bill comes on day 17
    expect((await shop.onlyPayout('d-6')).state).toBe('unknown');
    await liveThroughBillOf(17);
    const payout = await shop.onlyPayout('d-6');
    expect(payout.transitions.map(({ to }) => to).slice(-2)).toEqual(['unknown', 'succeeded']);
    expect(payout.transitions.at(-1)?.why).toBe("the account's bill says it was paid");
    await liveThroughBillOf(18); // what left on one day for Alipay and on another for us is over
    const told = (await differences()).filter(({ subject }) => subject.id === payout.outBizNo);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ state }) => state === 'open')).toEqual([]);
    expect(await accountIn('alipay-cash')).toBe(await stage.sandbox.balance(shop.appId));
    await stage.sandbox.clearFaults();
  });

  it('R-REC-2 R-REC-3 O8 an order leaves nothing on clearing once its trade is seen; what differs is told and clears', async () => {
    const fine = await sell('40.00', 'd-1', '0.24');
    await refund(fine, '15.00');
    const dearer = await sell('30.00', 'd-1');
    await stage.sandbox.refund(shop.appId, { tradeNo: tradeOf.get(dearer) ?? '', amount: '1.00' });
    const at = await stage.gateway.now();
    const never = `${dayOf(19).replaceAll('-', '')}22001${'9'.repeat(15)}`;
    const unpaid = shop.orderData({
      ...{ at, amount: '25.00', distributors: ['d-1'], alipayTradeNo: never },
    });
    await shop.publishOrders([unpaid]);
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(19);
    const { clearing, balance, differences: found } = await reportOf(19);
    // What is open from another day, above, is looked at with every bill: 26.00 less 20.01.
    expect(clearing).toEqual({ orders: 4, settled: 1, waiting: 0, open: 3, amount: '5.99' });
    expect(balance.difference).toBe('0.00');
    expect(found.map((one) => [one.class, one.subject.id, one.amount]).sort()).toEqual([
      ['amount-differs', tradeOf.get(dearer), '-1.00'],
      ['missing-at-alipay', never, '25.00'],
    ]);
    expect(await clearingOf(fine)).toMatchObject({
      ...{ state: 'settled', alipayTradeNo: tradeOf.get(fine), clearing: '0.00' },
      told: { paid: '40.00', refunded: '15.00' },
      billed: { paid: '40.00', refunded: '15.00' },
    });
    expect(await clearingOf(unpaid.orderId)).toMatchObject({ state: 'open', clearing: '25.00' });
    // The buyer pays at last, and the refund that was made is told.
    await stage.sandbox.pay(shop.appId, { amount: '25.00', tradeNo: never });
    await tellRefund(dearer, '1.00');
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(20);
    const told = (await differences()).filter(({ day }) => day === dayOf(20));
    expect(told.map(({ state }) => state)).toEqual(['cleared', 'cleared']);
    expect(await clearingOf(unpaid.orderId)).toMatchObject({ state: 'settled', clearing: '0.00' });
  });

  it('R-REC-3 R-REC-4 a transfer by hand is found in the account log the same day, and the bill confirms that one', async () => {
    await shop.payByHand('8.80');
    const lookAt = async (): Promise<AccountLogLook> => {
      const path = `/shops/${shop.shopId}/reconciliations/account-log`;
      const { status, body } = await stage.gateway.call('POST', path);
      expect(status).toBe(200);
      return accountLogLookSchema.parse(body);
    };
    // What is younger than a minute may be ours, and not told yet.
    expect((await lookAt()).found).toBe(0);
    await stage.gateway.moveClock(later(await stage.gateway.now(), 120_000));
    expect((await lookAt()).found).toBe(1);
    const byHand = async (): Promise<readonly string[]> =>
      (await differences())
        .filter(({ day }) => day === dayOf(21))
        .map(({ class: found, amount, state }) => `${found} ${amount} ${state}`);
    const expected = ['unknown-transfer-out 8.80 open'];
    expect(await byHand()).toEqual(expected);
    await until('the ledger has heard of it', () => accountIn('suspense'), {
      deadlineMs: 20_000,
      holds: (seen) => seen === '8.80',
    });
    await liveThroughBillOf(21);
    expect(await byHand()).toEqual(expected);
    expect(await accountIn('suspense')).toBe('8.80');
    expect((await reportOf(21)).balance.difference).toBe('0.00');
  });

  it('O1 what the days brought adds up to the balance', async () => {
    const { currencies } = await stage.gateway.trialBalance(shop.shopId);
    const all = currencies.flatMap(({ accounts }) => accounts).map(({ balance }) => balance);
    expect(yuanOf(sumFen(all))).toBe('0.00');
  });
});
