import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alertSchema, emergencyStopSchema, pageOf, type EmergencyStop } from '@qingfen/contracts';
import { fenOf, later, midnight, span, until } from '@qingfen/testing';

import { FaultSystem, nextDayPlan, type TestShop } from '../src/index.js';

const payeeIds = Array.from({ length: 12 }, (_, index) => `d-${index}`);
const deadlineMs = 60_000;
const alertsSchema = pageOf(alertSchema);

describe('a database restored to an hour earlier', () => {
  let system: FaultSystem;
  let shop: TestShop;

  beforeAll(async () => {
    system = await FaultSystem.start('one');
  });
  afterAll(() => system.stop());

  async function publishOrders(): Promise<void> {
    const at = await system.stage.gateway.now();
    await shop.publishOrders(
      payeeIds.map((payeeId, index) =>
        shop.orderData({ at, amount: `${10 + index}.40`, distributors: [payeeId] }),
      ),
    );
    await system.stage.gateway.waitForIdle();
  }

  async function stopOfAll(): Promise<EmergencyStop> {
    const { body } = await system.stage.gateway.call('GET', '/emergency-stop');
    return emergencyStopSchema.parse(body);
  }

  /** What is told of a restore and is not over. */
  async function restoreAlerts(): Promise<string[]> {
    const { body } = await system.stage.gateway.call('GET', '/alerts?state=raised');
    const { items } = alertsSchema.parse(body);
    return items
      .filter((alert) => alert.class === 'database-restored')
      .map(({ message }) => message);
  }

  const moved = async (): Promise<string[]> =>
    (await shop.moved()).map(({ outBizNo, identity, amount, orderId }) =>
      [outBizNo, identity, amount, orderId].join(' '),
    );

  it('R-FAI-1 O4 starts stopped, says what must be matched, and pays nobody twice', async () => {
    const { gateway } = system.stage;
    shop = await system.stage.newShop();
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(payeeIds);
    await publishOrders();
    const tomorrow = midnight(await gateway.now(), 1);
    await gateway.moveClock(system.stage.afterRunsOf(tomorrow)); // a first day, in the backup too
    const paidBefore = await moved();
    expect(paidBefore).toHaveLength(payeeIds.length);
    await publishOrders();
    const runAt = later(midnight(tomorrow, 1), span.hours(2));
    await gateway.moveClock(later(runAt, -span.minutes(30)));

    const backup = await system.backUpDatabase();
    await gateway.moveClock(later(runAt, span.minutes(30))); // the run pays within this hour
    const paidByThen = await moved();
    expect(paidByThen).toHaveLength(2 * payeeIds.length);
    await system.restoreDatabase(backup);

    expect(await stopOfAll()).toMatchObject({
      stopped: true,
      reason: expect.stringContaining('was restored from a backup'),
    });
    const told = await until('the alert of the restore', () => restoreAlerts(), {
      deadlineMs,
      holds: (seen) => seen.length > 0,
    });
    expect(told).toEqual([
      expect.stringContaining(`is of ${tomorrow.slice(0, 10)}T02:`), // the first day's run
    ]);

    await gateway.moveClock(later(runAt, span.minutes(30)));
    const waiting = await gateway.payouts(shop.shopId, '?state=waiting');
    expect(waiting.map(({ reason }) => reason)).toEqual(payeeIds.map(() => 'stop'));
    expect(await moved()).toEqual(paidByThen); // nothing while it is stopped
    // What must be matched: each has the number under which Alipay has paid it already.
    const known = new Set((await shop.moved()).map(({ outBizNo }) => outBizNo));
    expect(waiting.filter(({ outBizNo }) => !known.has(outBizNo))).toEqual([]);

    await gateway.stopPayouts(null, false);
    await until('every payout to have succeeded', () => gateway.payouts(shop.shopId), {
      deadlineMs,
      holds: (all) => all.every(({ state }) => state === 'succeeded'),
    });
    await gateway.waitForIdle();
    expect(await moved()).toEqual(paidByThen);
    const payouts = await gateway.payouts(shop.shopId);
    const byNumber = new Map((await shop.moved()).map((one) => [one.outBizNo, one]));
    for (const { outBizNo, amount, alipayOrderId } of payouts) {
      const booked = byNumber.get(outBizNo);
      expect([outBizNo, booked?.orderId, booked?.amount]).toEqual([
        outBizNo,
        alipayOrderId,
        amount,
      ]);
    }
    await until('the alert of the restore to be over', () => restoreAlerts(), {
      deadlineMs,
      holds: (seen) => seen.length === 0,
    });
    const { balanced } = await gateway.trialBalance(shop.shopId);
    expect(balanced).toBe(true);
    const paid = (await gateway.balances(shop.shopId)).reduce(
      (sum, { paid: each }) => sum + fenOf(each),
      0n,
    );
    const really = (await shop.moved()).reduce((sum, { amount }) => sum + fenOf(amount), 0n);
    expect(paid).toBe(really);
  });
});
