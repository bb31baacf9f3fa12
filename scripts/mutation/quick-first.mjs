// Order of spec files: those without properties first, small ones first. A mutant is done with after
// the first file that notices it, and most are noticed by an example.
import { readFileSync } from 'node:fs';

function weightOf(file) {
  const text = readFileSync(file, 'utf8');
  return text.length + (text.includes('fc.assert(') ? 1e9 : 0);
}

export default class QuickFirst {
  sort(tests) {
    return [...tests].sort((a, b) => weightOf(a.path) - weightOf(b.path));
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
