import preset from '../../jest.preset.js';

// FAULTS=all kills every part at every moment, and more; what `npm test` runs is a slice.
const isAll = process.env.FAULTS === 'all';

export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: [isAll ? '**/faults/**/*.fault.ts' : '**/faults/kill-nine.fault.ts'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
