import { removeDataDirectory } from '@qingfen/local';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MeasureContext } from '../context.js';
import { limitOf, spreadOf, type MeasureResult } from '../measure.js';
import { PayingShop } from './paying-shop.js';

const payeeCount = 60;
const warmUpNights = 3;
/** Minutes before the run at which nothing is due: one empty move to each. */
const emptyStops = [20, 15, 10, 5, 1];

/** IDLE: how long a move of the virtual clock takes, empty and with a run in it. */
export async function measureClock({ rounds, say }: MeasureContext): Promise<MeasureResult> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'qingfen-bench-clock-'));
  const shop = await PayingShop.open(dataDir, payeeCount);
  const empty: number[] = [];
  const runs: number[] = [];
  const processor: number[] = [];
  try {
    for (let night = 0; night < warmUpNights + rounds; night += 1) {
      await shop.sell();
      const emptyMs: number[] = [];
      for (const minutes of emptyStops) emptyMs.push(await shop.moveEmpty(minutes));
      const usedBefore = shop.processorMs();
      const runMs = await shop.moveToRun();
      if (night < warmUpNights) continue;
      empty.push(...emptyMs);
      runs.push(runMs);
      processor.push(shop.processorMs() - usedBefore);
      const shown = [spreadOf(emptyMs).median, runMs].map((ms) => Math.round(ms));
      say(`IDLE round ${night - warmUpNights + 1} of ${rounds} (ms): ${shown.join(', ')}`);
    }
  } finally {
    await shop.close();
    removeDataDirectory(dataDir);
  }
  return {
    id: 'IDLE',
    title: `moving the clock over a run of ${payeeCount} payouts: processor time of all processes`,
    unit: 'ms',
    product: spreadOf(processor),
    baselines: {},
    ratios: {},
    limits: {
      'an empty move': limitOf(empty, { must: 100, aim: 50 }),
      [`a run of ${payeeCount} payouts`]: limitOf(runs, { must: 700, aim: 400 }),
    },
    note: 'a move waits for idle twice; the second figure is with everything paid and booked',
  };
}
