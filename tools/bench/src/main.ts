import { SystemClock } from '@qingfen/clock';
import { midnight } from '@qingfen/testing';
import { parseArgs } from 'node:util';
import type { Measure } from './context.js';
import { measureClock } from './clock/measure-clock.js';
import type { MeasureResult } from './measure.js';
import { measureConsuming } from './p1/measure-consuming.js';
import { measureSealing } from './p12/measure-sealing.js';
import { measureAccrual } from './p3/measure-accrual.js';
import { PublishedOrders } from './p3/published-orders.js';
import { measureRun } from './p5/measure-run.js';
import { measureBill } from './p8/measure-bill.js';
import { measureSplitting } from './p6/measure-splitting.js';
import { measurePaying, measurePayingSlowly } from './p7/measure-paying.js';
import { lastCommitted, makeReport, tableOf, worseThan, writeReport } from './report.js';
import { Servers } from './servers.js';

const published = new PublishedOrders();
const measures: readonly Measure[] = [
  { id: 'P6', run: measureSplitting },
  { id: 'P1', run: measureConsuming },
  // Before P12 and P3, whose orders every calculator would hear from then on.
  { id: 'P5', run: measureRun },
  { id: 'P8', run: measureBill },
  { id: 'P12', run: (context) => measureSealing(context, published) },
  { id: 'P3', run: (context) => measureAccrual(context, published) },
  { id: 'P7', run: measurePaying },
  { id: 'P7-30', run: measurePayingSlowly },
  { id: 'IDLE', run: measureClock },
];
const usage = 'npm run bench [-- [P1 P3 …] [--check] [--rounds 5] [--seed 20261122]]';

interface Wanted {
  readonly chosen: readonly Measure[];
  readonly check: boolean;
  readonly rounds: number;
  readonly seed: number;
}

function readArguments(): Wanted | null {
  const options = {
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '20261122' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const strange = positionals.filter((word) => !measures.some(({ id }) => id === word));
    const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
    if (strange.length > 0 || !Number.isInteger(seed) || !(rounds >= 1)) return null;
    const chosen = measures.filter(
      ({ id }) => positionals.length === 0 || positionals.includes(id),
    );
    return { chosen, check: values.check, rounds, seed };
  } catch {
    return null;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs measures one after the other; their servers end with them, whatever happens. */
async function run({ chosen, rounds, seed }: Wanted, now: Date): Promise<MeasureResult[]> {
  const until = midnight(now.toISOString());
  say(`seed ${seed}, orders until ${until}, ${rounds} rounds each`);
  const servers = await Servers.start(say);
  const stop = (): void => {
    void servers.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const results: MeasureResult[] = [];
    for (const measure of chosen) {
      results.push(await measure.run({ servers, seed, until, now, rounds, say }));
    }
    return results;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await servers.stop();
  }
}

const wanted = readArguments();
if (wanted === null) {
  process.stderr.write(`usage: ${usage}\n`);
  process.exit(2);
}
const now = new SystemClock().now();
const earlier = wanted.check ? lastCommitted() : null;
if (wanted.check && earlier === null) {
  process.stderr.write('there is no committed report in bench/results to compare with\n');
  process.exit(2);
}
const results = await run(wanted, now);
say(`\n${tableOf(results)}\n`);
const report = makeReport(now, wanted.seed, results);
if (earlier !== null) {
  const worse = worseThan(earlier.report, results);
  for (const sentence of worse) say(sentence);
  say(`compared with ${earlier.file}: ${worse.length === 0 ? 'nothing fell' : 'FELL'}`);
  if (worse.length > 0) process.exitCode = 1;
}
if (wanted.chosen.length === measures.length) {
  say(`written: ${writeReport(report)}`);
} else {
  say('a part of the measures: no report is written');
}
say(report.passed ? 'every must is met' : 'a must is MISSED');
if (!report.passed) process.exitCode = 1;
process.exit();
