import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { play, sequences } from './sequence.fixture.js';
import { Workshop } from './workshop.fixture.js';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

describe('the whole calculation', () => {
  it('R-TST-1 is that of the model, whatever happens in which order', async () => {
    const tally = new Map<string, number>();
    const started = performance.now();
    await fc.assert(
      fc.asyncProperty(sequences, (sequence) => play(workshop, sequence, tally)),
      {
        numRuns: Number(process.env['MODEL_RUNS'] ?? 20),
        ...(process.env['MODEL_SEED'] ? { seed: Number(process.env['MODEL_SEED']) } : {}),
        endOnFailure: process.env['MODEL_FAST'] === '1',
        ...(process.env['MODEL_PATH'] ? { path: process.env['MODEL_PATH'] } : {}),
        interruptAfterTimeLimit: 400000,
      },
    );
    process.stdout.write(
      JSON.stringify(Object.fromEntries([...tally].sort()), null, 1) +
        (performance.now() - started) +
        '\n',
    );
  }, 3_000_000);
});
