import { parseArgs } from 'node:util';

import { noTrouble, type Trouble } from '../src/half-year/mishaps.js';
import { type Outcome, runPassage } from '../src/half-year/run.js';
import { halfYear, month } from '../src/half-year/span.js';

import { writeReport } from './report.js';

const usage = `npm run e2e:half-year [-- options]: half a year of real orders against a calculation apart
  --pass quiet|troubled|both  nothing happens, everything happens, or one after the other (both)
  --month                     December 2010 only
  --each                      every service in a process of its own
  --seed <number>             the order of messages within a day
  --without <trouble>         leave out duplicates, shuffle, kills, restarts or downtime (several)
  --keep                      leave the data directory
  --no-report                 leave docs/reports as it is`;

interface Wish {
  readonly passes: readonly Trouble[];
  readonly isMonth: boolean;
  readonly processes: 'one' | 'each';
  readonly keep: boolean;
  readonly report: boolean;
}

function readWish(): Wish {
  const { values } = parseArgs({
    options: {
      pass: { type: 'string', default: 'both' },
      month: { type: 'boolean', default: false },
      each: { type: 'boolean', default: false },
      seed: { type: 'string' },
      without: { type: 'string', multiple: true, default: [] },
      keep: { type: 'boolean', default: false },
      'no-report': { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}: a whole number`);
  const isIn = (name: string): boolean => !values.without.includes(name);
  const troubled: Trouble = {
    duplicates: isIn('duplicates'),
    shuffleSeed: isIn('shuffle') ? seed : null,
    kills: isIn('kills'),
    restarts: isIn('restarts'),
    downtime: isIn('downtime'),
  };
  const passes = { quiet: [noTrouble], troubled: [troubled], both: [noTrouble, troubled] };
  const { pass } = values;
  if (pass !== 'quiet' && pass !== 'troubled' && pass !== 'both')
    throw new Error(`--pass ${pass}?`);
  return {
    passes: passes[pass],
    isMonth: values.month,
    processes: values.each ? 'each' : 'one',
    keep: values.keep,
    report: !values['no-report'],
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell({ differences, figures, seconds, durations, judgeSeconds }: Outcome): void {
  for (const difference of differences.slice(0, 50)) say(`DIFFERENCE ${difference}`);
  if (differences.length > 50) say(`and ${differences.length - 50} differences more`);
  say(JSON.stringify({ figures, durations, judgeSeconds }));
  const verdict = differences.length === 0 ? 'all to the fen' : `${differences.length} differences`;
  say(
    `${figures.orders} orders, ${figures.transfers} transfers: ${verdict}; ${seconds.toFixed(0)} s`,
  );
}

async function main(): Promise<void> {
  const wish = readWish();
  const outcomes: Outcome[] = [];
  for (const trouble of wish.passes) {
    const span = wish.isMonth ? month : halfYear;
    say(`${span.name}: ${JSON.stringify(trouble)}`);
    const { processes, keep } = wish;
    const outcome = await runPassage({ span, trouble, processes, keep, say });
    tell(outcome);
    outcomes.push(outcome);
  }
  if (wish.report && !wish.isMonth) say(`report: ${writeReport(outcomes)}`);
  if (outcomes.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${said}\n${usage}\n`);
  process.exitCode = 1;
}
