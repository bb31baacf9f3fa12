import preset from '../../jest.preset.js';

// FAULTS=all kills every part at every moment, and more; what `npm test` runs is a slice.
const isAll = process.env.FAULTS === 'all';
const slice = ['**/faults/kill-nine.fault.ts', '**/faults/replicas.fault.ts'];

export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: isAll ? ['**/faults/**/*.fault.ts'] : slice,
  maxWorkers: 1,
  testTimeout: 300_000,
};
