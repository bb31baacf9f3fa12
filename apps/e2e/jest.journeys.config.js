import preset from '../../jest.preset.js';

// One system serves all journeys: they share its clock, so they take turns.
export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: ['**/journeys/**/*.e2e.ts'],
  globalSetup: '<rootDir>/jest.journeys.setup.js',
  globalTeardown: '<rootDir>/jest.journeys.teardown.js',
  maxWorkers: 1,
  testTimeout: 180_000,
};
