import { parseArgs } from 'node:util';

import { liveFaultyMonth } from '../src/faulty-month/month.js';
import { say } from '../src/half-year/outcome.js';
import { sourceNow, writeReport } from '../src/report-files.js';

import { faultyMonthReport } from './report.js';

const usage = `npm run e2e:faulty-month [-- options]: a month of payouts while Alipay fails in every way
  --days <number>     (30)
  --payees <number>   each is paid every night (667: 20,010 payouts)
  --rate <number>     the part of transfers, and of queries, that is hit by a fault (0.05)
  --seed <number>     which of them (20261127)
  --no-report         leave docs/reports as it is; so does every other size`;

const usual = { days: 30, payees: 667, rate: 0.05 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      days: { type: 'string', default: String(usual.days) },
      payees: { type: 'string', default: String(usual.payees) },
      rate: { type: 'string', default: String(usual.rate) },
      seed: { type: 'string', default: '20261127' },
      'no-report': { type: 'boolean', default: false },
    },
  });
  const [days, payees] = [Number(values.days), Number(values.payees)];
  const [rate, seed] = [Number(values.rate), Number(values.seed)];
  if (!Number.isInteger(days) || days < 1) throw new Error('--days: 1, 2 …');
  if (!Number.isInteger(payees) || payees < 1) throw new Error('--payees: 1, 2 …');
  if (!(rate > 0 && rate <= 1)) throw new Error('--rate: above 0 and at most 1');
  if (!Number.isSafeInteger(seed)) throw new Error('--seed: a whole number');
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceNow(['apps', 'libs']);
  const outcome = await liveFaultyMonth({ days, payees, rate, seed, say });
  for (const difference of outcome.differences.slice(0, 50)) say(`DIFFERENCE ${difference}`);
  const { faults, faulted, ...rest } = outcome;
  for (const { name, hits } of faults) say(`${String(hits).padStart(6)} ${name}`);
  for (const each of faulted) say(JSON.stringify(each));
  say(JSON.stringify({ ...rest, differences: rest.differences.length }));
  const isWhole = days === usual.days && payees === usual.payees && rate === usual.rate;
  if (isWhole && !values['no-report']) {
    const terms = { days, payees, rate, seed };
    say(`report: ${writeReport('faulty-month', faultyMonthReport(terms, source, outcome))}`);
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
