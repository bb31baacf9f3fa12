import { parseArgs } from 'node:util';

import { type Layout, noTrouble, type Trouble } from '../src/half-year/mishaps.js';
import { reportOn, type ReportTerms, say, tellOutcome } from '../src/half-year/outcome.js';
import { realShops } from '../src/half-year/real-shops.js';
import { type Outcome, runPassage } from '../src/half-year/run.js';
import { halfYear, month } from '../src/half-year/span.js';
import { sourceNow, writeReport } from '../src/report-files.js';

import { halfYearReport, reconciledReport } from './report.js';

const usage = `npm run e2e:half-year [-- options]: half a year of real orders against a calculation apart
  --pass quiet|troubled|replicas|all|reconciled
                              nothing happens; everything happens; everything happens to two replicas
                              of each service; or one after the other (all); reconciled is quiet, with
                              a report of its own
  --month                     December 2010 only
  --each                      every service in a process of its own
  --replicas <number>         how often each service runs, in every pass
  --seed <number>             the order of messages within a day
  --without <trouble>         leave out duplicates, shuffle, kills, restarts or downtime (several)
  --keep                      leave the data directory
  --no-report                 leave docs/reports as it is`;

interface Pass {
  readonly trouble: Trouble;
  readonly layout: Layout;
}

interface Wish {
  readonly passes: readonly Pass[];
  readonly reportName: string;
  readonly terms: ReportTerms;
  readonly isMonth: boolean;
  readonly keep: boolean;
  readonly report: boolean;
}

function readWish(): Wish {
  const { values } = parseArgs({
    options: {
      pass: { type: 'string', default: 'all' },
      replicas: { type: 'string' },
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
  const processes = values.each ? 'each' : 'one';
  const pass = (trouble: Trouble, replicasUsual: number): Pass => {
    const replicas = Number(values.replicas ?? replicasUsual);
    if (!Number.isInteger(replicas) || replicas < 1) throw new Error('--replicas: 1, 2 …');
    return { trouble, layout: { processes, replicas } };
  };
  const [quiet, all] = [pass(noTrouble, 1), pass(troubled, 1)];
  const passes = new Map<string, readonly Pass[]>([
    ['quiet', [quiet]],
    ['troubled', [all]],
    ['replicas', [pass(troubled, 2)]],
    ['all', [quiet, all, pass(troubled, 2)]],
    ['reconciled', [quiet]],
  ]);
  const chosen = passes.get(values.pass);
  if (chosen === undefined) throw new Error(`--pass ${values.pass}?`);
  return {
    passes: chosen,
    ...(values.pass === 'reconciled'
      ? { reportName: 'reconciled', terms: reconciledReport }
      : { reportName: 'half-year', terms: halfYearReport }),
    isMonth: values.month,
    keep: values.keep,
    report: !values['no-report'],
  };
}

async function main(): Promise<void> {
  const wish = readWish();
  const outcomes: Outcome[] = [];
  const story = realShops();
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceNow(['apps', 'libs']);
  for (const { trouble, layout } of wish.passes) {
    const span = wish.isMonth ? month : halfYear;
    say(`${span.name}: ${JSON.stringify({ ...layout, ...trouble })}`);
    const { keep } = wish;
    const outcome = await runPassage({ story, span, trouble, layout, ordersEvery: 1, keep, say });
    tellOutcome(outcome);
    outcomes.push(outcome);
  }
  if (wish.report && !wish.isMonth) {
    say(`report: ${writeReport(wish.reportName, reportOn(wish.terms, source, outcomes))}`);
  }
  if (outcomes.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${said}\n${usage}\n`);
  process.exitCode = 1;
}
