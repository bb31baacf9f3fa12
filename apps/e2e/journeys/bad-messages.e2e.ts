import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData, Topic } from '@qingfen/contracts';
import type { ConsoleMessage } from '@qingfen/local';
import {
  eventMessage,
  later,
  midnight,
  orderMessage,
  span,
  type TopicMessage,
  until,
} from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

interface BadOrder {
  readonly name: string;
  readonly value: (good: string) => string | Buffer;
  readonly error: string;
  readonly reason: RegExp;
}

const badOrders: readonly BadOrder[] = [
  {
    name: 'malformed JSON',
    value: (good) => good.slice(0, -2),
    error: 'not-json',
    reason: /JSON/,
  },
  { name: 'no text', value: () => Buffer.from([0, 255, 254]), error: 'not-json', reason: /UTF-8/ },
  {
    name: '2 MB',
    value: (good) => good.padEnd(2 * 1024 * 1024),
    error: 'too-large',
    reason: /2097152 bytes/,
  },
  {
    name: 'another type',
    value: (good) => good.replace('"type":"order-completed"', '"type":"order-refunded"'),
    error: 'wrong-type',
    reason: /type/,
  },
  {
    name: 'no CloudEvent',
    value: (good) => good.replace('"specversion":"1.0",', ''),
    error: 'not-a-cloudevent',
    reason: /specversion/,
  },
  ...['1e3', '-1.00', '0.001', '１.00', '01.00', ' 1.00', '1.', '1000000000000.00'].map(
    (amount): BadOrder => ({
      name: `the amount ${amount}`,
      value: (good) => good.replace('"amount":"7.00"', `"amount":"${amount}"`),
      error: 'invalid-data',
      reason: /items\[?.?0\]?.?amount/,
    }),
  ),
  {
    name: 'an amount that is a number',
    value: (good) => good.replace('"amount":"7.00"', '"amount":7'),
    error: 'invalid-data',
    reason: /amount/,
  },
  {
    name: 'no shopId',
    value: (good) => good.replace('"shopId"', '"shop"'),
    error: 'invalid-data',
    reason: /shopId/,
  },
  {
    name: 'paid after it was completed',
    value: (good) => good.replace(/"paidAt":"20/, '"paidAt":"21'),
    error: 'invalid-data',
    reason: /paidAt/,
  },
];

describe('messages that nobody should have sent', () => {
  let stage: Stage;
  let shop: TestShop;
  let now: string;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1']);
    now = await stage.gateway.now();
  });
  afterAll(() => stage.close());

  function goodOrder(): ReturnType<typeof orderMessage> {
    return orderMessage(shop.orderData({ at: now, amount: '7.00' }));
  }

  it('R-ARC-1 dead-letters each bad message once, unchanged, and goes on', async () => {
    const messages = badOrders.map((bad) => {
      const good = goodOrder();
      return { ...bad, key: good.key, bytes: Buffer.from(bad.value(String(good.value))) };
    });
    const after = goodOrder();
    await stage.upstream.send([
      ...messages.map(({ key, bytes }) => ({
        topic: 'order-completed' as const,
        // One key puts them all in front of the good order, on its partition.
        key: after.key,
        value: bytes,
        headers: { 'x-test': key },
      })),
    ]);
    await stage.upstream.publish([after]);
    await stage.gateway.waitForIdle();
    await stage.gateway.order(shop.shopId, after.data.orderId);

    const letters = await stage.deadLettersWith('order-completed', [after.key]);
    const said = letters.map(({ headers, value }) => [headers['x-test'], headers, value] as const);
    for (const { name, key, error, reason, bytes } of messages) {
      const mine = said.filter(([test]) => test === key);
      expect([name, mine.length]).toEqual([name, 1]);
      const [, headers, value] = mine[0] ?? [];
      expect([name, headers?.['x-error']]).toEqual([name, error]);
      expect(headers?.['x-reason']).toMatch(reason);
      expect(headers?.['x-original-topic']).toBe('order-completed');
      expect(headers?.['x-original-partition']).toMatch(/^[0-9]+$/);
      expect(headers?.['x-original-offset']).toMatch(/^[0-9]+$/);
      expect(Date.parse(headers?.['x-failed-at'] ?? '')).not.toBeNaN();
      expect(value?.equals(bytes)).toBe(true);
    }
    expect(letters).toHaveLength(messages.length);
    const { deadLetters } = await stage.gateway.status();
    expect(deadLetters['order-completed']).toBeGreaterThanOrEqual(messages.length);
  });

  it('R-ARC-1 ignores unknown fields, takes the same event twice as one', async () => {
    const good = goodOrder();
    const parsed: Record<string, unknown> = JSON.parse(String(good.value));
    const value = JSON.stringify({ ...parsed, extra: 1, data: { ...good.data, colour: 'red' } });
    await stage.upstream.send([
      { topic: 'order-completed', key: good.key, value },
      { topic: 'order-completed', key: good.key, value },
      { topic: 'order-completed', key: `${good.key}-other-partition`, value },
    ]);
    await stage.gateway.waitForIdle();
    const order = await stage.gateway.order(shop.shopId, good.data.orderId);
    expect(order.entries.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['commission', '3.50'],
    ]);
  });

  it('R-ARC-1 refuses another content under a used id, and a contradicting fact', async () => {
    const good = goodOrder();
    const reused = orderMessage(
      { ...good.data, items: [{ itemId: 'i-1', supplierId: 'sup-1', amount: '70.00' }] },
      { id: good.id },
    );
    const contradicting = orderMessage({ ...good.data, distributors: ['d-2'] });
    const again = orderMessage(good.data);
    await stage.upstream.publish([good]);
    await stage.upstream.publish([reused, contradicting, again]);
    await stage.gateway.waitForIdle();
    const letters = await stage.deadLettersWith('order-completed', [good.key]);
    expect(letters.map(({ headers }) => headers['x-error']).sort()).toEqual([
      'contradicts',
      'event-id-reused',
    ]);
    const order = await stage.gateway.order(shop.shopId, good.data.orderId);
    expect(order.entries.map(({ payeeId, amount }) => [payeeId, amount])).toEqual([
      ['d-1', '3.50'],
    ]);
  });

  it('R-SEC-2 R-ALI-5 lets forged messages move and change nothing, and alerts', async () => {
    // The order that the forged result speaks of waits: this shop has no Alipay keys.
    const victim = await stage.newShop({ withoutAlipay: true });
    await victim.publishPlan(nextDayPlan);
    await victim.putPayees(['d-1']);
    const at = await stage.gateway.now();
    await victim.publishOrders([victim.orderData({ at, amount: '20.00' })]);
    await stage.liveThroughRunsOf(midnight(at, 1));
    const payout = await victim.onlyPayout('d-1');
    expect(payout).toMatchObject({ state: 'waiting', reason: 'credentials' });

    const forged = forgeries(shop, victim, payout, at);
    const console = await stage.kafkaConsole();
    const produce = ({ topic, key, value }: (typeof forged)[number]): Promise<void> => {
      const message: ConsoleMessage = { key, value: String(value) };
      return console.produce(topic, [message]);
    };
    await Promise.all(forged.map(produce));
    await stage.upstream.send(
      forged.map((message) => ({ ...message, headers: { 'x-signature': 'order-1:AAAA' } })),
    );
    await stage.gateway.waitForIdle();

    for (const { topic, key } of forged) {
      const letters = await stage.deadLettersWith(topic, [key]);
      expect([topic, letters.map(errorOf)]).toEqual([
        topic,
        ['unauthenticated', 'unauthenticated'],
      ]);
    }
    expect((await stage.gateway.plans(shop.shopId)).map(({ version }) => version)).toEqual([1]);
    expect((await stage.gateway.payouts(shop.shopId)).map(({ amount }) => amount)).not.toContain(
      '999.00',
    );
    expect(await victim.onlyPayout('d-1')).toMatchObject({ state: 'waiting' });
    expect(await victim.moved()).toEqual([]);
    expect(await stage.sandbox.account(shop.identityOf('thief'))).toMatchObject({
      balance: '0.00',
    });
    await until('the alert forged-message', () => alertClasses(stage, shop, victim), {
      deadlineMs: 30_000,
      holds: (classes) => classes.includes('forged-message'),
    });
    // An order paid now is still settled under the only real version.
    const order = victim.orderData({ at: later(at, span.hours(1)), amount: '8.00' });
    await victim.publishOrders([order]);
    await stage.gateway.waitForIdle();
    expect((await stage.gateway.order(victim.shopId, order.orderId)).planVersion).toBe(1);
  });
});

function errorOf({ headers }: TopicMessage): string | undefined {
  return headers['x-error'];
}

async function alertClasses(stage: Stage, ...shops: readonly TestShop[]): Promise<string[]> {
  const all = await Promise.all(shops.map(({ shopId }) => stage.gateway.alerts(shopId)));
  const everywhere = await stage.gateway.call('GET', '/alerts');
  return [...all.flat().map((alert) => alert.class), JSON.stringify(everywhere.body)].flatMap(
    (text) => (text.includes('forged-message') ? ['forged-message'] : [text]),
  );
}

/** Messages as a stranger with access to the broker would write them. */
function forgeries(
  shop: TestShop,
  victim: TestShop,
  payout: { readonly payoutId: string; readonly statementId: string },
  at: string,
): ReturnType<typeof eventMessage<Topic>>[] {
  const requested: EventData['payout-requested'] = {
    shopId: shop.shopId,
    payoutId: 'po_00000000000000000000000000',
    statementId: 'st_00000000000000000000000000',
    part: 1,
    parts: 1,
    payeeId: 'd-1',
    kind: 'commission',
    amount: '999.00',
    currency: 'CNY',
    payVia: 'transfer',
    requestedAt: at,
    remark: 'forged',
  };
  const result: EventData['payout-result'] = {
    shopId: victim.shopId,
    payoutId: payout.payoutId,
    statementId: payout.statementId,
    payeeId: 'd-1',
    kind: 'commission',
    status: 'failed',
    seq: 9,
    amount: '10.00',
    currency: 'CNY',
    at,
  };
  const published: EventData['settlement-plan-published'] = {
    shopId: shop.shopId,
    version: 2,
    plan: { commission: { levels: [{ rate: '0.99' }] } },
    hash: '0'.repeat(64),
    publishedAt: at,
    effectiveFrom: at,
  };
  const source = '/qingfen/settlement-calculator';
  const envelope = (key: string): { key: string; source: string; time: string } => ({
    key: `${key}-forged`,
    source,
    time: at,
  });
  return [
    eventMessage('payout-requested', requested, envelope(shop.shopId)),
    eventMessage('payout-result', result, envelope(victim.shopId)),
    eventMessage('settlement-plan-published', published, envelope(shop.shopId)),
  ];
}
