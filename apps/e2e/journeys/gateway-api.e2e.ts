import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@qingfen/contracts';
import { type GatewayClient, later, midnight, send, span } from '@qingfen/testing';

import { cascadePlan, journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const password = 'correct horse battery staple';

describe('the gateway', () => {
  let stage: Stage;
  let shop: TestShop;
  let shopPath: string;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    shopPath = `/shops/${shop.shopId}`;
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1']);
  });
  afterAll(() => stage.close());

  async function userWith(role: Role, shopId: string): Promise<GatewayClient> {
    const username = `${role}-${randomUUID().slice(0, 8)}`;
    return stage.gateway.userWith({ username, password, roles: [{ role, shopId }] });
  }

  it('R-SEC-4 asks everybody who they are, and every service inside for a token', async () => {
    const nobody = await stage.gateway.refusal(401, 'GET', shopPath, { token: null });
    expect(nobody).toMatchObject({ status: 401, type: `urn:qingfen:problem:${nobody.code}` });
    expect(nobody.requestId).toMatch(/\S/);
    await stage.gateway.refusal(401, 'GET', shopPath, { token: 'not.a.token' });
    const { username } = stage.ready.admin;
    await stage.gateway.refusal(401, 'POST', '/auth/login', {
      json: { username, password: 'wrong' },
      token: null,
    });
    for (const { name, url } of stage.ready.services) {
      const answer = await send({ method: 'GET', url: `${url}/internal/status` });
      expect([name, answer.status]).toEqual([name, 401]);
      for (const open of ['/healthz', '/readyz', '/metrics']) {
        const { status } = await send({ method: 'GET', url: `${url}${open}` });
        expect([name, open, status]).toEqual([name, open, 200]);
      }
    }
  });

  it('R-SEC-4 lets each role do its part, on its shop alone', async () => {
    const other = await stage.newShop();
    const viewer = await userWith('viewer', shop.shopId);
    const operator = await userWith('operator', shop.shopId);
    const stranger = await userWith('admin', other.shopId);
    const body = { plan: cascadePlan };

    expect((await viewer.shop(shop.shopId)).shopId).toBe(shop.shopId);
    expect(await viewer.payouts(shop.shopId)).toEqual([]);
    await viewer.refusal(403, 'POST', `${shopPath}/plans`, { json: body });
    await viewer.refusal(403, 'PUT', `${shopPath}/payees/d-9`, {
      json: { name: '某人', roles: ['distributor'] },
    });
    await viewer.refusal(403, 'PUT', `${shopPath}/emergency-stop`, {
      json: { stopped: true, reason: 'a viewer says so' },
    });
    await viewer.refusal(403, 'POST', '/users', {
      json: { username: 'x', password, roles: [] },
    });
    await viewer.refusal(403, 'PUT', '/system/clock', {
      json: { now: await stage.gateway.now() },
    });
    const stopped = await operator.stopPayouts(shop.shopId, false);
    expect(stopped.stopped).toBe(false);
    for (const [method, path, json] of [
      ['GET', shopPath, undefined],
      ['GET', `${shopPath}/payouts`, undefined],
      ['GET', `${shopPath}/payees/d-1`, undefined],
      ['POST', `${shopPath}/plans`, body],
    ] as const) {
      await stranger.refusal(404, method, path, json === undefined ? {} : { json });
    }
    expect((await stage.gateway.plans(shop.shopId)).map(({ version }) => version)).toEqual([1]);
  });

  it('R-SEC-4 answers what is not there with 404', async () => {
    for (const path of [
      '/shops/no-such-shop',
      `${shopPath}/payees/no-such-payee`,
      `${shopPath}/orders/no-such-order`,
      `${shopPath}/statements/st_none`,
      `${shopPath}/payouts/po_none`,
      `${shopPath}/plans/99`,
      '/no-such-thing',
    ]) {
      await stage.gateway.refusal(404, 'GET', path);
    }
  });

  it('R-UPS-1 says what is wrong with a request, field by field, in both languages', async () => {
    const payee = { name: '某人', roles: ['distributor'], colour: 'red' };
    const unknown = await stage.gateway.refusal(422, 'PUT', `${shopPath}/payees/d-9`, {
      json: payee,
    });
    expect(unknown.errors.map(({ pointer }) => pointer)).toContain('/colour');
    const missing = await stage.gateway.refusal(422, 'PUT', `${shopPath}/payees/d-9`, {
      json: { name: '某人' },
    });
    expect(missing.errors.map(({ pointer }) => pointer)).toEqual(['/roles']);
    for (const { message, messageZh } of [...unknown.errors, ...missing.errors]) {
      expect(message).toMatch(/[a-z]/);
      expect(messageZh).toMatch(/[\u4e00-\u9fff]/);
    }
    await stage.gateway.refusal(400, 'PUT', `${shopPath}/payees/d-9`, { raw: '{"name":' });
    await stage.gateway.refusal(400, 'GET', `${shopPath}/payouts?colour=red`);
    await stage.gateway.refusal(400, 'GET', `${shopPath}/payouts?limit=501`);
    await stage.gateway.refusal(413, 'PUT', `${shopPath}/payees/d-9`, {
      json: { ...payee, name: 'x'.repeat(12 * 1024 * 1024) },
    });
  });

  it.each<[string, object, string]>([
    [
      'a rate above 1',
      { commission: { levels: [{ rate: '1.5' }] } },
      '/plan/commission/levels/0/rate',
    ],
    [
      'a rate that is a number',
      { commission: { levels: [{ rate: 0.1 }] } },
      '/plan/commission/levels/0/rate',
    ],
    ['an unknown key', { supplier: {}, colour: 'red' }, '/plan/colour'],
    ['nobody to settle with', {}, '/plan'],
    [
      'more than there is',
      { commission: { basis: 'gross', levels: [{ rate: '0.6' }, { rate: '0.6' }] } },
      '/plan/commission/levels',
    ],
    [
      'a bad cycle',
      { supplier: { cycle: { every: 'week', on: 'someday', at: '02:00' } } },
      '/plan/supplier/cycle/on',
    ],
    [
      'too many levels',
      { commission: { levels: Array(4).fill({ rate: '0.1' }) } },
      '/plan/commission/levels',
    ],
    ['a minimum under Alipay’s', { supplier: { minPayout: '0.09' } }, '/plan/supplier/minPayout'],
  ])(
    'R-RUL-5 refuses a plan with %s, with a pointer, in both languages',
    async (_, plan, pointer) => {
      const problem = await stage.gateway.refusal(422, 'POST', `${shopPath}/plans`, {
        json: { plan },
      });
      expect(problem.errors.map((error) => error.pointer)).toContain(pointer);
      for (const { message, messageZh } of problem.errors) {
        expect(message).toMatch(/[a-z]/);
        expect(messageZh).toMatch(/[\u4e00-\u9fff]/);
      }
      expect((await stage.gateway.plans(shop.shopId)).map(({ version }) => version)).toEqual([1]);
    },
  );

  it('R-RUL-5 refuses a version that would begin too early', async () => {
    const now = await stage.gateway.now();
    const problem = await stage.gateway.refusal(422, 'POST', `${shopPath}/plans`, {
      json: { plan: cascadePlan, effectiveFrom: later(now, -span.hours(1)) },
    });
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(['/effectiveFrom']);
  });

  it('R-UPS-1 answers the same Idempotency-Key with the first answer', async () => {
    const other = await stage.newShop();
    const path = `/shops/${other.shopId}/plans`;
    const headers = { 'idempotency-key': randomUUID() };
    const json = { plan: cascadePlan };
    const first = await stage.gateway.call('POST', path, { json, headers });
    const again = await stage.gateway.call('POST', path, { json, headers });
    expect(first.status).toBe(201);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const reused = await stage.gateway.refusal(422, 'POST', path, {
      json: { plan: nextDayPlan },
      headers,
    });
    expect(reused.code).toBe('idempotency-key-reused');
    expect((await stage.gateway.plans(other.shopId)).map(({ version }) => version)).toEqual([1]);
  });

  it('R-ALI-4 R-SEC-2 never shows a secret again, neither answered nor logged', async () => {
    const { alipay } = await stage.gateway.shop(shop.shopId);
    expect(alipay).toEqual({ appId: shop.appId, mode: 'key', configured: true });
    expect(await stage.gateway.testAlipay(shop.shopId)).toMatchObject({ ok: true, mode: 'key' });
    const shown = await stage.gateway.payee(shop.shopId, 'd-1');
    expect(shown.alipay?.identityType).toBe('ALIPAY_LOGON_ID');
    expect(shown.alipay?.identity).not.toBe(shop.identityOf('d-1'));
    expect(shown.alipay?.identity).toMatch(/\*/);
    expect(shown.alipay?.name).not.toBe('收款方 d-1');

    const secrets = [
      shop.alipay.privateKey.replace(/-----[^-]+-----|\s/g, '').slice(100, 160),
      stage.ready.admin.password,
      shop.identityOf('d-1'),
    ];
    const answers = await Promise.all(
      ['', '/plans', '/payees', '/payouts', '/alerts'].map((part) =>
        stage.gateway.call('GET', `${shopPath}${part}`),
      ),
    );
    const said = JSON.stringify(answers.map(({ body }) => body));
    const logged = readdirSync(stage.ready.logs)
      .filter((name) => name.endsWith('.log') && !/sandbox/.test(name))
      .map((name) => readFileSync(path.join(stage.ready.logs, name), 'utf8'));
    for (const secret of secrets) {
      expect(said).not.toContain(secret);
      expect(logged.some((text) => text.includes(secret))).toBe(false);
    }
  });

  it('R-OPS-2 stops all sending, and loses nothing', async () => {
    const at = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at, amount: '30.00' })]);
    const stopped = await stage.gateway.stopPayouts(null, true);
    expect(stopped).toMatchObject({ stopped: true, by: 'admin' });
    await stage.liveThroughRunsOf(midnight(at, 1));
    expect(await shop.moved()).toEqual([]);
    expect(await shop.onlyPayout('d-1')).toMatchObject({ state: 'waiting', reason: 'stop' });
    expect((await stage.gateway.stopPayouts(null, false)).stopped).toBe(false);
    await stage.gateway.moveClock(later(await stage.gateway.now(), span.minutes(30)));
    expect((await shop.onlyPayout('d-1')).state).toBe('succeeded');
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual(['15.00']);
  });

  it('R-ARC-1 moves the clock forward only, and one move at a time', async () => {
    const now = await stage.gateway.now();
    const back = await stage.gateway.refusal(422, 'PUT', '/system/clock', {
      json: { now: later(now, -1) },
    });
    expect(back.code).toBe('clock-backwards');
    await stage.gateway.refusal(422, 'PUT', '/system/clock', { json: { now: 'tomorrow' } });
    const target = later(now, span.days(2));
    const begun = await stage.gateway.call('PUT', '/system/clock', {
      json: { now: target, waitSeconds: 0 },
    });
    const moving = await stage.gateway.call('PUT', '/system/clock', {
      json: { now: later(now, span.days(3)) },
    });
    expect(begun.status).toBe(202);
    expect(moving).toMatchObject({ status: 409, body: { code: 'clock-moving' } });
    await stage.gateway.waitForIdle();
    expect(Date.parse(await stage.gateway.now())).toBe(Date.parse(target));
  });
});
