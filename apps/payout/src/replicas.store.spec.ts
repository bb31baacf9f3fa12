import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PayoutHouse, userCalled } from './payout-house.fixture.js';
import type { PayoutKey } from './payout.store.js';
import { until } from './sandbox.fixture.js';
import { enterSendGate, SendGateLost } from './send-gate.js';

const deadlineMs = 30_000;
const transfer = 'alipay.fund.trans.uni.transfer';
/** Calls of each replica at once: few, so that a stop finds most payouts unsent. */
const concurrency = 4;

let house: PayoutHouse;
let shops = 0;

beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker(concurrency);
  await house.startWorker(concurrency);
}, 60_000);

afterAll(() => house.close());

/** A shop whose transfers take their time. */
async function slowShop(
  balance: string,
  delayMs: number,
): Promise<{ shopId: string; appId: string; key: (name: string) => PayoutKey }> {
  shops += 1;
  const shopId = `shop-${shops}`;
  const appId = await house.shop(shopId, balance);
  await house.payee(shopId, 'd-1');
  await house.sandbox.addFault({ api: transfer, fault: 'slow', delayMs, match: { appId } });
  return { shopId, appId, key: (name) => ({ shopId, payoutId: `po_${name}` }) };
}

function setStop(shopId: string, stopped: boolean): Promise<unknown> {
  return house.stops.setOne(shopId, { stopped, reason: 'spec' }, userCalled('operator'));
}

/** How many payouts of a shop were ever sent, and how many are on their way now. */
async function sentOf(shopId: string): Promise<{ sent: number; sending: number }> {
  const [row] = await house.sql<{ sent: number; sending: number }>(
    `SELECT count(*) FILTER (WHERE attempts > 0)::int AS sent,
            count(*) FILTER (WHERE state = 'sending')::int AS sending
       FROM payout WHERE shop_id = $1`,
    [shopId],
  );
  if (row === undefined) throw new Error('a count has a row');
  return row;
}

describe('two replicas and the emergency stop', () => {
  it('R-OPS-2 R-ARC-1 is answered when neither can send any more', async () => {
    const { shopId, appId, key } = await slowShop('100000.00', 100);
    await house.sandbox.addFault({
      ...{ api: transfer, fault: 'slow', delayMs: 100 },
      ...{ match: { appId }, times: null },
    });
    const names = Array.from({ length: 60 }, (_, index) => String(index));
    await house.request(...names.map((name) => house.instruction(key(name))));
    const bothSend = async (): Promise<number> => {
      const rows = await house.sql(
        `SELECT DISTINCT owner FROM payout WHERE shop_id = $1 AND state = 'sending'`,
        [shopId],
      );
      return rows.length;
    };
    await until('both replicas send', bothSend, { deadlineMs, holds: (owners) => owners === 2 });
    await setStop(shopId, true);
    const { sent } = await sentOf(shopId);
    expect(sent).toBeLessThan(names.length);
    await until('what was on its way has ended', () => sentOf(shopId), {
      deadlineMs,
      holds: ({ sending }) => sending === 0,
    });
    expect((await sentOf(shopId)).sent).toBe(sent);
    expect(await house.sandbox.transfers(appId)).toHaveLength(sent);
    await setStop(shopId, false);
    for (const name of names) await house.reaches(key(name), 'succeeded');
    const paid = await house.sandbox.transfers(appId);
    expect(new Set(paid.map(({ outBizNo }) => outBizNo)).size).toBe(names.length);
    expect(paid.every(({ attempts }) => attempts === 1)).toBe(true);
  }, 60_000);

  it('R-OPS-2 R-ARC-1 waits for a replica that is between the stop it read and its calls', async () => {
    const { shopId } = await slowShop('0.00', 0);
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    let isInside = (): void => undefined;
    const inside = new Promise<void>((resolve) => (isInside = resolve));
    const other = house.database.transaction(async (tx) => {
      await enterSendGate(tx);
      isInside();
      await left;
    });
    await inside;
    const answers: string[] = [];
    const stopping = setStop(shopId, true).then(() => answers.push('stopped'));
    const waitingForGate = (): Promise<unknown[]> =>
      house.sql(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                   AND mode = 'ExclusiveLock'`);
    await until('the stop waits', waitingForGate, {
      deadlineMs,
      holds: (rows) => rows.length === 1,
    });
    expect(answers).toEqual([]);
    leave();
    await other;
    await stopping;
    expect(answers).toEqual(['stopped']);
    await setStop(shopId, false);
  });

  it('R-OPS-2 lets nobody send who was paused inside: the database may have let the stop through', async () => {
    let nowMs = 0;
    await house.database.transaction(async (tx) => {
      const pass = await enterSendGate(tx, () => nowMs);
      nowMs = 19_000;
      expect(() => pass.check()).not.toThrow();
      nowMs = 21_000;
      expect(() => pass.check()).toThrow(SendGateLost);
    });
  });
});

describe('two replicas and a balance', () => {
  it('R-TST-3 resume no more than it covers beside what is on its way', async () => {
    const { shopId, appId, key } = await slowShop('1.00', 600);
    const amounts = { a: '60.00', b: '50.00', c: '30.00' };
    for (const [name, amount] of Object.entries(amounts)) {
      await house.request(house.instruction(key(name), { amount }));
      await house.reaches(key(name), 'waiting:funds');
    }
    await house.sandbox.addFault({
      ...{ api: transfer, fault: 'slow', delayMs: 600 },
      ...{ match: { appId }, times: null },
    });
    await house.sandbox.move(appId, { amount: '99.00', type: 'top-up' });
    house.move(house.clock.now()); // asked for now, as an admin does
    await house.reaches(key('a'), 'sending');
    house.move(house.clock.now());
    await house.reaches(key('a'), 'succeeded');
    await until('nothing is on its way', () => sentOf(shopId), {
      deadlineMs,
      holds: ({ sending }) => sending === 0,
    });
    const paid = await house.sandbox.transfers(appId);
    expect(paid.map(({ amount }) => amount)).toEqual(['60.00']);
    expect([await house.stateOf(key('b')), await house.stateOf(key('c'))]).toEqual([
      'waiting:funds',
      'waiting:funds',
    ]);
  }, 60_000);
});
