import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { faultsWanted, FaultSystem, type Moment, observe, SmallDay } from '../src/index.js';

const seed = 4_711;
const everything = 'everything';
const services = [
  'gateway',
  'rules',
  'order',
  'settlement-calculator',
  'payout',
  'reconciliation',
  'notification',
];
const parts = [...services, 'alipay-sandbox', 'postgres', 'kafka', everything];

/** Which part is killed while orders arrive, and which while payouts are made. */
type Kills = Readonly<Record<Moment, string>>;

const slice: readonly Kills[] = [
  { orders: 'settlement-calculator', run: 'payout' },
  { orders: 'order', run: everything },
];
const all: readonly Kills[] = parts.map((part) => ({ orders: part, run: part }));
const isAll = faultsWanted() === 'all';
const days = isAll ? all : slice;
/** A slice's day is smaller too: it must fit into two minutes with everything else. */
const orderCount = isAll ? 200 : 60;

describe('kill -9 of one part in the middle of a day, every message published twice', () => {
  let system: FaultSystem;

  beforeAll(async () => {
    system = await FaultSystem.start();
  });
  afterAll(() => system.stop());

  async function endAndAwait(part: string): Promise<{ before: number; after: number }> {
    if (part === everything) return system.killAndRestartEverything();
    const before = system.kill(part);
    return { before, after: await system.replaced(part, before) };
  }

  it.each(days)(
    `R-FAI-1 R-ARC-1 pays what the reference says: $orders, then $run (seed ${seed})`,
    async (kills) => {
      const day = await SmallDay.prepare(system.stage, { orderCount, seed });
      const killed: { moment: Moment; part: string; before: number; after: number }[] = [];
      const kill = async (moment: Moment): Promise<void> => {
        const part = kills[moment];
        killed.push({ moment, part, ...(await endAndAwait(part)) });
      };
      await day.publish(() => kill('orders'));
      await day.runs(() => kill('run'));
      const { expected, moved, twice, unbalanced, orderCount: orders } = await day.outcome();
      expect(moved).toEqual(expected);
      expect(twice).toEqual([]);
      expect(unbalanced).toEqual([]);
      expect(killed.map(({ moment }) => moment)).toEqual(['orders', 'run']);
      const payees = Object.keys(moved).length;
      const paidMinor = String(Object.values(moved).reduce((sum, each) => sum + each, 0n));
      for (const { moment, part, before, after } of killed) {
        expect([part, after !== before]).toEqual([part, true]);
        const pids = { pidBefore: before, pidAfter: after };
        observe({ what: 'kill', part, moment, ...pids, orders, payees, paidMinor });
      }
    },
  );
});
