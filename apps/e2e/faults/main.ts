import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { inheritedVariables } from '@qingfen/local';

import { faultsReport, type JestCounts } from '../src/faults-report.js';
import { readObservations } from '../src/observations.js';
import { sourceNow, writeReport } from '../src/report-files.js';

const root = path.resolve(import.meta.dirname, '..', '..', '..', '..');
const sourcePaths = ['apps', 'libs', 'tools', 'package-lock.json'];

/** Runs every fault and leaves `docs/reports/faults.json` and `faults.md`. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string' } } });
  const scratch = mkdtempSync(path.join(tmpdir(), 'qingfen-faults-report-'));
  const seen = path.join(scratch, 'seen.ndjson');
  const counts = path.join(scratch, 'jest.json');
  writeFileSync(seen, '');
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceNow(sourcePaths);
  const startedAt = new Date();
  const status = await runJest({ seen, counts, seeds: values.seeds });
  const read: JestCounts = JSON.parse(readFileSync(counts, 'utf8'));
  const report = faultsReport({
    at: startedAt.toISOString(),
    isPassed: status === 0 && read.numFailedTests === 0 && read.numPendingTests === 0,
    source,
    counts: read,
    seen: readObservations(seen),
  });
  writeReport('faults', report);
  rmSync(scratch, { recursive: true, force: true });
  process.stdout.write(report.page);
  process.exitCode = status === 0 ? 0 : 1;
}

function runJest(files: {
  readonly seen: string;
  readonly counts: string;
  /** Days with processes that die at places of the pipeline; undefined: as many as there are places. */
  readonly seeds: string | undefined;
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
    ],
    {
      cwd: root,
      env: {
        ...inheritedVariables(),
        TZ: 'Asia/Shanghai',
        FAULTS: 'all',
        ...(files.seeds === undefined ? {} : { FAULT_SEEDS: files.seeds }),
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

await main();
