import preset from '../../jest.preset.js';

// FAULTS=all kills every part at every moment and writes docs/reports; the default is a slice.
export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: ['**/faults/**/*.fault.ts'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
