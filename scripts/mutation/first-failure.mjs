// Jest ends after the first spec file that noticed the mutant. Its own `bail` does not work for a
// program that calls it, so Stryker runs every file to the end; here most mutants are noticed by an
// example in the first files (quick-first.mjs), and the properties need not run for them.
import TestRunner from 'jest-runner';

export default class FirstFailure extends TestRunner {
  async runTests(tests, watcher, options) {
    let isNoticed = false;
    this.on('test-file-failure', () => {
      isNoticed = true;
    });
    this.on('test-file-success', ([, result]) => {
      isNoticed ||= result.numFailingTests > 0;
    });
    for (const test of tests) {
      if (isNoticed) return;
      await super.runTests([test], watcher, options);
    }
  }
}
