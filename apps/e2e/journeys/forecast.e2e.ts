import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Forecast, forecastSchema } from '@qingfen/contracts';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

describe('the cash forecast', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
  });
  afterAll(() => stage.close());

  async function forecastOf(shop: TestShop): Promise<Forecast> {
    const answer = await stage.gateway.call('GET', `/shops/${shop.shopId}/forecast`);
    expect([answer.body, answer.status]).toEqual([answer.body, 200]);
    return forecastSchema.parse(answer.body);
  }

  it('R-FOR-1 says what falls due and what is left, and is what is then paid', async () => {
    const shop = await stage.newShop({ balance: '20.00' });
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1', 'sup-1']);
    const at = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at, amount: '100.00' })]);
    await stage.gateway.waitForIdle();
    const before = await forecastOf(shop);
    expect(before).toMatchObject({ currency: 'CNY', balance: '20.00', open: '0.00' });
    expect(before.days).toHaveLength(30);
    const due = before.days.filter((day) => day.due !== '0.00');
    expect(due.length).toBeGreaterThan(0);
    const last = due.at(-1);
    expect(before.shortOn).toBe(due.find(({ left }) => left?.startsWith('-') === true)?.day);
    expect(last?.left).toBe(`-${before.missing}`);
    expect(before.missing).not.toBe('0.00');

    await stage.sandbox.move(shop.appId, { amount: before.missing, type: 'top-up' });
    expect(await forecastOf(shop)).toMatchObject({ shortOn: null, missing: '0.00' });
    await stage.liveThroughRunsOf(`${last?.day ?? ''}T00:00:00+08:00`);
    const after = await forecastOf(shop);
    expect(after).toMatchObject({ balance: '0.00', open: '0.00', shortOn: null });
    await stage.gateway.refusal(404, 'GET', '/shops/nobody-s/forecast');
  });
});
