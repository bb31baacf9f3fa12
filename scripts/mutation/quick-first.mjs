// Order of spec files: examples before properties, small ones first. A mutant is done with at the
// first test that notices it, and most are noticed by an example.
import { statSync } from 'node:fs';

const isSlow = (file) => /\.prop\.spec\.ts$/.test(file);

export default class QuickFirst {
  sort(tests) {
    const weight = ({ path }) => statSync(path).size + (isSlow(path) ? 1e9 : 0);
    return [...tests].sort((a, b) => weight(a) - weight(b));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // Times of runs on mutants say nothing about the next one.
  }
}
