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
};
