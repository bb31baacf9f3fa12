import { parseArgs } from 'node:util';

import { fivePlans } from '../src/five-plans/story.js';
import { noTrouble } from '../src/half-year/mishaps.js';
import { reportOn, say, tellOutcome } from '../src/half-year/outcome.js';
import { runPassage } from '../src/half-year/run.js';
import { halfYear, month } from '../src/half-year/span.js';
import { sourceNow, writeReport } from '../src/report-files.js';

import { fivePlansReport } from './report.js';

const usage = `npm run e2e:five-plans [-- options]: half a year of real orders under five plans and a
change of plan in the middle, against a calculation apart
  --month                     December 2010 only, and no report
  --each                      every service in a process of its own
  --every <number>            of so many orders one is looked at by itself in the end (4)
  --keep                      leave the data directory
  --no-report                 leave docs/reports as it is`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      month: { type: 'boolean', default: false },
      each: { type: 'boolean', default: false },
      every: { type: 'string', default: '4' },
      keep: { type: 'boolean', default: false },
      'no-report': { type: 'boolean', default: false },
    },
  });
  const ordersEvery = Number(values.every);
  if (!Number.isInteger(ordersEvery) || ordersEvery < 1) throw new Error('--every: 1, 2 …');
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceNow(['apps', 'libs']);
  const outcome = await runPassage({
    story: fivePlans(),
    span: values.month ? month : halfYear,
    trouble: noTrouble,
    layout: { processes: values.each ? 'each' : 'one', replicas: 1 },
    ordersEvery,
    keep: values.keep,
    say,
  });
  tellOutcome(outcome);
  if (!values['no-report'] && !values.month) {
    say(`report: ${writeReport('five-plans', reportOn(fivePlansReport, source, [outcome]))}`);
  }
  if (outcome.differences.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${said}\n${usage}\n`);
  process.exitCode = 1;
}
