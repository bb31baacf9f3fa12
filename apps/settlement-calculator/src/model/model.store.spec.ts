import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { wishNames } from './commands.fixture.js';
import { interleavings, tellTwice } from './interleaving.fixture.js';
import { play, sequences } from './sequence.fixture.js';
import { Tally } from './tally.fixture.js';
import { Workshop } from './workshop.fixture.js';

// A slice of what `npm run model` plays. What fails here is played again, and made
// shorter, by `npm run model -- --seed <seed> --path sequences/<path>`, or `interleavings/<path>`.

const seed = Math.floor(Math.random() * 2 ** 31);
/** It takes a tenth of that where nothing else runs. */
const busyMachineMs = 180_000;
const tally = new Tally(wishNames);
const slice = { seed, endOnFailure: true };

let workshop: Workshop;
beforeAll(async () => {
  process.stdout.write(`the whole calculation against the model: seed ${seed}\n`);
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

describe('the whole calculation', () => {
  it(
    'R-REF-1 R-REF-2 R-REF-3 R-COM-3 R-RUL-5 M3 M4 is that of the model, whatever happens and wherever it is cut short; a replay changes nothing, and a full refund leaves nobody anything',
    async () => {
      const property = fc.asyncProperty(sequences, (sequence) => play(workshop, sequence, tally));
      await fc.assert(property, { ...slice, numRuns: 10 });
    },
    busyMachineMs,
  );

  it(
    'R-REF-2 R-REF-3 R-COM-3 R-RUL-5 M5 ends in the same totals, in whatever order facts are told between whatever runs',
    async () => {
      const property = fc.asyncProperty(interleavings, (told) => tellTwice(workshop, told, tally));
      await fc.assert(property, { ...slice, numRuns: 3 });
    },
    busyMachineMs,
  );
});
