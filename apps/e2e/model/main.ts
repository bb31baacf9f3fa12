import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startPostgres } from '@qingfen/local';

import { sourceNow, writeReport } from '../src/report-files.js';

import { type Part, Players, type Seen, type Share } from './players.js';
import { failureText, modelReport, problemsOf } from './report.js';

const usage = `npm run model [-- options]: the whole calculation against a plain model in memory
  --sequences <number>        how many are played (10000)
  --seed <number>             of which they are made; another one each time if none is given
  --path <part>/<number>      plays one again, and makes it shorter where it fails
  --no-report                 leaves docs/reports as it is`;

/** What takes part in the calculation: a page of the API or an Alipay library does not. */
const aboutPaths = [
  'apps/settlement-calculator',
  ...['calendar', 'core/plan', 'core/settlement', 'database', 'messaging', 'money'].map(
    (lib) => `libs/${lib}`,
  ),
  ...['events', 'fields', 'own-events', 'parse-event', 'topics', 'upstream-events'].map(
    (file) => `libs/contracts/src/${file}.ts`,
  ),
  'package-lock.json',
];
const sequencesUsual = 10_000;
/** So many sequences are played for each pair of interleavings. */
const sequencesPerPair = 10;
const seedMax = 2 ** 31 - 1;
const wordEveryMs = 10_000;

interface Wish {
  readonly sequences: number;
  readonly seed: number;
  readonly one: { readonly part: Part; readonly path: string } | null;
  readonly report: boolean;
}

function readWish(): Wish {
  const { values } = parseArgs({
    options: {
      sequences: { type: 'string', default: String(sequencesUsual) },
      seed: { type: 'string' },
      path: { type: 'string' },
      'no-report': { type: 'boolean', default: false },
    },
  });
  return {
    sequences: wholeNumber('--sequences', values.sequences, 1),
    seed: wholeNumber('--seed', values.seed ?? String(Math.floor(Math.random() * seedMax)), 0),
    one: values.path === undefined ? null : readPath(values.path),
    report: !values['no-report'],
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= seedMax) return number;
  throw new TypeError(`${name} ${text}: a whole number from ${least} to ${seedMax}`);
}

function readPath(text: string): Wish['one'] {
  const [part, place = ''] = text.split('/');
  if ((part !== 'sequences' && part !== 'interleavings') || !/^\d+(:\d+)*$/.test(place)) {
    throw new TypeError(`--path ${text}: sequences/<number> or interleavings/<number>`);
  }
  return { part, path: place };
}

/** What each process plays, of seeds that follow each other. */
function sharesOf({ sequences, seed, one }: Wish): readonly Share[] {
  if (one !== null) {
    const none = { sequences: 0, interleavings: 0 };
    return [{ seed, ...none, [one.part]: 1, path: one.path }];
  }
  const processes = Math.min(availableParallelism(), sequences);
  const pairs = Math.ceil(sequences / sequencesPerPair);
  return Array.from({ length: processes }, (_, index) => ({
    seed: (seed + index) % seedMax,
    sequences: partOf(sequences, index, processes),
    interleavings: partOf(pairs, index, processes),
  }));
}

function partOf(whole: number, index: number, parts: number): number {
  return Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Has all shares played on a server that is made for them, and says how far they are. */
async function playAll(shares: readonly Share[]): Promise<Seen> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qingfen-model-'));
  chmodSync(directory, 0o711);
  // What is acknowledged is on the disk: faults prove that. Here the line is cut, never the power.
  const settings = { fsync: 'off', full_page_writes: 'off' };
  const postgres = await startPostgres({ directory: path.join(directory, 'postgres'), settings });
  const players = new Players(postgres.address, (failure) =>
    say(`DIFFERENCE ${failureText(failure)}`),
  );
  const startedAt = performance.now();
  const ticking = setInterval(() => {
    const { sequences, interleavings } = players.played();
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`${sequences} sequences and ${interleavings} pairs of interleavings, ${seconds} s`);
  }, wordEveryMs);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => players.stop());
  try {
    return await players.play(shares);
  } finally {
    clearInterval(ticking);
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const wish = readWish();
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceNow(aboutPaths);
  const shares = sharesOf(wish);
  const processes = shares.length;
  const sum = (part: Part): number => shares.reduce((total, share) => total + share[part], 0);
  const wanted = { sequences: sum('sequences'), interleavings: sum('interleavings') };
  say(`seed ${wish.seed}: ${JSON.stringify(wanted)} in ${processes} processes`);
  const startedAt = new Date();
  const seen = await playAll(shares);
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  const at = startedAt.toISOString();
  const run = { at, source, seed: wish.seed, wanted, processes, seconds, seen };
  if (wish.one === null && wish.report) say(`report: ${writeReport('model', modelReport(run))}`);
  const problems = wish.one === null ? problemsOf(run) : [...seen.failures, ...seen.lost];
  if (seen.failures.length === 0) for (const problem of problems) say(`PROBLEM ${problem}`);
  say(`seed ${wish.seed}: ${problems.length === 0 ? 'no difference' : 'NOT passed'}`);
  if (problems.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${said}\n${usage}\n`);
  process.exitCode = 1;
}
