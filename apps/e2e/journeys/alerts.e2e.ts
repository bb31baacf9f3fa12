import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Alert, alertSchema, type Role } from '@qingfen/contracts';
import { eventMessage, type GatewayClient, orderMessage, until } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const password = 'correct horse battery staple';

describe('alerts', () => {
  let stage: Stage;
  let operator: GatewayClient;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    operator = await userWith('operator', '*');
  });
  afterAll(() => stage.close());

  async function userWith(role: Role, shopId: string): Promise<GatewayClient> {
    const username = `${role}-${randomUUID().slice(0, 8)}`;
    return stage.gateway.userWith({ username, password, roles: [{ role, shopId }] });
  }

  /** Waits for the shop's alert of a class to be in a state, and answers it. */
  async function alertOf(
    shop: TestShop,
    alertClass: string,
    state: Alert['state'],
  ): Promise<Alert> {
    const alert = await until(
      `${alertClass} of ${shop.shopId} to be ${state}`,
      async () => (await stage.gateway.alerts(shop.shopId)).find((one) => one.class === alertClass),
      { deadlineMs: 30_000, holds: (seen) => seen?.state === state },
    );
    if (alert === undefined) throw new Error('the probe has seen it');
    return alert;
  }

  async function acknowledged(path: string): Promise<Alert> {
    const json = { reason: 'looked into it' };
    const answer = await operator.call('POST', `${path}/acknowledge`, { json });
    expect([answer.body, answer.status]).toEqual([answer.body, 200]);
    return alertSchema.parse(answer.body);
  }

  it('R-ALR-1 what has happened is over when somebody has looked, and told when it happens again', async () => {
    const shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    const at = await stage.gateway.now();
    const order = shop.orderData({ at, amount: '10.00' });
    await shop.publishOrders([order]);
    const contradict = (payeeId: string): Promise<void> =>
      stage.upstream.publish([orderMessage({ ...order, distributors: [payeeId] })]);
    await contradict('d-2');
    const raised = await alertOf(shop, 'order-contradicted', 'raised');
    expect(raised).toMatchObject({ ends: 'when-acknowledged', acknowledged: null });
    const path = `/shops/${shop.shopId}/alerts/${raised.alertId}`;

    const json = { reason: 'x' };
    const viewer = await userWith('viewer', '*');
    await viewer.refusal(403, 'POST', `${path}/acknowledge`, { json });
    await operator.refusal(422, 'POST', `${path}/acknowledge`, { json: {} });
    const other = await stage.newShop();
    await operator.refusal(
      404,
      'POST',
      `/shops/${other.shopId}/alerts/${raised.alertId}/acknowledge`,
      { json },
    );

    const over = await acknowledged(path);
    expect(over).toMatchObject({
      alertId: raised.alertId,
      state: 'resolved',
      acknowledged: { by: expect.stringMatching(/^operator-/), reason: 'looked into it' },
    });
    await operator.refusal(409, 'POST', `${path}/acknowledge`, { json });
    expect(await stage.gateway.alerts(shop.shopId, '?state=raised')).toEqual([]);

    await contradict('d-3');
    const anew = await alertOf(shop, 'order-contradicted', 'raised');
    expect(anew).toMatchObject({ alertId: raised.alertId, acknowledged: null });
  });

  it('R-ALR-1 a condition lasts as long as it does, whoever has looked', async () => {
    const shop = await stage.newShop();
    await shop.putPayees(['d-1']);
    const at = await stage.gateway.now();
    const order = shop.orderData({ at, amount: '10.00' });
    await shop.publishOrders([order]);
    const { alertId } = await alertOf(shop, 'no-plan', 'raised');
    const looked = await acknowledged(`/shops/${shop.shopId}/alerts/${alertId}`);
    expect(looked).toMatchObject({ state: 'raised', ends: 'by-itself' });
    expect(looked.acknowledged?.reason).toBe('looked into it');
    const of = async (query: string): Promise<string[]> =>
      (await stage.gateway.alerts(shop.shopId, query)).map((one) => one.alertId);
    expect(await of('?acknowledged=true')).toEqual([alertId]);
    expect(await of('?acknowledged=false')).toEqual([]);
    await shop.publishPlan(nextDayPlan);
    const bind = { version: 1, settledOutside: true, reason: 'paid by hand' };
    await stage.gateway.call('POST', `/shops/${shop.shopId}/orders/${order.orderId}/bind`, {
      json: bind,
    });
    const resolved = await alertOf(shop, 'no-plan', 'resolved');
    expect(resolved.acknowledged?.reason).toBe('looked into it');
  });

  it('R-ALR-1 R-SEC-4 one of no shop is acknowledged by who acts on all of them', async () => {
    const at = await stage.gateway.now();
    const head = { shopId: 'nobody', day: at.slice(0, 10), block: 1, hash: 'x', signature: 'x' };
    const forged = eventMessage('ledger-head', { ...head, keyId: 'x' }, { key: 'nobody' });
    const forge = async (): Promise<Alert> => {
      await stage.upstream.publish([{ ...forged, id: randomUUID() }]);
      const everywhere = await until(
        'the alert forged-message of ledger-head',
        async () => {
          const answer = await operator.call('GET', '/alerts?state=raised&limit=500');
          const { items } = answer.body as { items: Alert[] };
          return items.find((one) => one.class === 'forged-message' && isAboutHeads(one));
        },
        { deadlineMs: 30_000 },
      );
      if (everywhere === undefined) throw new Error('the probe has seen it');
      return everywhere;
    };
    const { alertId, shopId } = await forge();
    expect(shopId).toBeNull();
    const ofOneShop = await userWith('operator', 'shop-of-one');
    const json = { reason: 'x' };
    await ofOneShop.refusal(403, 'POST', `/alerts/${alertId}/acknowledge`, { json });
    expect(await acknowledged(`/alerts/${alertId}`)).toMatchObject({ state: 'resolved' });
    await operator.refusal(404, 'POST', '/alerts/none/acknowledge', { json });
    expect((await forge()).alertId).toBe(alertId);
  });
});

function isAboutHeads({ subject }: Alert): boolean {
  return subject.id === 'ledger-head';
}
