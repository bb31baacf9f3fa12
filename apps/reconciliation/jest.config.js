import preset from '../../jest.preset.js';

export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: ['**/src/**/*.spec.ts'],
  testPathIgnorePatterns: ['\\.store\\.spec\\.ts$', '\\.kafka\\.spec\\.ts$'],
};
