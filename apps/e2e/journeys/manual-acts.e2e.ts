import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  adjustmentSchema,
  approvalSchema,
  approvalWantedSchema,
  orderSchema,
  payeeSchema,
  recoverySchema,
  type Role,
} from '@qingfen/contracts';
import { type GatewayClient, later, midnight, span } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const password = 'correct horse battery staple';
/** What d-1 is owed of an order of 100.00. */
const owed = '50.00';

describe('what people do by hand', () => {
  let stage: Stage;
  let approver: GatewayClient;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    approver = await userWith('approver');
  });
  afterAll(() => stage.close());

  async function userWith(role: Role): Promise<GatewayClient> {
    const username = `${role}-${randomUUID().slice(0, 8)}`;
    return stage.gateway.userWith({ username, password, roles: [{ role, shopId: '*' }] });
  }

  const post = (path: string, json: object, headers: Readonly<Record<string, string>> = {}) =>
    stage.gateway.call('POST', path, { json, headers });

  async function shopWithPlan(): Promise<TestShop> {
    const shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1']);
    return shop;
  }

  async function balanced(shop: TestShop): Promise<void> {
    expect((await stage.gateway.trialBalance(shop.shopId)).balanced).toBe(true);
  }

  it('R-OPS-2 lesson 38: books an amount once, for a payee that was put this moment, and pays it', async () => {
    const shop = await shopWithPlan();
    const path = `/shops/${shop.shopId}/adjustments`;
    const body = { payeeId: 'd-1', kind: 'commission', amount: '12.50', reason: '补差' };
    const key = { 'idempotency-key': randomUUID() };
    const first = await post(path, body, key);
    expect(first.status).toBe(201);
    const adjustment = adjustmentSchema.parse(first.body);
    expect(adjustment).toMatchObject({ ...body, currency: 'CNY', orderId: null });
    const again = await post(path, body, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    await stage.gateway.refusal(404, 'POST', path, { json: { ...body, payeeId: 'x-9' } });
    await stage.gateway.refusal(422, 'POST', path, { json: { ...body, amount: '0.00' } });
    const viewer = await userWith('viewer');
    await viewer.refusal(403, 'POST', path, { json: body });

    const now = await stage.gateway.now();
    await stage.liveThroughRunsOf(midnight(now, 1));
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual(['12.50']);
    await balanced(shop);
  });

  it('R-HLD-1 lessons 35, 41: holds a payee until it is released, and shows it', async () => {
    const shop = await shopWithPlan();
    const path = `/shops/${shop.shopId}/payees/d-1`;
    const at = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at, amount: '100.00' })]);
    const held = await post(`${path}/hold`, { reason: '核实身份' });
    expect([held.status, payeeSchema.parse(held.body).holds]).toEqual([200, ['operator']]);
    expect((await stage.gateway.payee(shop.shopId, 'd-1')).holds).toEqual(['operator']);
    await stage.gateway.refusal(404, 'POST', `/shops/${shop.shopId}/payees/x-9/hold`, {
      json: { reason: 'x' },
    });
    await stage.liveThroughRunsOf(midnight(at, 1));
    expect(await shop.moved()).toEqual([]);
    const free = await post(`${path}/release`, { reason: '已核实' });
    expect(payeeSchema.parse(free.body).holds).toEqual([]);
    await stage.liveThroughRunsOf(midnight(at, 2));
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual([owed]);
  });

  it('R-REF-3 R-SEC-4 demands a debt and writes it off with a second person', async () => {
    const shop = await shopWithPlan();
    const shopPath = `/shops/${shop.shopId}`;
    const debt = { payeeId: 'd-1', kind: 'commission', reason: '多付' };
    await post(`${shopPath}/adjustments`, { ...debt, amount: '-30.00' });
    await stage.gateway.refusal(422, 'POST', `${shopPath}/recoveries`, {
      json: { ...debt, amount: '30.01' },
    });
    const made = await post(`${shopPath}/recoveries`, { ...debt, amount: '30.00' });
    expect(made.status).toBe(201);
    const { recoveryId } = recoverySchema.parse(made.body);
    const asked = await post(`${shopPath}/recoveries/${recoveryId}/write-off`, { reason: '失联' });
    expect(asked.status).toBe(202);
    const { approvalId, hash } = approvalWantedSchema.parse(asked.body);
    const path = `${shopPath}/approvals/${approvalId}/approve`;
    const same = await stage.gateway.refusal(403, 'POST', path, { json: { reason: 'me' } });
    expect(same.code).toBe('same-person');
    const approved = await approver.call('POST', path, { json: { reason: '同意' } });
    expect(approved.status).toBe(200);
    expect(approvalSchema.parse(approved.body)).toMatchObject({ state: 'approved', hash });
    const { accounts = [] } = (await stage.gateway.trialBalance(shop.shopId)).currencies[0] ?? {};
    const badDebt = accounts.find(({ account }) => account === 'expense:bad-debt');
    expect(badDebt?.balance).toBe('30.00');
    await balanced(shop);
  });

  it('R-SEC-4 lets nobody approve a payout whose need for a decision they caused', async () => {
    const shop = await shopWithPlan();
    const shopPath = `/shops/${shop.shopId}`;
    const operator = await userWith('operator');
    const payee = { payeeId: 'd-1', kind: 'commission' };
    const book = (by: GatewayClient, amount: string) =>
      by.call('POST', `${shopPath}/adjustments`, { json: { ...payee, amount, reason: '补差' } });
    const stop = (stopped: boolean) =>
      stage.gateway.call('PUT', `${shopPath}/emergency-stop`, {
        json: { stopped, reason: '核对' },
      });
    await stop(true);
    await book(operator, '40.00');
    await stage.liveThroughRunsOf(midnight(await stage.gateway.now(), 1));
    // Since then an admin, who may approve payouts, has made a debtor of the payee.
    await book(stage.gateway, '-30.00');
    await stop(false);
    await stage.gateway.waitForIdle();
    const waits = await shop.onlyPayout('d-1');
    expect([waits.state, waits.reason?.split(':')[0]]).toEqual(['review', 'debt']);
    expect(waits.makers).toHaveLength(2);
    const path = `${shopPath}/payouts/${waits.payoutId}/approve`;
    const json = { reason: '确认付款' };
    const maker = await stage.gateway.refusal(403, 'POST', path, { json });
    expect(maker.code).toBe('maker-may-not-approve');
    await operator.refusal(403, 'POST', path, { json });
    expect(await shop.moved()).toEqual([]);
    expect((await approver.call('POST', path, { json })).status).toBe(200);
    await stage.gateway.waitForIdle();
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual(['40.00']);
    await balanced(shop);
  });

  it('R-OPS-2 R-ONC-1 retries a final payout when its account is mended, under a new number', async () => {
    const shop = await shopWithPlan();
    const at = await stage.gateway.now();
    await stage.sandbox.putAccount(shop.identityOf('d-1'), { status: 'frozen' });
    await shop.publishOrders([shop.orderData({ at, amount: '100.00' })]);
    await stage.liveThroughRunsOf(midnight(at, 1));
    const failed = await shop.onlyPayout('d-1');
    expect(failed.state).toBe('failed');
    await stage.sandbox.putAccount(shop.identityOf('d-1'), { status: 'normal' });
    const retry = `/shops/${shop.shopId}/payouts/${failed.payoutId}/retry`;
    const json = { reason: '账户已解冻' };
    const held = await stage.gateway.refusal(409, 'POST', retry, { json });
    expect(held.code).toBe('payee-held');
    const mended = await post(`/shops/${shop.shopId}/payees/d-1/mended`, json);
    expect(payeeSchema.parse(mended.body).holds).toEqual([]);
    const said = await Promise.all(Array.from({ length: 20 }, () => post(retry, json)));
    expect(said.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(said.filter(({ status }) => status === 409)).toHaveLength(19);
    await stage.gateway.waitForIdle();
    const states = (await stage.gateway.payouts(shop.shopId)).map(({ state }) => state);
    expect(states.sort()).toEqual(['failed', 'succeeded']);
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual([owed]);
    const statements = await stage.gateway.statements(shop.shopId, '?payeeId=d-1');
    expect(statements.map(({ period }) => period)).toContain(`retry:${failed.payoutId}`);
    await balanced(shop);
  });

  it('R-IMP-1 binds what was paid before the first plan: settled elsewhere, or to be paid', async () => {
    const shop = await stage.newShop();
    await shop.putPayees(['d-1']);
    const at = await stage.gateway.now();
    const [one, two] = [1, 2].map(() => shop.orderData({ at, amount: '100.00' }));
    if (one === undefined || two === undefined) throw new Error('two orders were made');
    await shop.publishOrders([one, two]);
    await stage.gateway.waitForIdle();
    await stage.gateway.moveClock(later(at, span.minutes(1)));
    await shop.publishPlan(nextDayPlan);
    const path = `/shops/${shop.shopId}/orders`;
    const bound = { version: 1, reason: '上线前订单' };
    const outside = await post(`${path}/${one.orderId}/bind`, { ...bound, settledOutside: true });
    expect(outside.status).toBe(200);
    const { entries } = orderSchema.parse(outside.body);
    const states = entries.filter(({ payeeId }) => payeeId === 'd-1').map(({ state }) => state);
    expect(states).toEqual(['paid']);
    await post(`${path}/${two.orderId}/bind`, { ...bound, settledOutside: false });
    await stage.gateway.refusal(409, 'POST', `${path}/${two.orderId}/bind`, {
      json: { ...bound, settledOutside: true },
    });
    await stage.liveThroughRunsOf(midnight(at, 1));
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual([owed]);
    await balanced(shop);
  });
});
