import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Codec } from '@qingfen/local';
import { orderMessage } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

const codecs: readonly Codec[] = ['snappy', 'lz4', 'zstd', 'gzip'];
/** Enough of them that the producer really packs. */
const orderCount = 20;

describe('whatever codec a producer packs with', () => {
  let stage: Stage;
  let shop: TestShop;
  const orderIds = new Map<Codec, readonly string[]>();

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    const at = await stage.gateway.now();
    const console = await stage.kafkaConsole();
    const produce = async (codec: Codec): Promise<void> => {
      const orders = Array.from({ length: orderCount }, () =>
        shop.orderData({ at, amount: '2.00' }),
      );
      orderIds.set(
        codec,
        orders.map(({ orderId }) => orderId),
      );
      const messages = orders
        .map((data) => orderMessage(data))
        .map(({ key, value }) => ({ key, value: String(value) }));
      await console.produce('order-completed', messages, codec);
    };
    await Promise.all(codecs.map(produce));
    await stage.gateway.waitForIdle();
  });
  afterAll(() => stage.close());

  it.each(codecs)('R-ARC-1 reads what %s packed', async (codec) => {
    const published = orderIds.get(codec) ?? [];
    expect(published).toHaveLength(orderCount);
    for (const orderId of published) {
      const { entries } = await stage.gateway.order(shop.shopId, orderId);
      expect(entries.map(({ amount }) => amount)).toEqual(['1.00']);
    }
  });
});
