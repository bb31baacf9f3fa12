import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  approvalSchema,
  approvalWantedSchema,
  pageOf,
  simulationSchema,
  type Approval,
  type ApprovalWanted,
  type Role,
} from '@qingfen/contracts';
import { type Answer, type GatewayClient, later, midnight, span } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const password = 'correct horse battery staple';
const json = { reason: '已核对' };

describe('what wants a second person', () => {
  let stage: Stage;
  let approver: GatewayClient;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    approver = await userWith('approver');
  });
  afterAll(() => stage.close());

  function userWith(role: Role): Promise<GatewayClient> {
    const username = `${role}-${randomUUID().slice(0, 8)}`;
    return stage.gateway.userWith({ username, password, roles: [{ role, shopId: '*' }] });
  }

  /** A shop in which commissions may come to 30 % of a line, and one person may book 10.00. */
  async function guardedShop(): Promise<TestShop> {
    const shop = await stage.newShop();
    await shop.putPayees(['d-1']);
    const limits = { payoutRatioMax: '0.30', manualMax: '10.00' };
    const { status } = await stage.gateway.call('PUT', `/shops/${shop.shopId}/risk`, {
      json: limits,
    });
    expect(status).toBe(200);
    return shop;
  }

  const ask = async (shop: TestShop, path: string, body: object): Promise<ApprovalWanted> => {
    const answer = await stage.gateway.call('POST', `/shops/${shop.shopId}${path}`, { json: body });
    expect(answer.status).toBe(202);
    return approvalWantedSchema.parse(answer.body);
  };

  const decide = (
    by: GatewayClient,
    shop: TestShop,
    { approvalId }: ApprovalWanted,
    decision: 'approve' | 'reject' = 'approve',
  ): Promise<Answer> =>
    by.call('POST', `/shops/${shop.shopId}/approvals/${approvalId}/${decision}`, { json });

  /** All approvals, read in pages of so many. */
  async function approvalsOf(shop: TestShop, limit: number): Promise<Approval[]> {
    const found: Approval[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const behind: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const path = `/shops/${shop.shopId}/approvals?limit=${limit}${behind}`;
      const { body } = await stage.gateway.call('GET', path);
      const page = pageOf(approvalSchema).parse(body);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items);
      cursor = page.nextCursor;
    }
    return found;
  }

  const passAMinute = async (): Promise<void> =>
    stage.gateway.moveClock(later(await stage.gateway.now(), span.minutes(1)));

  it('R-RUL-7 R-SEC-4 a plan above the shop’s limit is published by two people, and pays', async () => {
    const shop = await guardedShop();
    const { shopId } = shop;
    const at = await stage.gateway.now();
    const draft = { plan: nextDayPlan, from: later(at, -span.days(31)), to: at };
    const tried = await stage.gateway.call('POST', `/shops/${shopId}/plans/simulate`, {
      json: draft,
    });
    const [warning] = simulationSchema.parse(tried.body).warnings;
    expect([warning?.pointer, warning?.message]).toEqual([
      '/plan/commission/levels',
      expect.stringContaining("50% of a line, above the shop's limit of 30%"),
    ]);
    const wanted = await ask(shop, '/plans', { plan: nextDayPlan });
    expect([wanted.wants, wanted.summary]).toEqual([
      'plan',
      expect.stringContaining(warning?.messageZh ?? '?'),
    ]);
    expect(await ask(shop, '/plans', { plan: nextDayPlan })).toEqual(wanted);
    expect(await stage.gateway.plans(shopId)).toEqual([]);
    const viewer = await userWith('viewer');
    expect((await decide(viewer, shop, wanted)).status).toBe(403);
    expect((await decide(stage.gateway, shop, wanted)).body).toMatchObject({ code: 'same-person' });
    const approved = await decide(approver, shop, wanted);
    expect(approved.status).toBe(200);
    expect(approvalSchema.parse(approved.body)).toMatchObject({
      ...wanted,
      state: 'approved',
      reason: json.reason,
    });
    expect((await stage.gateway.plans(shopId)).map(({ version }) => version)).toEqual([1]);
    // The answer came when the version was on the topic: what is published now is settled under it.
    const paidAt = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at: paidAt, amount: '100.00' })]);
    await stage.liveThroughRunsOf(midnight(paidAt, 1));
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual(['50.00']);
  });

  it('R-SEC-4 is one list, oldest first, whoever keeps it, and each is decided where it stands', async () => {
    const shop = await guardedShop();
    const rate = (first: string) => ({ plan: { commission: { levels: [{ rate: first }] } } });
    const published = await stage.gateway.publishPlan(shop.shopId, rate('0.30'));
    expect(published.version).toBe(1);
    const amount = (of: string) => {
      return { payeeId: 'd-1', kind: 'commission', amount: of, reason: '补差' };
    };
    const wanted: ApprovalWanted[] = [];
    for (const [path, body] of [
      ['/plans', rate('0.31')],
      ['/adjustments', amount('10.01')],
      ['/adjustments', amount('-10.01')],
      ['/plans', rate('0.32')],
    ] as const) {
      wanted.push(await ask(shop, path, body));
      await passAMinute();
    }
    const ids = wanted.map(({ approvalId }) => approvalId);
    for (const limit of [1, 3, 500]) {
      expect((await approvalsOf(shop, limit)).map(({ approvalId }) => approvalId)).toEqual(ids);
    }
    const [plan, more, less, dearer] = wanted;
    if (!plan || !more || !less || !dearer) throw new Error('four were asked for');
    expect((await decide(approver, shop, more)).status).toBe(200);
    expect((await decide(stage.gateway, shop, plan, 'reject')).status).toBe(200);
    expect((await decide(approver, shop, plan)).status).toBe(409);
    await stage.gateway.moveClock(less.expiresAt);
    expect((await decide(approver, shop, less)).body).toMatchObject({ code: 'approval-expired' });
    expect((await decide(approver, shop, dearer)).status).toBe(200);
    expect((await approvalsOf(shop, 2)).map(({ wants, state }) => [wants, state])).toEqual([
      ['plan', 'rejected'],
      ['adjustment', 'approved'],
      ['adjustment', 'expired'],
      ['plan', 'approved'],
    ]);
    expect((await stage.gateway.plans(shop.shopId)).map(({ version }) => version)).toEqual([1, 2]);
    const path = `/shops/${shop.shopId}/approvals`;
    await stage.gateway.refusal(404, 'POST', `${path}/xx_1/approve`, { json });
    await stage.gateway.refusal(404, 'POST', `${path}/ap_999999999/approve`, { json });
    await stage.gateway.refusal(400, 'GET', `${path}?cursor=nonsense`);
    const other = await stage.newShop({ withoutAlipay: true });
    await stage.gateway.refusal(404, 'POST', `/shops/${other.shopId}/approvals/${ids[3]}/reject`, {
      json,
    });
    expect(await approvalsOf(other, 10)).toEqual([]);
  });
});
