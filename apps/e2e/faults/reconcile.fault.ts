import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  differenceSchema,
  pageOf,
  reconciliationSchema,
  type Difference,
  type Reconciliation,
} from '@qingfen/contracts';
import type { Failpoint } from '@qingfen/failpoint';
import { later, midnight, span } from '@qingfen/testing';

import { FaultSystem, nextDayPlan, type Stage, type TestShop } from '../src/index.js';

const points: readonly Failpoint[] = [
  ...(['bill-kept', 'differences-noted', 'day-booked', 'day-finished'] as const),
];

/** Dies at each step of a day's comparison; what is unexplained is found once, and booked once. */
describe('kill -9 of reconciliation', () => {
  let system: FaultSystem;
  let stage: Stage;
  let shop: TestShop;

  beforeAll(async () => {
    system = await FaultSystem.start();
    stage = system.stage;
    shop = await stage.newShop({ balance: '5000.00' });
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1']);
    await nextBill(); // the account has a bill from here on
  });
  afterAll(() => system.stop());

  /** Moves to when the bill of today is there. @returns the day */
  async function nextBill(): Promise<string> {
    const today = midnight(await stage.gateway.now(), 0);
    await stage.gateway.moveClock(later(midnight(today, 1), span.hours(9)));
    return today.slice(0, 10);
  }

  async function reportOf(day: string): Promise<Reconciliation> {
    const path = `/shops/${shop.shopId}/reconciliations/${day}`;
    return reconciliationSchema.parse((await stage.gateway.call('GET', path)).body);
  }

  async function differencesOf(day: string): Promise<readonly Difference[]> {
    const { body } = await stage.gateway.call('GET', `/shops/${shop.shopId}/differences`);
    return pageOf(differenceSchema)
      .parse(body)
      .items.filter((one) => one.day === day);
  }

  async function accountIn(account: string): Promise<string | undefined> {
    const { currencies } = await stage.gateway.trialBalance(shop.shopId);
    const accounts = currencies.flatMap((one) => one.accounts);
    return accounts.find((one) => one.account === account)?.balance;
  }

  it.each(points.map((point, index) => [point, index + 1] as const))(
    'F1 K19 O7 O8 finds a transfer by hand once, and books it once: %s',
    async (point, handsUpToNow) => {
      const at = await stage.gateway.now();
      await shop.publishOrders([shop.orderData({ at, amount: '20.00', distributors: ['d-1'] })]);
      await stage.gateway.waitForIdle();
      await shop.payByHand('7.00');
      system.failpoints.arm(point);
      const day = await nextBill();
      await stage.gateway.waitForIdle();
      expect(system.failpoints.hits(point)).toHaveLength(1);
      system.failpoints.disarm(point);
      const report = await reportOf(day);
      expect(report.state).toBe('done');
      expect(report.balance.difference).toBe('0.00');
      const found = await differencesOf(day);
      expect(found.map((one) => [one.class, one.amount, one.state])).toEqual([
        ['unknown-transfer-out', '7.00', 'open'],
      ]);
      expect(await accountIn('suspense')).toBe(`${7 * handsUpToNow}.00`);
      expect(await accountIn('alipay-cash')).toBe(await stage.sandbox.balance(shop.appId));
    },
  );
});
