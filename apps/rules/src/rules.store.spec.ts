import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlanService, Publication } from './plan.service.js';
import { ShopController } from './shop.controller.js';
import { RulesHouse, start, userCalled, versionOf } from './rules-house.fixture.js';

const plan = { supplier: {}, platformFee: { rate: '0.10' } };
const later = (ms: number): Date => new Date(start.getTime() + ms);
const dayMs = 86_400_000;
const caller = userCalled('admin');

let house: RulesHouse;
let plans: PlanService;

beforeAll(async () => {
  house = await RulesHouse.build();
  ({ plans } = house);
});

afterAll(() => house.drop());

function publish(shopId: string, effectiveFrom: Date | null = null): Promise<Publication> {
  return house.publish(shopId, plan, { effectiveFrom });
}

describe('shops', () => {
  it('R-RUL-5 is made once by 20 racers, said once and audited once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => house.put('s-race')));
    expect(await house.said('shop-upserted', 's-race')).toEqual([
      {
        shopId: 's-race',
        name: 'Shop',
        timezone: 'Asia/Shanghai',
        noticePeriodDays: 0,
        transferMax: '50000.00',
        updatedAt: start.toISOString(),
      },
    ]);
    const audited = await house.database.query(`SELECT 1 FROM audit WHERE shop_id = 's-race'`);
    expect(audited).toHaveLength(1);
  });

  it('keeps what a change does not name, and moves updatedAt on a standing clock', async () => {
    await house.put('s-keep', { transferMaxMinor: 123n, noticePeriodDays: 3 });
    const shop = await house.put('s-keep', { name: 'Other' });
    expect(shop).toMatchObject({ name: 'Other', transferMaxMinor: 123n, noticePeriodDays: 3 });
    expect(shop.updatedAt).toEqual(later(1));
    expect(await house.shops.find('s-keep')).toEqual(shop);
  });
});

describe('R-TAX-1 how a shop withholds tax', () => {
  const shopId = 's-tax';
  const withholding = {
    period: 'month',
    kinds: ['commission'],
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '800.00', rate: '0.20' },
    ],
  };
  const put = (change: object): ReturnType<ShopController['put']> =>
    new ShopController(house.shops).put(shopId, { name: 'Shop', ...change }, caller);
  const said = async (): Promise<unknown[]> =>
    (await house.said('shop-upserted', shopId)).map((shop) => shop.withholding ?? null);

  it('R-TAX-1 R-SEC-3 is off until it is switched on, stays as it is where it is not named, and is audited', async () => {
    expect(await put({})).toMatchObject({ withholding: null });
    expect(await put({ withholding })).toMatchObject({ withholding });
    expect(await put({ transferMax: '100.00' })).toMatchObject({ withholding });
    await put({ withholding }); // as it is: nothing is said
    expect(await put({ withholding: null })).toMatchObject({ withholding: null });
    expect(await said()).toEqual([null, withholding, withholding, null]);
    const [row] = await house.database.query<{ after: object }>(
      `SELECT after FROM audit WHERE shop_id = $1 AND action = 'shop.change' LIMIT 1`,
      [shopId],
    );
    expect(row?.after).toMatchObject({ withholding });
  });

  it.each<[string, object, string]>([
    ['a first tier above 0', { tiers: [{ from: '1.00', rate: '0' }] }, '/withholding/tiers/0/from'],
    [
      'tiers that do not ascend',
      { tiers: [...withholding.tiers, { from: '800.00', rate: '0.30' }] },
      '/withholding/tiers/2/from',
    ],
    ['a rate above 1', { tiers: [{ from: '0', rate: '1.01' }] }, '/withholding/tiers/0/rate'],
    [
      'a rate of more than 6 digits',
      { tiers: [{ from: '0', rate: '0.0000001' }] },
      '/withholding/tiers/0/rate',
    ],
    ['a tier without a rate', { tiers: [{ from: '0' }] }, '/withholding/tiers/0/rate'],
    [
      'a fixed amount',
      { tiers: [{ from: '0', rate: '0', fixed: '1.00' }] },
      '/withholding/tiers/0/fixed',
    ],
    ['no tier', { tiers: [] }, '/withholding/tiers'],
    ['no kind', { kinds: [] }, '/withholding/kinds'],
    ['another period', { period: 'week' }, '/withholding/period'],
  ])('R-TAX-1 refuses %s, and says where', async (_, change, pointer) => {
    const refused = put({ withholding: { ...withholding, ...change } });
    await expect(refused).rejects.toMatchObject({
      problem: { status: 422, errors: [{ pointer, messageZh: expect.stringMatching(/./) }] },
    });
  });
});

describe('plan versions', () => {
  it('R-RUL-5 20 racers get versions 1 to 20 with distinct, ascending instants', async () => {
    await house.put('s-20');
    const published = await Promise.all(Array.from({ length: 20 }, () => publish('s-20')));
    const versions = published.map(versionOf).sort((a, b) => a.version - b.version);
    expect(versions.map(({ version }) => version)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(versions.map(({ publishedAt }) => publishedAt)).toEqual(
      Array.from({ length: 20 }, (_, index) => later(index)),
    );
    expect(await house.said('settlement-plan-published', 's-20')).toHaveLength(20);
    expect(await plans.list({ shopId: 's-20', after: 18, limit: 10 })).toEqual(versions.slice(18));
  });

  it('R-RUL-5 takes effect after the notice period at the earliest', async () => {
    await house.put('s-notice', { noticePeriodDays: 3 });
    expect(versionOf(await publish('s-notice')).effectiveFrom).toEqual(later(3 * dayMs));
    const early = await publish('s-notice', later(3 * dayMs));
    expect(early).toEqual({
      kind: 'refused',
      errors: [
        {
          pointer: '/effectiveFrom',
          message:
            'Too early: the notice period allows 2026-01-08T10:00:00.001+08:00 at the earliest.',
          messageZh: '生效时间过早：按公告期最早为 2026-01-08T10:00:00.001+08:00。',
        },
      ],
    });
    const atLeast = versionOf(await publish('s-notice', later(3 * dayMs + 1)));
    expect(atLeast).toMatchObject({ version: 2, effectiveFrom: later(3 * dayMs + 1) });
  });

  it('R-RUL-2 refuses a plan with pointers into the body, and a shop that is not there', async () => {
    await house.put('s-bad');
    const call = { shopId: 's-bad', effectiveFrom: null, caller };
    const outcome = await plans.publish({
      ...call,
      plan: { commission: { levels: [{ rate: '2' }] } },
    });
    expect(outcome).toMatchObject({
      kind: 'refused',
      errors: [{ pointer: '/plan/commission/levels/0/rate' }],
    });
    const whole = await plans.publish({ ...call, plan: { x: 1, supplier: { delayDays: '7' } } });
    expect(whole.kind === 'refused' && whole.errors.map(({ pointer }) => pointer)).toEqual([
      '/plan/x',
      '/plan/supplier/delayDays',
    ]);
    const nobody = await plans.publish({ ...call, plan: {} });
    expect(nobody).toMatchObject({ kind: 'refused', errors: [{ pointer: '/plan' }] });
    expect(await plans.list({ shopId: 's-bad', after: 0, limit: 1 })).toEqual([]);
    expect(await publish('s-none')).toEqual({ kind: 'no-shop' });
  });

  it('says what it has stored, every default written out, under the hash of it', async () => {
    await house.put('s-said');
    const version = versionOf(await publish('s-said'));
    const [data] = await house.said('settlement-plan-published', 's-said');
    expect(data).toEqual({
      shopId: 's-said',
      version: 1,
      plan: version.plan,
      hash: version.hash,
      publishedAt: start.toISOString(),
      effectiveFrom: start.toISOString(),
    });
    expect(version.plan).toMatchObject({ currency: 'CNY', returnWindowDays: 7 });
    expect(version.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await plans.find('s-said', 1)).toEqual(version);
  });

  it('R-RUL-5 answers only what the broker has; a repeated call gets the version that was left', async () => {
    await house.put('s-broker');
    house.isAcknowledged = false;
    expect(await publish('s-broker')).toEqual({ kind: 'unacknowledged' });
    house.isAcknowledged = true;
    expect(versionOf(await publish('s-broker')).version).toBe(1);
    expect(versionOf(await publish('s-broker')).version).toBe(2);
    expect(await house.said('settlement-plan-published', 's-broker')).toHaveLength(3);
  });

  it('R-RUL-5 withdraws what is not in force yet, and nothing else', async () => {
    await house.put('s-back', { noticePeriodDays: 1 });
    await publish('s-back');
    const call = { shopId: 's-back', version: 1, reason: 'typing error', caller };
    const first = await plans.withdraw(call);
    expect(first).toMatchObject({ kind: 'withdrawn', version: { withdrawnAt: start } });
    expect(await plans.withdraw(call)).toEqual(first);
    const [, withdrawn] = await house.said('settlement-plan-published', 's-back');
    expect(withdrawn).toMatchObject({ version: 1, withdrawnAt: start.toISOString() });
    expect(await plans.withdraw({ ...call, version: 9 })).toEqual({ kind: 'unknown' });

    await house.put('s-force');
    await publish('s-force');
    const inForce = await plans.withdraw({ ...call, shopId: 's-force' });
    expect(inForce).toEqual({ kind: 'in-force' });
  });
});
