import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  deadLetterReplaySchema,
  type DeadLetter,
  type EventData,
  type Order,
  type Role,
} from '@qingfen/contracts';
import { eventMessage, type GatewayClient, midnight } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const password = 'correct horse battery staple';
const topic = 'order-refunded';

describe('dead letters by the gateway', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
  });
  afterAll(() => stage.close());

  async function userWith(role: Role, shopId = '*'): Promise<GatewayClient> {
    const username = `${role}-${randomUUID().slice(0, 8)}`;
    return stage.gateway.userWith({ username, password, roles: [{ role, shopId }] });
  }

  /** Says that a buyer gets 60.00 of an order of 100.00 back: twice is too much. */
  async function refund(shop: TestShop, orderId: string, refundId: string): Promise<void> {
    const refundedAt = await stage.gateway.now();
    const items = [{ itemId: 'i-1', amount: '60.00' }];
    const data: EventData[typeof topic] = {
      shopId: shop.shopId,
      orderId,
      refundId,
      refundedAt,
      items,
    };
    await stage.upstream.publish([eventMessage(topic, data, { key: orderId })]);
    await stage.gateway.waitForIdle();
  }

  async function lettersOf(orderId: string): Promise<readonly DeadLetter[]> {
    return (await stage.gateway.deadLetters(topic)).filter(({ key }) => key === orderId);
  }

  const refundStates = ({ refunds }: Order): string[] =>
    refunds.map(({ refundId, state }) => `${refundId} ${state}`).sort();

  it('R-UPS-1 R-REF-2 a refund that did not fit is sent again when it does, and settled', async () => {
    const shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1']);
    const at = await stage.gateway.now();
    const order = shop.orderData({ at, amount: '100.00' });
    const { orderId } = order;
    await shop.publishOrders([order]);
    await stage.gateway.waitForIdle();
    await refund(shop, orderId, 'r-1');
    await refund(shop, orderId, 'r-2');
    const [letter, ...others] = await lettersOf(orderId);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ topic, error: 'refund-exceeds-paid' });
    expect(letter?.reason).toMatch(/data\.items\[0\]\.amount/);
    expect(JSON.parse(letter?.value ?? '')).toMatchObject({ data: { refundId: 'r-2' } });
    expect(Date.parse(letter?.failedAt ?? '')).toBe(Date.parse(at));
    const held = await stage.gateway.order(shop.shopId, orderId);
    expect(refundStates(held)).toEqual(['r-1 applied', 'r-2 refused']);

    // The first one was a mistake: now the second one fits.
    const undone = { shopId: shop.shopId, orderId, refundId: 'r-1', at };
    await stage.upstream.publish([eventMessage('order-refund-reversed', undone, { key: orderId })]);
    await stage.gateway.waitForIdle();
    const operator = await userWith('operator');
    const headers = { 'idempotency-key': randomUUID() };
    const json = { topic, offsets: [letter?.offset], reason: 'r-1 was a mistake' };
    const first = await operator.call('POST', '/dead-letters/replay', { json, headers });
    expect(first.status).toBe(200);
    const answer = { topic, replayed: 1, left: 0, nextOffset: null };
    expect(deadLetterReplaySchema.parse(first.body)).toEqual(answer);
    const again = await operator.call('POST', '/dead-letters/replay', { json, headers });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    await stage.gateway.waitForIdle();

    const settled = await stage.gateway.order(shop.shopId, orderId);
    expect(refundStates(settled)).toEqual(['r-1 reversed', 'r-2 applied']);
    expect(await lettersOf(orderId)).toEqual([letter]);
    await stage.gateway.call('POST', `/shops/${shop.shopId}/orders/${orderId}/release`, {
      json: { reason: 'the refund is in order' },
    });
    await stage.liveThroughRunsOf(midnight(at, 1));
    expect((await shop.moved()).map(({ amount }) => amount)).toEqual(['20.00']);
  });

  it('R-SEC-4 are shown to who may read everything, and sent again by operators alone', async () => {
    const viewer = await userWith('viewer');
    expect(await viewer.deadLetters('reconciliation-completed')).toEqual([]);
    const json = { topic: 'reconciliation-completed', all: true };
    await viewer.refusal(403, 'POST', '/dead-letters/replay', { json });
    const shop = await stage.newShop();
    const ofOneShop = await userWith('operator', shop.shopId);
    await ofOneShop.refusal(403, 'GET', '/dead-letters');
    await ofOneShop.refusal(403, 'POST', '/dead-letters/replay', { json });
    await stage.gateway.refusal(401, 'GET', '/dead-letters', { token: null });
    await stage.gateway.refusal(400, 'GET', '/dead-letters?topic=orders');
    await stage.gateway.refusal(400, 'GET', '/dead-letters?colour=red');
    await stage.gateway.refusal(400, 'GET', '/dead-letters?cursor=zzz');
    const both = { topic, all: true, offsets: ['0'] };
    for (const bad of [{}, { topic }, both, { topic, offsets: ['99999999'] }]) {
      await stage.gateway.refusal(422, 'POST', '/dead-letters/replay', { json: bad });
    }
  });
});
