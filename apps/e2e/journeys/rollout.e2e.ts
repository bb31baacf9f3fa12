import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  approvalWantedSchema,
  moveSchema,
  rolloutSchema,
  runHoldSchema,
  runSchema,
  trialStatementSchema,
} from '@qingfen/contracts';
import { later, midnight, span } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

/** What a distributor is owed of an order of 100.00. */
const owed = '50.00';

interface Items {
  readonly items: readonly unknown[];
}

describe('taking a shop up, kind by kind and payee by payee', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
  });
  afterAll(() => stage.close());

  async function shopOf(...payeeIds: string[]): Promise<TestShop> {
    const shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(payeeIds);
    return shop;
  }

  const put = (shop: TestShop, json: object) =>
    stage.gateway.call('PUT', `/shops/${shop.shopId}/rollout`, { json });

  async function sell(shop: TestShop, payeeIds: readonly string[]): Promise<string> {
    const at = await stage.gateway.now();
    await shop.publishOrders(
      payeeIds.map((payeeId) => shop.orderData({ at, amount: '100.00', distributors: [payeeId] })),
    );
    return at;
  }

  const paid = async (shop: TestShop): Promise<string[]> =>
    (await shop.moved()).map(
      ({ identity, amount }) => `${identity.split('.')[1]?.split('@')[0]} ${amount}`,
    );

  it('R-TST-4 rehearses, pays a pilot, then all but what was settled elsewhere, by two people', async () => {
    const shop = await shopOf('d-1', 'd-2');
    const first = await stage.gateway.call('GET', `/shops/${shop.shopId}/rollout`);
    const everybody = { mode: 'all' };
    expect(rolloutSchema.parse(first.body)).toEqual({
      supplier: everybody,
      commission: everybody,
      'team-reward': everybody,
    });
    const dry = await put(shop, { commission: { mode: 'dry-run' } });
    expect([dry.status, rolloutSchema.parse(dry.body).commission]).toEqual([
      200,
      { mode: 'dry-run' },
    ]);
    const start = await sell(shop, ['d-1', 'd-2']);
    await stage.liveThroughRunsOf(midnight(start, 1));
    expect(await paid(shop)).toEqual([]);
    const trials = await stage.gateway.call(
      'GET',
      `/shops/${shop.shopId}/trial-statements?limit=1`,
    );
    const { items, nextCursor } = trials.body as Items & { nextCursor: string };
    const more = await stage.gateway.call(
      'GET',
      `/shops/${shop.shopId}/trial-statements?cursor=${nextCursor}`,
    );
    const shown = [...items, ...(more.body as Items).items].map((item) =>
      trialStatementSchema.parse(item),
    );
    expect(shown.map(({ payeeId, net, netOfPeriod }) => [payeeId, net, netOfPeriod])).toEqual([
      ['d-1', owed, owed],
      ['d-2', owed, owed],
    ]);

    await put(shop, { commission: { mode: 'pilot', payees: ['d-2'] } });
    await stage.liveThroughRunsOf(midnight(start, 2));
    expect(await paid(shop)).toEqual([`d-2 ${owed}`]);

    const settledBefore = await stage.gateway.now();
    await sell(shop, ['d-1']);
    const asked = await put(shop, { commission: everybody, settledBefore });
    expect(asked.status).toBe(202);
    const { approvalId } = approvalWantedSchema.parse(asked.body);
    const approve = `/shops/${shop.shopId}/approvals/${approvalId}/approve`;
    await stage.gateway.refusal(403, 'POST', approve, { json: { reason: 'me' } });
    const second = await stage.gateway.userWith({
      username: `approver-${randomUUID().slice(0, 8)}`,
      password: 'correct horse battery staple',
      roles: [{ role: 'approver', shopId: '*' }],
    });
    expect((await second.call('POST', approve, { json: { reason: '已核对' } })).status).toBe(200);
    await stage.liveThroughRunsOf(midnight(start, 3));
    expect(await paid(shop)).toEqual([`d-2 ${owed}`, `d-1 ${owed}`]);
    expect((await stage.gateway.trialBalance(shop.shopId)).balanced).toBe(true);
  });

  it('R-HLD-1 holds the runs of a kind, which take place when they are released', async () => {
    const shop = await shopOf('d-1');
    const runs = `/shops/${shop.shopId}/runs`;
    const held = await stage.gateway.call('POST', `${runs}/commission/hold`, {
      json: { reason: '核对' },
    });
    expect(runHoldSchema.parse(held.body)).toEqual({ kind: 'commission', holds: ['operator'] });
    await stage.gateway.refusal(404, 'POST', `${runs}/fees/hold`, { json: { reason: 'x' } });
    const start = await sell(shop, ['d-1']);
    await stage.liveThroughRunsOf(midnight(start, 1));
    expect(await paid(shop)).toEqual([]);
    const listed = await stage.gateway.call('GET', `${runs}?kind=commission`);
    const states = (listed.body as Items).items.map((item) => runSchema.parse(item).state);
    expect(new Set(states)).toEqual(new Set(['held']));
    await stage.gateway.call('POST', `${runs}/commission/release`, { json: { reason: '无误' } });
    await stage.gateway.waitForIdle();
    expect(await paid(shop)).toEqual([`d-1 ${owed}`]);
  });

  it('R-OPS-2 moves what is owed to another kind, and it is paid with that', async () => {
    const shop = await stage.newShop();
    await shop.publishPlan({ ...nextDayPlan, supplier: { delayDays: 0 } });
    await shop.putPayees(['d-1']);
    const start = await sell(shop, ['d-1']);
    await stage.gateway.waitForIdle();
    const body = {
      from: { payeeId: 'd-1', kind: 'commission' },
      to: { payeeId: 'd-1', kind: 'supplier' },
      amount: '20.00',
      reason: '更正',
    };
    const moved = await stage.gateway.call('POST', `/shops/${shop.shopId}/moves`, { json: body });
    expect(moved.status).toBe(201);
    expect(moveSchema.parse(moved.body)).toMatchObject({
      from: { kind: 'commission', amount: '-20.00' },
      to: { kind: 'supplier', amount: '20.00' },
    });
    await stage.liveThroughRunsOf(midnight(start, 1));
    expect(await paid(shop)).toContain('d-1 30.00');
    await stage.gateway.moveClock(later(start, span.days(8)));
    await stage.gateway.waitForIdle();
    expect((await paid(shop)).sort()).toEqual(['d-1 20.00', 'd-1 30.00']);
  });
});
