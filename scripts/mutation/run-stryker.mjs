// Runs Stryker on one lib: its sources mutated one by one, its own specs against each mutant.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { fingerprintOf, fingerprintOfCode, root } from './libs.mjs';

const kept = path.join(root, 'tmp', 'mutation');

/**
 * Every mutant of a lib with what became of it. Results of the very same sources, specs and tools
 * are taken again. Where only specs have changed since, a mutant that a test noticed is taken as
 * noticed as long as that test's file is the same; the others are tried again. `isQuick` reuses
 * older results wherever Stryker thinks that nothing changed, which is right for working on tests
 * and not for a report.
 */
export async function mutantsOf(lib, { isQuick = false, files = [] } = {}) {
  mkdirSync(kept, { recursive: true });
  const stored = path.join(kept, `${lib.name}.json`);
  const [fingerprint, code] = [fingerprintOf(lib), fingerprintOfCode(lib)];
  const known = existsSync(stored) ? JSON.parse(readFileSync(stored, 'utf8')) : undefined;
  if (!isQuick && known?.fingerprint === fingerprint) return known;
  const startedAt = performance.now();
  const report = await runStryker(lib, { isAnew: !isQuick && known?.code !== code, files });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const result = {
    fingerprint,
    code,
    seconds,
    mutants: mutantsIn(
      report.files,
      files.map((file) => `${lib.folder}/src/${file}`),
    ),
  };
  forgetSurvivors(incrementalOf(lib));
  if (!isQuick) writeFileSync(stored, JSON.stringify(result));
  return result;
}

/** Stryker's own report. The mutated copy lies outside of the clone, where nothing takes it for a part. */
async function runStryker(lib, how) {
  const scratch = mkdtempSync(path.join(tmpdir(), `qingfen-mutation-${lib.name}-`));
  const clean = () => rmSync(scratch, { recursive: true, force: true });
  // Stryker ends the process itself when a signal comes.
  process.once('exit', clean);
  try {
    await new Stryker(optionsFor(lib, scratch, how)).runMutationTest();
    return JSON.parse(readFileSync(path.join(scratch, 'report.json'), 'utf8'));
  } finally {
    clean();
    process.off('exit', clean);
  }
}

function optionsFor(lib, scratch, { isAnew, files }) {
  return {
    packageManager: 'npm',
    testRunner: 'jest',
    plugins: [
      '@stryker-mutator/jest-runner',
      path.join(root, 'scripts', 'mutation', 'ignored.mjs'),
    ],
    ignorers: ['words-and-never'],
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    mutate: mutated(lib, files),
    jest: {
      configFile: 'jest.unit.config.js',
      enableFindRelatedTests: false,
      config: {
        roots: [`<rootDir>/${lib.folder}/src`],
        testMatch: [`<rootDir>/${lib.folder}/src/**/*.spec.ts`],
        setupFiles: ['<rootDir>/scripts/mutation/seed.mjs'],
        testSequencer: '<rootDir>/scripts/mutation/quick-first.mjs',
        runner: '<rootDir>/scripts/mutation/first-failure.mjs',
      },
    },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    // Jest keeps modules of ES for ever: a process that has tried hundreds of mutants is ten times slower.
    maxTestRunnerReuse: 60,
    // Generous, so that a busy machine is no killer: what times out has looped for ever.
    timeoutMS: 20_000,
    timeoutFactor: 4,
    incremental: true,
    force: isAnew,
    incrementalFile: incrementalOf(lib),
    tempDirName: path.join(scratch, 'copy'),
    // The jest preset reads the manifest of every project; nothing else of the others is needed.
    ignorePatterns: [
      '/tmp',
      '/bench',
      'dist',
      'coverage',
      '/apps/*/*',
      '!/apps/*/package.json',
      '/tools/*/*',
      '!/tools/*/package.json',
    ],
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: path.join(scratch, 'report.json') },
    // Static mutants are few and cost what they cost: they are tested too.
    warnings: { slow: false },
    allowConsoleColors: false,
    logLevel: 'warn',
  };
}

/** All sources of a lib that are no tests, or some of them. */
function mutated({ folder }, files) {
  if (files.length > 0) return files.map((file) => `${folder}/src/${file}`);
  const tests = ['index', 'arbitraries', '*.spec', '*.fixture'].map(
    (name) => `!${folder}/src/${name}.ts`,
  );
  return [`${folder}/src/*.ts`, ...tests];
}

const incrementalOf = (lib) => path.join(kept, `${lib.name}.incremental.json`);

/** What survived is tried again next time: Stryker does not see that a test for it is new. */
function forgetSurvivors(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const each of Object.values(report.files)) {
    each.mutants = each.mutants.filter(({ status }) => !/^(Survived|NoCoverage)$/.test(status));
  }
  writeFileSync(file, JSON.stringify(report));
}

function mutantsIn(files, only) {
  const asked = Object.entries(files).filter(([file]) => only.length === 0 || only.includes(file));
  return asked.flatMap(([file, { source, mutants }]) =>
    mutants.map(({ status, statusReason, location, mutatorName, replacement }) => ({
      file,
      line: location.start.line,
      status,
      reason: statusReason,
      mutator: mutatorName,
      ...change(source, location, replacement ?? ''),
    })),
  );
}

/** The lines that a mutation touches, before and after: what names a mutant, wherever it moves to. */
function change(source, { start, end }, replacement) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const head = lines[0].slice(0, start.column - 1);
  const tail = lines.at(-1).slice(end.column - 1);
  return { before: flat(lines.join('\n')), after: flat(head + replacement + tail) };
}

function flat(code) {
  return code.replace(/\s+/g, ' ').trim();
}
