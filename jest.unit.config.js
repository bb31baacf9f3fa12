import preset from './jest.preset.js';

export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/{apps,libs,tools}/**/src/**/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    '\\.store\\.spec\\.ts$',
    '\\.kafka\\.spec\\.ts$',
  ],
  // Time proves nothing here: a busy machine is no failure.
  testTimeout: 60_000,
};
