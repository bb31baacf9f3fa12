import { launchSystem } from '@qingfen/local';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { FaultSystem, SmallDay } from '../src/index.js';

describe('two systems on one machine', () => {
  let systems: FaultSystem[];

  beforeAll(async () => {
    systems = [await FaultSystem.start('one'), await FaultSystem.start('one')];
  });
  afterAll(() => Promise.all(systems.map((system) => system.stop())));

  it('R-TST-1 settle days of their own side by side and share nothing', async () => {
    const nothing = (): Promise<void> => Promise.resolve();
    const live = async (system: FaultSystem, seed: number): Promise<void> => {
      const day = await SmallDay.prepare(system.stage, { orderCount: 60, seed });
      await day.publish(nothing);
      await day.runs(nothing);
      const { expected, moved, twice, unbalanced } = await day.outcome();
      expect(moved).toEqual(expected);
      expect([...twice, ...unbalanced]).toEqual([]);
      const everywhere = await system.stage.sandbox.transfers();
      expect(new Set(everywhere.map(({ identity }) => identity))).toEqual(
        new Set(Object.keys(moved)),
      );
    };
    await Promise.all(systems.map((system, index) => live(system, 100 + index)));
  });

  it('R-TST-1 refuses a second start on one data directory, naming the first', async () => {
    const [system] = systems;
    if (system === undefined) throw new Error('there are two systems');
    const second = launchSystem({ dataDir: system.dataDir });
    await expect(second).rejects.toThrow(String(system.stage.ready.pid));
  });
});
