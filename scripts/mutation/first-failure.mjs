// Jest ends after the first spec file that noticed the mutant, and does not even load those in which no
// test reaches it. Its own `bail` does not work for a program that calls it, so Stryker runs every
// file to the end, and names the tests of a mutant by a pattern that each file is loaded to be asked by;
// here most mutants are noticed by an example in the first files (quick-first.mjs), and the properties
// need not run for them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import TestRunner from 'jest-runner';

export default class FirstFailure extends TestRunner {
  async runTests(tests, watcher, options) {
    const { rootDir, testNamePattern } = this._globalConfig;
    // In Stryker's copy of the clone, which all of its processes share and nothing outlives.
    const file = path.join(rootDir, 'names-of-tests.json');
    const names = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    let isNoticed = false;
    this.on('test-file-failure', () => {
      isNoticed = true;
    });
    this.on('test-file-success', ([test, result]) => {
      isNoticed ||= result.numFailingTests > 0;
      if (!testNamePattern) names[test.path] = result.testResults.map(({ fullName }) => fullName);
    });
    for (const test of reaching(tests, names, testNamePattern)) {
      if (isNoticed) return;
      await super.runTests([test], watcher, options);
    }
    if (!testNamePattern && !isNoticed) writeFileSync(file, JSON.stringify(names));
  }
}

/** Files with a test of that pattern; without one, and where it is not known, all of them. */
function reaching(tests, names, pattern) {
  if (!pattern) return tests;
  const wanted = new RegExp(pattern, 'i');
  return tests.filter(({ path: file }) => names[file]?.some((name) => wanted.test(name)) ?? true);
}
