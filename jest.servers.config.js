import preset from './jest.preset.js';

/** Specs that need a real PostgreSQL or a real Kafka; scripts/test.mjs starts both for them. */
export default {
  ...preset,
  rootDir: import.meta.dirname,
  globalSetup: '<rootDir>/jest.servers.setup.js',
  globalTeardown: '<rootDir>/jest.servers.teardown.js',
  testMatch: [
    '<rootDir>/{apps,libs,tools}/**/src/**/*.store.spec.ts',
    '<rootDir>/{apps,libs,tools}/**/src/**/*.kafka.spec.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 60_000,
};
