import { describe, expect, it } from '@jest/globals';

import { together } from '../src/half-year/figures.js';
import { realShops } from '../src/half-year/real-shops.js';
import { runPassage } from '../src/half-year/run.js';
import { month } from '../src/half-year/span.js';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

describe('December 2010 of a real web shop', () => {
  it('R-COM-1 R-SUP-1 R-TEA-1 R-REF-2 R-REF-3 R-REC-2 R-REC-4 is paid to the fen and reconciled every day, whatever is sent twice or killed', async () => {
    const shuffleSeed = Math.floor(Math.random() * 1_000_000);
    say(`seed ${shuffleSeed}`);
    const outcome = await runPassage({
      story: realShops(),
      span: month,
      trouble: { duplicates: true, shuffleSeed, kills: true, restarts: true, downtime: true },
      layout: { processes: 'one', replicas: 1 },
      ordersEvery: 1,
      keep: false,
      say,
    });
    say(`${outcome.seconds.toFixed(0)} s, ${outcome.transfers} transfers`);
    const { orders, statements } = together(Object.values(outcome.figures));
    expect(outcome.differences).toEqual([]);
    expect(orders).toBe(848);
    expect(statements['team-reward']).toBeGreaterThan(0);
    // From the first day to the last whose bill is there, of both shops.
    expect(outcome.reconciled?.days).toBe(2 * 39);
    expect(outcome.reconciled?.ordersCleared).toBeGreaterThan(800);
  });
});
