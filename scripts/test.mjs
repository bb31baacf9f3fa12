// `npm test`: everything that must hold, one stage after the other, and one plain line at the end.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const results = mkdtempSync(path.join(tmpdir(), 'qingfen-test-'));
const only = new Set(process.argv.slice(2).filter((word) => !word.startsWith('-')));
const totals = { passed: 0, failed: 0 };
const children = new Set();
let isStopping = false;

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    isStopping = true;
    for (const child of children) child.kill('SIGTERM');
  });
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function run(command, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let text = '';
    const hear = (chunk) => {
      text += chunk;
      if (!quiet) process.stdout.write(chunk);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', (status) => {
      children.delete(child);
      resolve({ status: status ?? 1, text });
    });
  });
}

function count(passed, failed) {
  totals.passed += passed;
  totals.failed += failed;
}

/** A check that is one yes or no: it counts as one test. */
async function check(name, work) {
  const startedAt = performance.now();
  const problem = await work();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (problem === null) say(`  ok    ${name} (${seconds} s)`);
  else say(`  FAIL  ${name} (${seconds} s)\n${problem}`);
  count(problem === null ? 1 : 0, problem === null ? 0 : 1);
}

async function succeeds(command, args) {
  const { status, text } = await run(command, args, { quiet: true });
  return status === 0 ? null : text.slice(-8_000);
}

async function oneByOne(checks) {
  for (const [name, command, args] of checks) await check(name, () => succeeds(command, args));
}

async function jest(name, config, { env = {}, args = [] } = {}) {
  const outputFile = path.join(results, `${name.replaceAll(/\W+/g, '-')}.json`);
  const { status } = await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '-c',
      config,
      '--json',
      `--outputFile=${outputFile}`,
      ...args,
    ],
    { env: { TZ: 'Asia/Shanghai', ...env } },
  );
  let report;
  try {
    report = JSON.parse(readFileSync(outputFile, 'utf8'));
  } catch {
    say(`  FAIL  ${name}: the runner ended without a report (status ${status})`);
    count(0, 1);
    return;
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  if (skipped > 0) say(`  FAIL  ${name}: ${skipped} tests were skipped`);
  count(report.numPassedTests, failed + (skipped > 0 ? 1 : 0));
  if (report.numTotalTests === 0) count(0, 1);
}

const node = process.execPath;
const bin = (name) => path.join('node_modules', '.bin', name);

const stages = {
  /** Formatting, lint with boundaries, the canary that proves the boundary rule runs, contracts. */
  lint: async () => {
    // Without a project graph the boundary rule says nothing and passes: so the graph comes first.
    await check('project graph', () =>
      succeeds(bin('nx'), ['graph', `--file=${path.join(results, 'graph.json')}`]),
    );
    // The linter fills a core for as long as the rest of the checks fills another.
    await Promise.all([
      check('lint', () => succeeds(bin('eslint'), ['--no-cache', 'apps', 'libs', 'tools'])),
      oneByOne([
        ['boundary canary', node, ['scripts/boundary-canary.mjs']],
        ['formatting', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
        [
          'contracts and their documents agree',
          node,
          ['libs/contracts/dist/generate.js', '--check'],
        ],
        ['house rules', node, ['scripts/tidy.mjs']],
        ['lessons and their tests agree', node, ['scripts/lessons.mjs', '--check']],
      ]),
    ]);
  },
  // As many workers as cores: the runner itself would leave one of two to nobody.
  unit: () => jest('unit', 'jest.unit.config.js', { args: ['--maxWorkers=100%'] }),
  store: async () => {
    const { startKafka, startPostgres } = await import(
      path.join(root, 'tools/local/dist/index.js')
    );
    const directory = mkdtempSync(path.join(tmpdir(), 'qingfen-servers-'));
    const servers = await Promise.all([
      // Nobody cuts this server's power; that what it acknowledges is on the disk is the proof of
      // a spec with a server of its own.
      startPostgres({
        directory: path.join(directory, 'postgres'),
        settings: { fsync: 'off', full_page_writes: 'off' },
      }),
      startKafka({ directory: path.join(directory, 'kafka') }),
    ]);
    const [postgres, kafka] = servers;
    try {
      const env = { TEST_DATABASE_URL: postgres.address, TEST_KAFKA_BROKERS: kafka.address };
      // Specs of messaging and of payouts wait more than they work: a third worker fills the gaps.
      await jest('store', 'jest.servers.config.js', { env, args: ['--maxWorkers=3'] });
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(directory, { recursive: true, force: true });
    }
  },
  journeys: () => jest('journeys', 'apps/e2e/jest.journeys.config.js'),
  month: () => jest('month', 'apps/e2e/jest.month.config.js'),
  faults: () => jest('faults', 'apps/e2e/jest.faults.config.js', { env: { FAULTS: 'slice' } }),
  reports: () =>
    check('reports of the longer runs', async () => {
      const { status, text } = await run(node, ['scripts/reports.mjs']);
      return status === 0 ? null : text;
    }),
};

mkdirSync(results, { recursive: true });
const wanted = Object.entries(stages).filter(([name]) => only.size === 0 || only.has(name));
for (const [name, stage] of wanted) {
  if (isStopping) break;
  const startedAt = performance.now();
  say(`\n== ${name}`);
  try {
    await stage();
  } catch (error) {
    say(`  FAIL  ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    count(0, 1);
  }
  say(`== ${name} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}
rmSync(results, { recursive: true, force: true });
say(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = isStopping || totals.failed > 0 || totals.passed === 0 ? 1 : 0;
