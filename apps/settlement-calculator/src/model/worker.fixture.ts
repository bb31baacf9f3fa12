import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { wishNames } from './commands.fixture.js';
import { interleavings, tellTwice } from './interleaving.fixture.js';
import { play, sequences } from './sequence.fixture.js';
import { Tally } from './tally.fixture.js';
import { Workshop } from './workshop.fixture.js';

/** Plays between two words of how far it has come. */
const wordEvery = 20;
/** What failed is made shorter for so long at most. */
const shorteningMs = 900_000;

type Part = 'sequences' | 'interleavings';

/** What is wanted of one part: so many from a seed, or one by its path, made shorter where it fails. */
interface Wanted {
  readonly part: Part;
  readonly seed: number;
  readonly runs: number;
  readonly path: string | undefined;
}

/**
 * One of the processes of `npm run model`: plays sequences and pairs of interleavings from a seed, or one
 * of them again, and says on standard output, a line of JSON at a time, how many it has played, what
 * happened in them, and which one failed. Ends with status 1 where calculator and model differ.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sequences: { type: 'string', default: '0' },
      interleavings: { type: 'string', default: '0' },
      seed: { type: 'string' },
      path: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  const tally = new Tally(wishNames);
  const workshop = await Workshop.open();
  try {
    for (const part of ['sequences', 'interleavings'] as const) {
      const runs = Number(values[part]);
      if (runs === 0) continue;
      await check(workshop, { part, seed, runs, path: values.path }, tally);
    }
    say({ counts: tally.counts() });
  } finally {
    await workshop.close();
  }
}

async function check(workshop: Workshop, wanted: Wanted, tally: Tally): Promise<void> {
  const { part, seed, runs, path } = wanted;
  let played = 0;
  const property = propertyOf(part, workshop, tally).afterEach(() => {
    played += 1;
    if (played % wordEvery === 0 || played === runs) say({ part, played });
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path === undefined
      ? { endOnFailure: true }
      : { path, interruptAfterTimeLimit: shorteningMs }),
  });
  if (!details.failed) return;
  process.exitCode = 1;
  const [place] = (details.counterexamplePath ?? '').split(':');
  const error = details.errorInstance instanceof Error ? details.errorInstance.message : '';
  const why = [error, fc.defaultReportMessage(details)].join('\n');
  say({ failed: { part, seed, path: place, why } });
}

function propertyOf(
  part: Part,
  workshop: Workshop,
  tally: Tally,
): fc.IAsyncPropertyWithHooks<unknown> {
  return part === 'sequences'
    ? fc.asyncProperty(sequences, (sequence) => play(workshop, sequence, tally))
    : fc.asyncProperty(interleavings, (told) => tellTwice(workshop, told, tally));
}

function say(word: object): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

await main();
