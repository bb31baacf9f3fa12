import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled } from './payout-house.fixture.js';
import { until } from './sandbox.fixture.js';

const transfer = 'alipay.fund.trans.uni.transfer';
const inFlight = 500;
const behind = 100;
/** So slow that the stop comes while all of them are on their way, and not so that any is given up. */
const alipayMs = 15_000;

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open({ timeoutMs: 30_000 });
  // Two senders, as two replicas have them.
  await house.startWorker(inFlight / 2);
  await house.startWorker(inFlight / 2);
}, 60_000);

afterAll(() => house.close());

it('R-OPS-2 R-ALI-1 a stop while 500 payouts are in flight lets none start any more, and the rest is paid once', async () => {
  const { shopId, appId, key } = await house.scene();
  const names = Array.from({ length: inFlight + behind }, (_, index) => `${index}`);
  const slow = { api: transfer, fault: 'slow', delayMs: alipayMs, match: { appId }, times: null };
  await house.sandbox.addFault(slow);
  await house.request(
    ...names.map((name) =>
      house.instruction(key(name), { amount: `1.${name.padStart(3, '0').slice(-2)}` }),
    ),
  );
  const sent = (): Promise<{ outBizNo: string; state: string }[]> =>
    house.sql(
      `SELECT out_biz_no AS "outBizNo", state FROM payout WHERE shop_id = $1 AND attempts > 0`,
      [shopId],
    );
  await until('500 are on their way', sent, {
    deadlineMs: 90_000,
    holds: (rows) => rows.length >= inFlight,
  });
  const stop = (stopped: boolean): Promise<unknown> =>
    house.stops.setOne(shopId, { stopped, reason: 'spec' }, userCalled('operator'));
  await stop(true);
  const started = (await sent()).map(({ outBizNo }) => outBizNo);
  expect(started.length).toBeGreaterThanOrEqual(inFlight);
  const done = (await house.sandbox.transfers(appId)).length;
  expect(started.length - done).toBeGreaterThan(inFlight / 2); // really on their way

  // A machine so busy that a sender is taken for lost has some of them asked about: those stay unknown.
  const seen = await until('the rest waits, and nothing is on its way', () => openOf(shopId), {
    deadlineMs: 90_000,
    holds: (open) => open.every((state) => state === 'waiting:stop' || state === 'unknown'),
  });
  expect(seen.filter((state) => state === 'waiting:stop')).toHaveLength(
    names.length - started.length,
  );
  const begun = new Set(started);
  const whileStopped = await house.sandbox.transfers(appId);
  expect(whileStopped.filter(({ outBizNo }) => !begun.has(outBizNo))).toEqual([]);
  expect(whileStopped.length).toBeGreaterThan(0);

  await stop(false);
  await until('the rest is paid', () => openOf(shopId), {
    deadlineMs: 90_000,
    holds: (open) => open.every((state) => state === 'unknown'),
  });
  house.move(house.later(11)); // for those that are unknown
  await until('all is paid', () => openOf(shopId), {
    deadlineMs: 90_000,
    holds: (open) => open.length === 0,
  });
  const moved = await house.sandbox.transfers(appId);
  const numbers = names.map((name) => outBizNoOf(key(name)));
  expect(moved.map(({ outBizNo }) => outBizNo).sort()).toEqual([...numbers].sort());
  const fen = moved.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0);
  const [owed] = await house.sql<{ sum: bigint }>(
    `SELECT sum(amount_minor)::bigint AS sum FROM payout WHERE shop_id = $1 AND state = 'succeeded'`,
    [shopId],
  );
  expect(BigInt(fen)).toBe(owed?.sum);
}, 400_000);

async function openOf(shopId: string): Promise<string[]> {
  const rows = await house.sql<{ state: string; reason: string | null }>(
    `SELECT state, reason FROM payout
      WHERE shop_id = $1 AND state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')`,
    [shopId],
  );
  return rows.map(({ state, reason }) =>
    state === 'waiting' ? `${state}:${reason ?? ''}` : state,
  );
}
