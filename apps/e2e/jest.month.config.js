import preset from '../../jest.preset.js';

// One month of the half year with everything that can happen to it, on a system of its own.
export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: ['**/half-year/**/*.month.ts'],
  maxWorkers: 1,
  testTimeout: 1_200_000,
};
