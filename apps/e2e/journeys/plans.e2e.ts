import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pageOf, planTemplateSchema, simulationSchema } from '@qingfen/contracts';
import { later, span, until } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage } from '../src/index.js';

const password = 'correct horse battery staple';
const deadlineMs = 30_000;

describe('a finance person and the plan', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
  });
  afterAll(() => stage.close());

  it('R-RUL-1 begins with a template, changes a rate and publishes it', async () => {
    const { shopId } = await stage.newShop({ withoutAlipay: true });
    const reader = await stage.gateway.userWith({
      username: `viewer-${randomUUID().slice(0, 8)}`,
      password,
      roles: [{ role: 'viewer', shopId }],
    });
    const answer = await reader.call('GET', '/plan-templates');
    const { items } = pageOf(planTemplateSchema).parse(answer.body);
    expect(items.map(({ nameZh }) => nameZh).slice(0, 3)).toEqual([
      '供应商货款结算',
      '分销佣金结算',
      '团队奖励金结算',
    ]);
    for (const { plan } of items) {
      const version = await stage.gateway.publishPlan(shopId, { plan });
      expect(version.plan).toEqual(plan);
    }
    const [first] = items;
    const plan = { ...first?.plan, platformFee: { rate: '0.08' } };
    expect((await stage.gateway.publishPlan(shopId, { plan })).plan).toEqual(plan);
    const noToken = await stage.gateway.refusal(401, 'GET', '/plan-templates', { token: null });
    expect(noToken.code).toBe('unauthenticated');
  });

  it('R-RUL-7 is told everything that is wrong, each with its pointer and a sentence in both languages', async () => {
    const { shopId } = await stage.newShop({ withoutAlipay: true });
    const json = {
      plan: {
        platformFee: { rate: '10' },
        commission: { levels: [{ rate: '30%' }, {}], payVia: 'cash' },
        teamReward: { tiers: [{ from: '5.00', rate: '0.01' }] },
        'a/b': 1,
      },
    };
    const refused = await stage.gateway.refusal(422, 'POST', `/shops/${shopId}/plans`, { json });
    expect(refused.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/plan/a~1b',
      '/plan/commission/levels/0/rate',
      '/plan/commission/levels/1/rate',
      '/plan/commission/payVia',
      '/plan/platformFee/rate',
      '/plan/teamReward/tiers/0/from',
    ]);
    for (const { message, messageZh } of refused.errors) {
      expect(message).toMatch(/\.$/);
      expect(messageZh).toMatch(/。$/);
    }
    expect(refused.errors[0]?.pointer).toBe('/plan/a~1b');
    expect(await stage.gateway.plans(shopId)).toEqual([]);
  });

  it('R-RUL-7 tries a draft on past orders, page by page, and nothing is booked', async () => {
    const shop = await stage.newShop({ withoutAlipay: true });
    await shop.publishPlan(nextDayPlan);
    const at = await stage.gateway.now();
    await shop.publishOrders([
      shop.orderData({ at, amount: '100.00' }),
      shop.orderData({ at, amount: '60.00', distributors: ['d-2'] }),
    ]);
    await stage.gateway.waitForIdle();
    const before = await stage.gateway.trialBalance(shop.shopId);
    const path = `/shops/${shop.shopId}/plans/simulate`;
    const levels = [{ rate: '0.40' }];
    const draft = { plan: { ...nextDayPlan, commission: { levels }, supplier: {} } };
    const json = { ...draft, from: at, to: later(at, span.minutes(1)) };
    const first = await stage.gateway.call('POST', `${path}?limit=2`, { json });
    expect(first.status).toBe(200);
    const { items, nextCursor, ...head } = simulationSchema.parse(first.body);
    expect(head).toMatchObject({
      orders: 2,
      totals: { owed: '160.00', owedNow: '80.00', difference: '80.00' },
    });
    expect(items.map(({ payeeId, difference }) => [payeeId, difference])).toEqual([
      ['sup-1', '96.00'],
      ['d-1', '-10.00'],
    ]);
    const next = `${path}?limit=2&cursor=${encodeURIComponent(nextCursor ?? '')}`;
    const second = simulationSchema.parse((await stage.gateway.call('POST', next, { json })).body);
    expect(second.items.map(({ payeeId }) => payeeId)).toEqual(['d-2']);
    expect(second.nextCursor).toBeNull();
    const bad = { ...json, plan: { ...draft.plan, rounding: 'up' } };
    const refused = await stage.gateway.refusal(422, 'POST', path, { json: bad });
    expect(refused.errors.map(({ pointer }) => pointer)).toEqual(['/plan/rounding']);
    const after = await stage.gateway.trialBalance(shop.shopId);
    expect(after.currencies).toEqual(before.currencies);
  });

  it('R-RUL-5 is told how early a version may take effect', async () => {
    const { shopId } = await stage.newShop({ withoutAlipay: true });
    await stage.gateway.putShop(shopId, { name: '有公告期的店铺', noticePeriodDays: 3 });
    const now = await stage.gateway.now();
    const json = { plan: { supplier: {} }, effectiveFrom: now };
    const refused = await stage.gateway.refusal(422, 'POST', `/shops/${shopId}/plans`, { json });
    expect(refused.errors.map(({ pointer }) => pointer)).toEqual(['/effectiveFrom']);
  });

  it('R-RUL-5 tells payees beforehand of what changes, and that it was withdrawn', async () => {
    const shop = await stage.newShop({ withoutAlipay: true });
    const { shopId } = shop;
    await shop.publishPlan(nextDayPlan);
    const at = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at, amount: '100.00' })]);
    await stage.gateway.waitForIdle();
    await stage.gateway.putShop(shopId, { name: '公告店铺', noticePeriodDays: 3 });
    const plan = { ...nextDayPlan, commission: { levels: [{ rate: '0.40' }] } };
    const { version, publishedAt, effectiveFrom } = await stage.gateway.publishPlan(shopId, {
      plan,
    });
    expect(Date.parse(effectiveFrom)).toBe(Date.parse(publishedAt) + span.days(3));
    const mailed = (text: string): Promise<string | undefined> =>
      until(`the mail to d-1 with ${text}`, () => stage.mailTo(`d-1.${shopId}@`), {
        deadlineMs,
        holds: (mail) => mail?.includes(text) === true,
      });
    expect(await mailed('in force from')).toContain(`(version ${version})`);
    const said = (await stage.read('plan-change-announced')).filter(({ value }) =>
      value?.toString().includes(shopId),
    );
    expect(said.map(({ key }) => key)).toEqual(['d-1']);
    const withdraw = `/shops/${shopId}/plans/${version}/withdraw`;
    await stage.gateway.call('POST', withdraw, { json: { reason: '价格未定' } });
    await mailed('They will not take effect');
    const plans = await stage.gateway.plans(shopId);
    expect(plans.map(({ withdrawnAt }) => withdrawnAt === undefined)).toEqual([true, false]);
  });
});
