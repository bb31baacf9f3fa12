import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { play, sequences } from './sequence.fixture.js';
import { Workshop } from './workshop.fixture.js';

/** Sequences between two words of how far it has come. */
const wordEvery = 20;

/**
 * One of the processes of `npm run model`: plays so many sequences from a seed, and says on standard output
 * what happened in them, a line of JSON at a time. Ends with status 1 where calculator and model differ.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { sequences: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
  });
  const workshop = await Workshop.open();
  const tally = new Map<string, number>();
  let played = 0;
  const say = (word: object): void => {
    process.stdout.write(`${JSON.stringify(word)}\n`);
  };
  try {
    const property = fc.asyncProperty(sequences, async (sequence) => {
      await play(workshop, sequence, tally);
      played += 1;
      if (played % wordEvery === 0) say({ played });
    });
    const details = await fc.check(property, {
      numRuns: Number(values.sequences),
      seed: Number(values.seed),
      ...(values.path === undefined ? {} : { path: values.path }),
    });
    say({ played, tally: Object.fromEntries(tally), failed: details.failed });
    if (!details.failed) return;
    process.stderr.write(`${fc.defaultReportMessage(details) ?? ''}\n`);
    process.exitCode = 1;
  } finally {
    await workshop.close();
  }
}

await main();
