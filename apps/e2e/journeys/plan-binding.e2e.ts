import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fenOf, orderMessage, type ReferencePlan, sumFen, yuanOf } from '@qingfen/testing';

import { journeySystem, Stage, type TestShop } from '../src/index.js';

const shopCount = 10;
const versionsPerShop = 100;
const readersAtOnce = 8;

interface Bound {
  readonly shop: TestShop;
  readonly orderId: string;
  readonly version: number;
  /** What level 1 gets of 100.00 under that version, in yuan. */
  readonly owed: string;
  /** Its share, as the order explains it. */
  readonly share: string;
}

/** A plan whose rate no other version of the shop has. */
function planOf(number: number): {
  readonly plan: ReferencePlan;
  readonly owed: string;
  readonly share: string;
} {
  const rate = `0.${String(1_000 + number).padStart(4, '0')}`;
  const plan = { returnWindowDays: 7, commission: { levels: [{ rate }] } };
  const owed = yuanOf((fenOf('100.00') * BigInt(1_000 + number)) / 10_000n);
  return { plan, owed, share: rate.replace(/0+$/, '') };
}

describe('an order paid right after a version was answered', () => {
  let stage: Stage;
  let shops: TestShop[];
  const bound: Bound[] = [];

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    const made = Array.from({ length: shopCount }, () => stage.newShop({ withoutAlipay: true }));
    shops = await Promise.all(made);
  });
  afterAll(() => stage.close());

  async function publishAndSell(shop: TestShop): Promise<void> {
    for (let number = 1; number <= versionsPerShop; number += 1) {
      const { plan, owed, share } = planOf(number);
      const { version, effectiveFrom } = await stage.gateway.publishPlan(shop.shopId, { plan });
      const order = shop.orderData({ at: effectiveFrom, amount: '100.00' });
      await stage.upstream.publish([orderMessage(order)]);
      bound.push({ shop, orderId: order.orderId, version, owed, share });
    }
  }

  /** Orders that are not settled under their own version, as text. */
  async function strays(orders: readonly Bound[]): Promise<string[]> {
    const waiting = [...orders];
    const found: string[] = [];
    const read = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { shop, orderId, version, owed, share } = next;
        const order = await stage.gateway.order(shop.shopId, orderId);
        const sums = order.entries.filter(({ kind }) => kind === 'commission');
        const told = sums.map(({ amount, how }) => `${amount} at ${how?.share}`);
        const said = `${order.planVersion} ${told.join('+')}`;
        const wanted = `${version} ${owed} at ${share}`;
        if (said !== wanted) found.push(`${orderId}: ${said}, not ${wanted}`);
      }
    };
    await Promise.all(Array.from({ length: readersAtOnce }, read));
    return found;
  }

  it('R-RUL-5 is settled under that version, a thousand times in a row', async () => {
    await Promise.all(shops.map(publishAndSell));
    expect(bound).toHaveLength(shopCount * versionsPerShop);
    await stage.gateway.waitForIdle();
    expect(await strays(bound)).toEqual([]);
  });

  it('R-RUL-5 lessons 30, 31: stays there, and is explained by it, when later versions have come', async () => {
    for (const { shopId } of shops) {
      await stage.gateway.publishPlan(shopId, { plan: planOf(versionsPerShop + 1).plan });
    }
    await stage.gateway.waitForIdle();
    // No two versions owe the same, so an order that had moved would show in its shop's sum.
    for (const { shopId } of shops) {
      const own = bound.filter(({ shop }) => shop.shopId === shopId);
      const [balance] = await stage.gateway.balances(shopId, '?payeeId=d-1');
      expect(fenOf(balance?.accrued ?? '0')).toBe(sumFen(own.map(({ owed }) => owed)));
    }
    expect(await strays(bound.filter((_, index) => index % 10 === 0))).toEqual([]);
  });
});
