import { describe, expect, it } from '@jest/globals';

import { runPassage } from '../src/half-year/run.js';
import { month } from '../src/half-year/span.js';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

describe('December 2010 of a real web shop', () => {
  it('R-COM-1 R-SUP-1 R-TEA-1 R-REF-2 R-REF-3 is paid to the fen, whatever is sent twice or killed', async () => {
    const shuffleSeed = Math.floor(Math.random() * 1_000_000);
    say(`seed ${shuffleSeed}`);
    const outcome = await runPassage({
      span: month,
      trouble: { duplicates: true, shuffleSeed, kills: true, restarts: true, downtime: true },
      layout: { processes: 'one', replicas: 1 },
      keep: false,
      say,
    });
    say(`${outcome.seconds.toFixed(0)} s, ${outcome.figures.transfers} transfers`);
    expect(outcome.differences).toEqual([]);
    expect(outcome.figures.orders).toBe(848);
    expect(outcome.figures.statements['team-reward']).toBeGreaterThan(0);
  });
});
