import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beijingDay, dayStart, nextDay } from '@qingfen/core-reconciliation';
import fc from 'fast-check';
import { Buyers, liveTrade, livedTrade, tradeWrongs, type Lived } from './lived-trade.fixture.js';
import { OrderClearingController } from './order-clearing.controller.js';
import { ReconciliationHouse, type Sides } from './reconciliation-house.fixture.js';

const untoldDays = 3;

let house: ReconciliationHouse;
let orders: OrderClearingController;

beforeAll(async () => {
  house = await ReconciliationHouse.open({ TRADE_UNTOLD_DAYS: untoldDays, TRADES_AT_ONCE: 3 });
  orders = new OrderClearingController(house.database, house.trades);
});
afterAll(() => house.close());

/** A day that nothing has happened on yet, an hour old; all scenes are lived one after the other. */
async function freshDay(): Promise<string> {
  const day = nextDay(beijingDay(house.clock.now()));
  await house.moveTo(new Date(+dayStart(day) + 3_600_000));
  return day;
}

const noonOf = (day: string): Date => new Date(+dayStart(day) + 12 * 3_600_000);

/** A trade that leaves nothing, and no order. */
function cancelOne(buyers: Buyers, day: string): void {
  const tradeNo = buyers.newTrade();
  buyers.pay(tradeNo, 1n, noonOf(day));
  buyers.giveBack(tradeNo, 1n, noonOf(day));
}

/** A shop whose bills have had a trade: from then on they could show every other. */
async function scene(): Promise<Sides & { readonly buyers: Buyers }> {
  const sides = await house.shop();
  const buyers = new Buyers(house, sides);
  const before = await freshDay();
  cancelOne(buyers, before);
  await house.liveThroughBillOf(before);
  return { ...sides, buyers };
}

async function told(shopId: string, state: 'open' | null = 'open'): Promise<string[]> {
  const rows = await house.differences(shopId, state);
  return rows
    .map(({ class: found, subjectId, amountMinor }) => `${found} ${subjectId} ${amountMinor}`)
    .sort();
}

const expectedOf = (lived: readonly Lived[]): string[] =>
  lived.flatMap(({ expected }) => (expected === null ? [] : [expected])).sort();

const yuanLeft = async (shopId: string, orderId: string): Promise<string> => {
  const { state, clearing } = await orders.read(shopId, orderId);
  return `${state} ${clearing}`;
};

describe('O8 orders and what buyers paid for them, trade by trade', () => {
  it('R-REC-2 R-REC-3 O8 k discrepancies of every class are exactly those k, and clear when they are mended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(livedTrade, { maxLength: 12 }), async (trades) => {
        const { shopId, buyers } = await scene();
        const today = await freshDay();
        const lived: Lived[] = [];
        for (const trade of trades) lived.push(await liveTrade(buyers, today, trade));
        await house.liveThroughBillOf(today);
        expect(await told(shopId)).toEqual(expectedOf(lived));
        const withOrders = lived.filter(({ isOrderless }) => !isOrderless);
        const count = (some: readonly Lived[]): bigint =>
          BigInt(some.reduce((sum, { orderIds }) => sum + orderIds.length, 0));
        expect(await house.dayOf(shopId, today)).toMatchObject({
          clearingOrders: count(withOrders),
          clearingSettled: count(withOrders.filter(({ expected }) => expected === null)),
          clearingWaiting: 0n,
          clearingMinor: withOrders.reduce((sum, { leftMinor }) => sum + leftMinor, 0n),
        });
        for (const one of withOrders) await one.mend();
        await house.liveThroughBillOf(nextDay(today));
        expect(await told(shopId)).toEqual([]);
        for (const { orderIds } of withOrders) {
          expect(await yuanLeft(shopId, orderIds[0] ?? '')).toBe('settled 0.00');
        }
        house.closeShop(shopId);
      }),
      { numRuns: 15 },
    );
  });

  it('R-REC-3 O8 of each class one is found, and none of a day without', async () => {
    const { shopId, buyers } = await scene();
    const plain = { fen: 1_000n, by: 3n, isShared: false, isRefunded: true } as const;
    const fine = await freshDay();
    for (let count = 0; count < 3; count += 1) {
      await liveTrade(buyers, fine, { ...plain, wrong: null });
    }
    await house.liveThroughBillOf(fine);
    expect(await told(shopId, null)).toEqual([]);
    const spoilt = await freshDay();
    const lived: Lived[] = [];
    for (const wrong of tradeWrongs)
      lived.push(await liveTrade(buyers, spoilt, { ...plain, wrong }));
    await house.liveThroughBillOf(spoilt);
    expect(await told(shopId)).toEqual(expectedOf(lived));
    expect(new Set((await house.differences(shopId)).map((one) => one.class))).toEqual(
      new Set(['missing-at-alipay', 'amount-differs', 'next-day']),
    );
    house.closeShop(shopId);
  });

  it('R-REC-3 a payment of which no order is told says nothing until it is old, and clears with the order', async () => {
    const { shopId, buyers } = await scene();
    const today = await freshDay();
    const terms = { fen: 700n, by: 1n, isShared: false, isRefunded: false } as const;
    const lost = await liveTrade(buyers, today, { ...terms, wrong: 'no-order' });
    await liveTrade(buyers, today, { ...terms, wrong: 'cancelled' });
    let day = today;
    for (let age = 0; age < untoldDays; age += 1, day = nextDay(day)) {
      await house.liveThroughBillOf(day);
      expect(await told(shopId, null)).toEqual([]);
    }
    // Nothing else happens on that day: it is looked at for the payment's sake.
    await house.liveThroughBillOf(day);
    expect(await told(shopId)).toEqual([`missing-here ${lost.tradeNo} 700`]);
    await house.liveThroughBillOf(nextDay(day));
    expect(await told(shopId)).toEqual([`missing-here ${lost.tradeNo} 700`]);
    await lost.mend();
    await house.liveThroughBillOf(nextDay(nextDay(day)));
    expect(await told(shopId)).toEqual([]);
    const alerts = (await house.saidOn('alert-raised'))
      .filter((alert) => alert['shopId'] === shopId)
      .map((alert) => [alert['class'], alert['state'], alert['severity']]);
    const raised = ['reconciliation-difference', 'raised', 'warning'];
    expect(alerts).toEqual([raised, ['reconciliation-difference', 'resolved', 'warning']]);
    house.closeShop(shopId);
  });

  it('R-REC-3 what no bill can show is waited for: before the first trade, and while a bill is late', async () => {
    const sides = await house.shop();
    const { shopId, alipay } = sides;
    const buyers = new Buyers(house, sides);
    const first = await freshDay();
    const paid = { tradeNo: buyers.newTrade(), fen: 500n } as const;
    const untraded = { orderId: 'o-untraded', tradeNo: null, fen: 90n, paidAt: noonOf(first) };
    await buyers.tellOrder({ orderId: 'o-before', ...paid, paidAt: noonOf(first) });
    await buyers.tellOrder(untraded);
    expect(await yuanLeft(shopId, 'o-before')).toBe('waiting 0.00');
    await house.liveThroughBillOf(first);
    // Buyers pay into another account, as far as bills of this one tell.
    expect(await told(shopId, null)).toEqual([]);
    expect(await house.dayOf(shopId, first)).toMatchObject({
      clearingOrders: 1n,
      clearingWaiting: 1n,
    });
    expect(await yuanLeft(shopId, 'o-before')).toBe('waiting 5.00');
    expect(await yuanLeft(shopId, 'o-untraded')).toBe('outside 0.00');

    const second = await freshDay();
    cancelOne(buyers, second);
    await house.liveThroughBillOf(second);
    const third = await freshDay();
    const late = [buyers.newTrade(), buyers.newTrade()] as const;
    for (const [index, tradeNo] of late.entries()) {
      const orderId = `o-late-${index}`;
      await buyers.tellOrder({ orderId, tradeNo, fen: 300n, paidAt: noonOf(third) });
    }
    buyers.pay(late[0], 300n, noonOf(third));
    alipay.instead.set(third, { status: 409, code: 'bill-not-ready' });
    await house.liveThroughBillOf(third);
    await house.liveThroughBillOf(nextDay(third));
    expect(await told(shopId, null)).toEqual([]);
    expect(await yuanLeft(shopId, 'o-late-0')).toBe('waiting 3.00');
    alipay.instead.delete(third);
    await house.again(shopId, third);
    expect(await told(shopId, null)).toEqual([`missing-at-alipay ${late[1]} 300`]);
    expect(await yuanLeft(shopId, 'o-late-0')).toBe('settled 0.00');
    expect(await yuanLeft(shopId, 'o-late-1')).toBe('open 3.00');
    house.closeShop(shopId);
  });

  it('R-REC-2 an order that is not known has no clearing', async () => {
    const { shopId } = await house.shop();
    await expect(orders.read(shopId, 'o-unknown')).rejects.toThrow(/No topic has told/);
  });
});
