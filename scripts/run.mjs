// What every npm script goes through: makes a fresh clone runnable (packages, build), says so while
// it does, and then becomes the program that was asked for, in this very process, so that signals,
// exit status and process id are that program's own. Plain Node: it must run without node_modules.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.dirname(import.meta.dirname);
const programs = {
  start: 'tools/local/dist/start.js',
  demo: 'tools/demo/dist/main.js',
  bench: 'tools/bench/dist/main.js',
  'publish-orders': 'tools/publish-orders/dist/main.js',
  dlq: 'tools/dlq/dist/main.js',
  explain: 'tools/explain/dist/main.js',
  'export-ledger': 'tools/explain/dist/export-ledger.js',
  'audit-package': 'tools/explain/dist/audit-package.js',
  'ledger-key': 'tools/local/dist/ledger-key.js',
  topics: 'tools/local/dist/topics.js',
  contracts: 'libs/contracts/dist/generate.js',
  faults: 'apps/e2e/dist/faults/main.js',
  'e2e:five-plans': 'apps/e2e/dist/five-plans/main.js',
  model: 'apps/e2e/dist/model/main.js',
  'e2e:half-year': 'apps/e2e/dist/half-year/main.js',
  'e2e:faulty-month': 'apps/e2e/dist/faulty-month/main.js',
  lint: 'scripts/lint.mjs',
  controls: 'apps/e2e/dist/controls/main.js',
  mutation: 'scripts/mutation/main.mjs',
  test: 'scripts/test.mjs',
};
// These print data that somebody may read by machine: what is done to get ready goes to stderr.
const quiet = new Set([
  'publish-orders',
  'dlq',
  'explain',
  'export-ledger',
  'audit-package',
  'ledger-key',
  'topics',
  'contracts',
]);
const [command = '', ...rest] = process.argv.slice(2);

class Trouble extends Error {
  constructor(part, reason, fix) {
    super(reason);
    this.part = part;
    this.fix = fix;
  }
}

const say = (line) => {
  (quiet.has(command) ? process.stderr : process.stdout).write(`${line}\n`);
};

function modifiedAt(file) {
  return fs.statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? -1;
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  const fix = 'Install Node.js 20.19 or newer.';
  throw new Trouble('node', `Node.js ${process.versions.node} is too old`, fix);
}

/** Runs a tool, says every few seconds that it still runs, and passes a signal of ours on. */
async function runTool(what, file, args) {
  const startedAt = performance.now();
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', quietly(), 'inherit'] });
  const ticking = setInterval(() => {
    say(`${what}: ${Math.round((performance.now() - startedAt) / 1000)} s so far`);
  }, 5_000);
  const passOn = (signal) => child.kill(signal);
  process.on('SIGTERM', passOn).on('SIGINT', passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new Trouble(what, error.message, `Install ${file}.`)));
      child.once('close', (status, signal) => {
        if (signal !== null) process.exit(128 + os.constants.signals[signal]);
        resolve(status);
      });
    });
  } finally {
    clearInterval(ticking);
    process.off('SIGTERM', passOn).off('SIGINT', passOn);
  }
}

const quietly = () => (quiet.has(command) ? 2 : 'inherit');

const areModulesStale = () =>
  modifiedAt('node_modules/.package-lock.json') < modifiedAt('package-lock.json');

async function installModules() {
  if (!areModulesStale()) return;
  const { bavail, bsize } = fs.statfsSync(root);
  if (bavail * bsize < 1.5 * 1024 ** 3) {
    throw new Trouble(
      'disk',
      `less than 1.5 GB are free on the disk of ${root}`,
      'Free some space.',
    );
  }
  say('installing packages with npm ci (about a minute, once)');
  const status = await runTool('npm ci', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  if (status !== 0) {
    const fix = 'See what npm says above; check the network and the registry of your npm settings.';
    throw new Trouble('packages', `npm ci ended with status ${status}`, fix);
  }
  // npm leaves this file's time alone when nothing changed, and we would install for ever.
  const now = new Date();
  fs.utimesSync(path.join(root, 'node_modules/.package-lock.json'), now, now);
}

function projectFolders() {
  const text = fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8');
  return JSON.parse(text).references.map(({ path: folder }) => folder);
}

const notSources = new Set(['dist', 'node_modules', 'data', 'coverage']);

/** Names, sizes and times of everything a build reads: cheap, and different after any edit. */
function fingerprint(folders) {
  const hash = createHash('sha256');
  const note = (file) => {
    const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
    if (stat !== undefined) hash.update(`${file} ${stat.size} ${stat.mtimeMs}\n`);
  };
  const walk = (folder) => {
    const entries = fs.readdirSync(path.join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !notSources.has(entry.name)) walk(name);
      else if (entry.name.endsWith('.ts')) note(name);
    }
  };
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json']) note(file);
  for (const folder of folders) {
    for (const file of ['package.json', 'tsconfig.json']) note(`${folder}/${file}`);
    walk(folder);
  }
  return hash.digest('hex');
}

async function build() {
  const folders = projectFolders();
  const stamp = path.join(root, 'node_modules/.qingfen-build');
  const built = () => fs.readFileSync(stamp, { encoding: 'utf8', flag: 'a+' });
  const isWhole = folders.every((folder) => fs.existsSync(path.join(root, folder, 'dist')));
  const wanted = fingerprint(folders);
  if (isWhole && built() === wanted) return;
  say('compiling TypeScript (half a minute the first time)');
  const status = await runTool('tsc -b', process.execPath, [
    'node_modules/typescript/bin/tsc',
    '-b',
  ]);
  if (status !== 0) {
    throw new Trouble('build', `tsc -b ended with status ${status}`, 'See what it says above.');
  }
  fs.writeFileSync(stamp, wanted);
}

/** One at a time: two starts in one clone must not install or compile over each other. */
async function alone(work) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const lock = path.join(os.tmpdir(), `qingfen-prepare-${process.getuid?.() ?? 0}-${id}`);
  for (let tries = 0; !take(lock); tries += 1) {
    if (tries % 150 === 0) say('another command of this clone is installing or compiling; waiting');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const give = () => fs.rmSync(lock, { force: true });
  process.once('exit', give);
  try {
    await work();
  } finally {
    give();
    process.off('exit', give);
  }
}

function take(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isHolderGone(lock)) fs.rmSync(lock, { force: true });
    return false;
  }
}

function isHolderGone(lock) {
  try {
    const text = fs.readFileSync(lock, 'utf8');
    if (text === '') return Date.now() - fs.statSync(lock).mtimeMs > 10_000;
    process.kill(Number(text), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/**
 * npm passes a signal to the shell that it put between itself and us, and that shell dies of it
 * without a word: when it is gone, take it for a SIGTERM.
 */
function followShellOfNpm() {
  const shell = process.ppid;
  if (process.env.npm_lifecycle_event === undefined || shell === 1) return;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}

async function main() {
  const program = programs[command];
  if (program === undefined) {
    process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(programs).join('|')}\n`);
    process.exit(2);
  }
  say(`qingfen ${command}: looking at packages and build`);
  requireNode();
  followShellOfNpm();
  await alone(async () => {
    await installModules();
    await build();
  });
  const file = path.join(root, program);
  if (!fs.existsSync(file)) {
    throw new Trouble(command, `${program} does not exist`, 'Use a complete clone.');
  }
  process.argv = [process.argv[0], file, ...rest];
  await import(pathToFileURL(file).href);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  const { part, message: reason, fix } = error;
  if (command === 'start')
    process.stdout.write(`QINGFEN FAILED ${JSON.stringify({ part, reason, fix })}\n`);
  else process.stderr.write(`${reason}. ${fix}\n`);
  process.exit(1);
}
