import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { inheritedVariables } from '@qingfen/local';

import {
  faultsDocument,
  faultsPage,
  withDaysAgain,
  type FaultsDocument,
  type JestCounts,
} from '../src/faults-report.js';
import { readObservations } from '../src/observations.js';
import { sourceNow, writeReport } from '../src/report-files.js';

const root = path.resolve(import.meta.dirname, '..', '..', '..', '..');
const reportFile = path.join(root, 'docs', 'reports', 'faults.json');
const sourcePaths = ['apps', 'libs', 'tools', 'package-lock.json'];

const usage = `npm run faults -- [options]: every fault, and docs/reports/faults.json and .md
  --seeds <number>   days on which processes die at places of the pipeline (one for each place)
  --again <days>     only these days, such as 7,12, which failed in the run of the report that is there
  --why <text>       what their failure was: it stands in the report with them`;

/** Runs every fault, or days again that failed, and leaves `docs/reports/faults.json` and `faults.md`. */
async function main(): Promise<void> {
  const options = {
    seeds: { type: 'string' },
    again: { type: 'string' },
    why: { type: 'string' },
  } as const;
  const { seeds, again, why } = parseArgs({ options }).values;
  if ((again === undefined) !== (why === undefined)) throw new Error('--again needs --why');
  const scratch = mkdtempSync(path.join(tmpdir(), 'qingfen-faults-report-'));
  const seenFile = path.join(scratch, 'seen.ndjson');
  const countsFile = path.join(scratch, 'jest.json');
  writeFileSync(seenFile, '');
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceNow(sourcePaths);
  const at = new Date().toISOString();
  const status = await runJest({ seen: seenFile, counts: countsFile, seeds, again });
  const counts: JestCounts = JSON.parse(readFileSync(countsFile, 'utf8'));
  const seen = readObservations(seenFile);
  rmSync(scratch, { recursive: true, force: true });
  process.exitCode = status === 0 ? 0 : 1;
  const isPassed = status === 0 && counts.numFailedTests === 0;
  let document: FaultsDocument;
  if (again === undefined || why === undefined) {
    const isWhole = isPassed && counts.numPendingTests === 0;
    document = faultsDocument({ at, isPassed: isWhole, source, counts, seen });
  } else {
    // What fails again leaves the report as it is.
    if (!isPassed) return;
    const before: FaultsDocument = JSON.parse(readFileSync(reportFile, 'utf8'));
    const days = again.split(',').map(Number);
    document = withDaysAgain(before, { days, at, why, source, seen });
  }
  const page = faultsPage(document);
  writeReport('faults', { document, page });
  process.stdout.write(page);
}

function runJest(files: {
  readonly seen: string;
  readonly counts: string;
  /** Days with processes that die at places of the pipeline; undefined: as many as there are places. */
  readonly seeds: string | undefined;
  /** Of those these alone, and nothing else. */
  readonly again: string | undefined;
}): Promise<number | null> {
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      '-c',
      path.join(root, 'apps', 'e2e', 'jest.faults.config.js'),
      '--verbose',
      '--json',
      `--outputFile=${files.counts}`,
      ...(files.again === undefined ? [] : ['failpoints.fault']),
    ],
    {
      cwd: root,
      env: {
        ...inheritedVariables(),
        TZ: 'Asia/Shanghai',
        FAULTS: 'all',
        ...(files.seeds === undefined ? {} : { FAULT_SEEDS: files.seeds }),
        ...(files.again === undefined ? {} : { FAULT_DAYS: files.again }),
        QINGFEN_FAULTS_FILE: files.seen,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => jest.kill(signal));
  return new Promise((resolve, reject) => {
    jest.once('error', reject);
    jest.once('close', resolve);
  });
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${said}\n${usage}\n`);
  process.exitCode = 1;
}
