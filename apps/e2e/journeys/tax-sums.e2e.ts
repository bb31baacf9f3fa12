import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page, TaxSum } from '@qingfen/contracts';
import { later, midnight, span } from '@qingfen/testing';

import { cascadePlan, journeySystem, Stage, type TestShop } from '../src/index.js';

describe('what payees received, for tax reports', () => {
  let stage: Stage;
  let shop: TestShop;
  let year: string;
  const payeeIds = ['d-1', 'd-2', 'd-3'];

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    await shop.publishPlan(cascadePlan);
    await shop.putPayees(payeeIds);
    const at = await stage.gateway.now();
    await shop.publishOrders([shop.orderData({ at, amount: '100.00', distributors: payeeIds })]);
    await stage.gateway.waitForIdle();
    await stage.gateway.moveClock(later(midnight(at, 9), span.hours(3)));
    year = (await stage.gateway.now()).slice(0, 4);
  });
  afterAll(() => stage.close());

  const path = (rest: string): string => `/shops/${shop.shopId}/tax-sums${rest}`;

  it('R-TAX-1 sums by payee are what Alipay moved, and a period without payouts has none', async () => {
    const { status, body } = await stage.gateway.call('GET', path(`?period=${year}`));
    expect(status).toBe(200);
    const { items } = body as Page<TaxSum>;
    const moved = (await shop.moved()).map(({ amount }) => amount).sort();
    expect(items.map(({ net }) => net).sort()).toEqual(moved);
    expect(items.map(({ payeeId, paid }) => [payeeId, paid])).toEqual([
      ['d-1', '27.00'],
      ['d-2', '12.60'],
      ['d-3', '5.04'],
    ]);
    const before = await stage.gateway.call('GET', path('?period=2001-Q3'));
    expect(before.body).toEqual({ items: [], nextCursor: null });
    const wrong = await stage.gateway.call('GET', path('?period=2026-13'));
    expect(wrong.status).toBe(400);
  });

  it('R-TAX-1 the same as a file', async () => {
    const { status, body } = await stage.gateway.call('GET', path(`.csv?period=${year}`));
    expect(status).toBe(200);
    const lines = String(body).split('\r\n');
    expect(lines[0]).toBe(
      'payeeId,name,accountType,kind,currency,paid,returned,net,payouts,withheld,gross',
    );
    expect(lines[1]).toMatch(/^d-1,[^,]*,[^,]*,commission,CNY,27\.00,0\.00,27\.00,1,0\.00,27\.00$/);
    expect(lines).toHaveLength(5);
  });
});
