import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Codec } from '@qingfen/local';
import { orderMessage } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

describe('whatever codec a producer packs with', () => {
  let stage: Stage;
  let shop: TestShop;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
  });
  afterAll(() => stage.close());

  it.each<Codec>(['snappy', 'lz4', 'zstd', 'gzip'])(
    'R-ARC-1 reads what %s packed',
    async (codec) => {
      const at = await stage.gateway.now();
      const console = await stage.kafkaConsole();
      // Enough of them that the producer really packs.
      const orders = Array.from({ length: 20 }, () => shop.orderData({ at, amount: '2.00' }));
      const messages = orders.map((data) => orderMessage(data));
      await console.produce(
        'order-completed',
        messages.map(({ key, value }) => ({ key, value: String(value) })),
        codec,
      );
      await stage.gateway.waitForIdle();
      for (const { orderId } of orders) {
        const { entries } = await stage.gateway.order(shop.shopId, orderId);
        expect(entries.map(({ amount }) => amount)).toEqual(['1.00']);
      }
    },
  );
});
