import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startKafka, startPostgres } from '@qingfen/local';

import { type Control, controls } from '../src/controls/controls.js';
import { toolVariables } from '../src/config.js';
import { say } from '../src/half-year/outcome.js';
import { sourceNow, writeReport } from '../src/report-files.js';

const usage = `npm run controls [-- options]: builds that are broken on purpose, each of which a spec must notice
  --only <text>   those whose name or oracle contains it, and no report
  --no-report     leave docs/reports as it is`;

/** Real time after which a broken build that hangs has been noticed by nobody. */
const runMsMax = 600_000;
/** What specs need of a build: the programs that they start. */
const builtParts = ['apps/alipay-sandbox/dist'];

/** What came of one set of specs. */
interface Run {
  readonly failed: readonly string[];
  readonly passed: number;
  readonly seconds: number;
}

/** What came of one broken build. */
interface Verdict extends Omit<Run, 'passed'> {
  readonly name: string;
  readonly oracle: string;
  readonly specs: string;
  readonly isCaught: boolean;
}

/** A copy of the sources in which files are broken and mended again; what it does not need it shares. */
class Copy {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'qingfen-controls-'));

  constructor(
    private readonly clone: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: clone, encoding: 'utf8' });
    for (const file of files.split('\0').filter((name) => name !== '')) {
      if (!existsSync(path.join(clone, file))) continue;
      mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
      cpSync(path.join(clone, file), path.join(this.folder, file));
    }
    for (const shared of ['node_modules', ...builtParts]) {
      symlinkSync(path.join(clone, shared), path.join(this.folder, shared));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs specs over a broken file, and mends it again. */
  async broken({ file, from, to, specs }: Control): Promise<Run> {
    const place = path.join(this.folder, file);
    const text = readFileSync(place, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} is not what this control breaks`);
    writeFileSync(
      place,
      text.replace(from, () => to),
    );
    try {
      return await this.run(specs);
    } finally {
      writeFileSync(place, text);
    }
  }

  async run(specs: string): Promise<Run> {
    const startedMs = performance.now();
    const outputFile = path.join(this.folder, 'outcome.json');
    rmSync(outputFile, { force: true });
    const isOfServers = /\.(store|kafka)\.spec$/.test(specs);
    const config = isOfServers ? 'jest.servers.config.js' : 'jest.unit.config.js';
    const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    args.push('node_modules/jest/bin/jest.js', '-c', config, '--maxWorkers=1', '--silent');
    args.push('--json', `--outputFile=${outputFile}`, specs);
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: { ...toolVariables(), ...this.env, TZ: 'Asia/Shanghai' },
      stdio: 'ignore',
      timeout: runMsMax,
    });
    await new Promise((resolve) => child.once('close', resolve));
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    if (!existsSync(outputFile)) return { failed: ['the runner did not end'], passed: 0, seconds };
    const outcome: JestOutcome = JSON.parse(readFileSync(outputFile, 'utf8'));
    const tests = outcome.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = tests.filter(({ status }) => status === 'failed').map(({ title }) => title);
    return { failed, passed: outcome.numPassedTests, seconds };
  }
}

interface JestOutcome {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, 'no-report': { type: 'boolean', default: false } },
  });
  const { only } = values;
  const chosen = controls.filter(
    ({ name, oracle }) => only === undefined || name.includes(only) || oracle === only,
  );
  if (chosen.length === 0) throw new Error(`--only ${only}: there is no such control`);
  const source = sourceNow(['apps', 'libs']);
  const clone = execFileSync('git', ['rev-parse', '--show-toplevel'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  }).trim();
  const directory = mkdtempSync(path.join(tmpdir(), 'qingfen-controls-servers-'));
  const servers = await Promise.all([
    startPostgres({ directory: path.join(directory, 'postgres') }),
    startKafka({ directory: path.join(directory, 'kafka') }),
  ]);
  const [postgres, kafka] = servers;
  const copy = new Copy(clone, {
    TEST_DATABASE_URL: postgres.address,
    TEST_KAFKA_BROKERS: kafka.address,
  });
  const end = (): void => {
    copy.remove();
    void Promise.all(servers.map((server) => server.stop())).finally(() => process.exit(130));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const { verdicts, unbroken } = await judgeAll(copy, chosen);
    const isPassed = unbroken.length === 0 && verdicts.every(({ isCaught }) => isCaught);
    if (only === undefined && !values['no-report']) {
      say(`report: ${writeReport('controls', reportOf(isPassed, source, verdicts))}`);
    }
    say(isPassed ? 'every broken build was noticed' : 'NOT every broken build was noticed');
    if (!isPassed) process.exitCode = 1;
  } finally {
    copy.remove();
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** First that the specs pass as things are: a spec that fails anyway notices nothing. */
async function judgeAll(
  copy: Copy,
  chosen: readonly Control[],
): Promise<{ readonly verdicts: readonly Verdict[]; readonly unbroken: readonly string[] }> {
  const unbroken: string[] = [];
  for (const specs of new Set(chosen.map((control) => control.specs))) {
    const { failed, passed, seconds } = await copy.run(specs);
    const isGood = failed.length === 0 && passed > 0;
    say(`${isGood ? 'passes ' : 'FAILS  '} unbroken: ${specs} (${seconds} s)`);
    if (!isGood) unbroken.push(specs);
  }
  const verdicts: Verdict[] = [];
  for (const control of chosen) {
    const { failed, seconds } = await copy.broken(control);
    const isCaught = failed.some((title) => control.caughtBy.test(title));
    const { name, oracle, specs } = control;
    say(`${isCaught ? 'noticed' : 'MISSED '} ${oracle}: ${name} (${seconds} s)`);
    if (!isCaught) say(`  failed: ${failed.length === 0 ? 'nothing' : failed.join(' | ')}`);
    verdicts.push({ name, oracle, specs, isCaught, failed, seconds });
  }
  return { verdicts, unbroken };
}

function reportOf(
  passed: boolean,
  source: unknown,
  verdicts: readonly Verdict[],
): { readonly document: object; readonly page: string } {
  const at = new Date().toISOString();
  const page = [
    '# Broken builds',
    '',
    `${at}: ${passed ? 'passed' : 'NOT passed'}. Written by \`npm run controls\`.`,
    '',
    'Each of these is a copy of the sources that is broken on purpose in one place; the specs named must',
    'fail over it, and pass over what is not broken.',
    '',
    '| oracle | what is broken | specs | noticed by | s |',
    '| --- | --- | --- | --- | ---: |',
    ...verdicts.map(
      ({ oracle, name, specs, isCaught, failed, seconds }) =>
        `| ${oracle} | ${name} | \`${specs}\` | ` +
        `${isCaught ? `${failed.length} tests: ${failed[0]?.replaceAll('|', '/')}` : 'NOBODY'} | ${seconds} |`,
    ),
    '',
  ];
  return { document: { at, passed, source, controls: verdicts }, page: page.join('\n') };
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${said}\n${usage}\n`);
  process.exitCode = 1;
}
