import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { localServices } from '@qingfen/local';
import { until } from '@qingfen/testing';

import { type AbsentPart, faultsWanted, FaultSystem, observe, SmallDay } from '../src/index.js';

/** Two of each service. */
const replicaCount = 2 * localServices.length;
const seed = 815;
const isAll = faultsWanted() === 'all';
const orderCount = isAll ? 200 : 60;
/** Above session time-out, lease and silence together, so that a slow machine gives no failure. */
const aloneMsMax = 90_000;

/** Where the services run, and which of them dies while orders arrive and while payouts are made. */
interface Scene {
  readonly processes: 'one' | 'each';
  readonly orders: string;
  readonly run: string;
}

const slice: readonly Scene[] = [{ processes: 'one', orders: 'services-1', run: 'services-2' }];
const scenes: readonly Scene[] = isAll
  ? [...slice, { processes: 'each', orders: 'settlement-calculator-1', run: 'payout-2' }]
  : slice;

describe.each(scenes)('two replicas of each service, $processes', ({ processes, orders, run }) => {
  let system: FaultSystem;

  beforeAll(async () => {
    system = await FaultSystem.start(processes, { replicas: 2 });
  });
  afterAll(() => system.stop());

  it('R-ARC-1 are all told of, by READY and by the status', async () => {
    const { ready } = system.stage;
    const status = await system.stage.gateway.waitForIdle();
    const places = status.services.map(({ name, url, pid }) => ({ name, url, pid }));
    const byUrl = (a: { url: string }, b: { url: string }): number => (a.url < b.url ? -1 : 1);
    expect(places.sort(byUrl)).toEqual([...ready.services].sort(byUrl));
    expect(places).toHaveLength(replicaCount);
    expect(status.services.map(({ restarts }) => restarts)).toEqual(places.map(() => 0));
    expect(new Set(places.map(({ pid }) => pid)).size).toBe(processes === 'one' ? 2 : replicaCount);
  });

  it(`R-FAI-1 R-ARC-1 one goes on alone when ${orders}, then ${run} is killed (seed ${seed})`, async () => {
    const day = await SmallDay.prepare(system.stage, { orderCount, seed });
    const absences: AbsentPart[] = [];
    let killedAtMs = 0;
    const killed = async (part: string): Promise<void> => {
      killedAtMs = performance.now();
      absences.push(await system.killForGood(part));
    };
    const back = (moment: string, done: number): void => {
      const ms = performance.now() - killedAtMs;
      const absent = absences.at(-1);
      expect([moment, absent?.isAway()]).toEqual([moment, true]);
      absent?.letComeBack();
      observe({ what: 'alone', part: absent?.part ?? '', moment, done, ms });
    };
    await day.publish(
      () => killed(orders),
      async () => {
        const booked = await until('every order in the books', () => day.bookedCount(), {
          deadlineMs: aloneMsMax,
          holds: (count) => count === day.orderCount,
        });
        back('orders', booked);
      },
    );
    await day.runs(async () => {
      await killed(run);
      const { ended } = await until('every payout to end', () => day.payoutProgress(), {
        deadlineMs: aloneMsMax,
        holds: (seen) => seen.runsOpen === 0 && seen.asked > 0 && seen.ended === seen.asked,
      });
      back('run', ended);
    });
    const { expected, moved, twice, unbalanced, orderCount: count } = await day.outcome();
    expect(moved).toEqual(expected);
    expect(twice).toEqual([]);
    expect(unbalanced).toEqual([]);
    expect(count).toBe(day.orderCount);
    const { services } = await system.stage.gateway.status();
    expect(services.filter(({ restarts }) => restarts === 1)).toHaveLength(
      processes === 'one' ? replicaCount : 2,
    );
    const payees = Object.keys(moved).length;
    const paidMinor = String(Object.values(moved).reduce((sum, each) => sum + each, 0n));
    for (const [index, { part, before, after }] of absences.entries()) {
      const pids = { pidBefore: before, pidAfter: after };
      const moment = index === 0 ? 'orders' : 'run';
      observe({ what: 'kill', part, moment, ...pids, orders: count, payees, paidMinor });
    }
  });
});
