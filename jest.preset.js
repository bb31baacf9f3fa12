import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = import.meta.dirname;

/** Sources instead of builds: a test never runs yesterday's `dist`. */
function projectSources() {
  const { references } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'));
  const mapper = {};
  for (const { path: folder } of references) {
    const { name } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
    mapper[`^${name}$`] = path.join(root, folder, 'src/index.ts');
  }
  return mapper;
}

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', ...projectSources() },
  modulePathIgnorePatterns: ['/dist/'],
};
