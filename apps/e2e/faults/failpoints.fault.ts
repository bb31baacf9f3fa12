import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failpointNames, type Failpoint } from '@qingfen/failpoint';

import {
  faultDaysAgain,
  faultSeeds,
  faultsWanted,
  FaultSystem,
  type Moment,
  observe,
  SmallDay,
} from '../src/index.js';

/** Passed by runs and payouts alone, or only by them often; every other place while orders arrive, too. */
const ofRuns: readonly Failpoint[] = [
  'rows-claimed',
  'batch-produced',
  'rows-deleted',
  'chunk-stated',
  'chunk-committed',
  'intents-recorded',
  'intents-committed',
  'request-sent',
  'answer-read',
  'outcome-committed',
  'callback-proven',
  'callback-stored',
];
/** Passed at another pace than orders and payouts: seal, reconcile and order-export.fault.ts die there. */
const ofOthers: readonly Failpoint[] = [
  ...(['block-sealed', 'head-committed'] as const),
  ...(['bill-kept', 'differences-noted', 'day-booked', 'day-finished'] as const),
  ...(['export-rows-copied', 'export-kept', 'export-taken'] as const),
  ...(['export-noted', 'export-finished'] as const),
];
const names = failpointNames.filter((name) => !ofOthers.includes(name));
const ofOrders = names.filter((name) => !ofRuns.includes(name));
const turnMax = 2;
/** A supervisor gives up on a part that dies more than ten times in five minutes: as many days of two deaths. */
const daysOfOneSystem = 5;
const sliceSeeds = 2;
/** As many as it takes for every place to be died at while orders arrive, or while payouts are made. */
const allSeeds = names.length;

/** Who dies in one day, and at which way past the place. */
interface Deaths {
  readonly seed: number;
  readonly orders: { readonly point: Failpoint; readonly turn: number };
  readonly run: { readonly point: Failpoint; readonly turn: number };
}

/** Every place in turn, each day another pair. */
function deathsOf(seed: number): Deaths {
  const pick = (places: readonly Failpoint[], step: number): Failpoint => {
    const point = places[(seed * step) % places.length];
    if (point === undefined) throw new Error('there are places');
    return point;
  };
  return {
    seed,
    orders: { point: pick(ofOrders, 5), turn: 1 + (seed % turnMax) },
    run: { point: pick(names, 8), turn: 1 + ((seed >> 1) % turnMax) },
  };
}

const isAll = faultsWanted() === 'all';
const seeds = faultSeeds(isAll ? allSeeds : sliceSeeds);
const days = (faultDaysAgain() ?? Array.from({ length: seeds }, (_, seed) => seed)).map(deathsOf);
const orderCount = isAll ? 60 : 30;
const systems = Array.from({ length: Math.ceil(days.length / daysOfOneSystem) }, (_, index) => {
  const some = days.slice(index * daysOfOneSystem, (index + 1) * daysOfOneSystem);
  return { first: some[0]?.seed ?? 0, some };
});

describe.each(systems)(
  'kill -9 at a step of the pipeline, every message published twice, from day $first on',
  ({ some }) => {
    let system: FaultSystem;

    beforeAll(async () => {
      system = await FaultSystem.start();
    });
    afterAll(() => system.stop());

    function hitsOf(point: Failpoint): number[] {
      return system.failpoints.hits(point);
    }

    it.each(some)(
      'F1 O1 O2 O4 O7 pays what the reference says: $orders.point ($orders.turn), then $run.point ($run.turn), seed $seed',
      async ({ seed, orders, run }) => {
        const day = await SmallDay.prepare(system.stage, { orderCount, seed });
        const died: { moment: Moment; point: Failpoint; turn: number; pid: number }[] = [];
        const meet = async (
          moment: Moment,
          { point, turn }: Deaths['orders'],
          live: () => Promise<void>,
        ): Promise<void> => {
          const before = hitsOf(point);
          system.failpoints.arm(point, turn);
          await live();
          system.failpoints.disarm(point);
          const pids = hitsOf(point).filter((pid) => !before.includes(pid));
          expect([point, pids.length]).toEqual([point, 1]);
          for (const pid of pids) died.push({ moment, point, turn, pid });
        };
        const nothing = (): Promise<void> => Promise.resolve();
        await meet('orders', orders, () => day.publish(nothing));
        await meet('run', run, () => day.runs(nothing));
        const { expected, moved, twice, unbalanced } = await day.outcome();
        expect(moved).toEqual(expected);
        expect(twice).toEqual([]);
        expect(unbalanced).toEqual([]);
        expect(await day.bookedCount()).toBe(day.orderCount);
        const paidMinor = String(Object.values(moved).reduce((sum, each) => sum + each, 0n));
        for (const one of died) observe({ what: 'failpoint', seed, ...one, paidMinor });
      },
    );
  },
);
