import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const services = [
  'order',
  'rules',
  'settlement-calculator',
  'payout',
  'reconciliation',
  'notification',
  'gateway',
];
const readsAlipay = ['payout'];

const scope = (name) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: [
    `scope:${name}`,
    'scope:shared',
    ...(readsAlipay.includes(name) ? ['scope:alipay'] : []),
  ],
  // One mover: the code that can move money is within reach of payout alone.
  ...(name === 'payout' ? {} : { notDependOnLibsWithTags: ['cap:money-out'] }),
});
const type = (name, mayUse, packages) => ({
  sourceTag: `type:${name}`,
  onlyDependOnLibsWithTags: mayUse.map((used) => `type:${used}`),
  ...(packages ? { allowedExternalImports: packages } : {}), // no list: any package
});

const pureTests = ['fast-check', '@jest/globals', 'big.js'];
const boundaries = {
  allow: [],
  banTransitiveDependencies: true,
  depConstraints: [
    type('kernel', ['kernel'], [...pureTests, 'temporal-polyfill']),
    type('contract', ['kernel', 'contract'], ['zod', 'fast-check', '@jest/globals']),
    type('core', ['kernel', 'core'], pureTests),
    type('infra', ['kernel', 'contract', 'infra']),
    type('adapter', ['kernel', 'infra', 'adapter']),
    type('app', ['kernel', 'contract', 'core', 'infra', 'adapter']),
    type('host', ['kernel', 'contract', 'core', 'infra', 'adapter', 'app']),
    type('sandbox', ['kernel']),
    { sourceTag: 'type:testing', notDependOnLibsWithTags: ['type:app', 'cap:money-out'] },
    { sourceTag: 'type:tool', notDependOnLibsWithTags: ['type:app', 'cap:money-out'] },
    { sourceTag: 'type:bench', notDependOnLibsWithTags: ['cap:money-out'] },
    { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
    { sourceTag: 'scope:alipay', onlyDependOnLibsWithTags: ['scope:alipay', 'scope:shared'] },
    { sourceTag: 'scope:sandbox', onlyDependOnLibsWithTags: ['scope:sandbox', 'scope:shared'] },
    ...services.map(scope),
  ],
};

const noClock = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Take the Clock port: now is a parameter.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Take the Clock port: now is a parameter.',
  },
];

/** Where real time is the point: the clock itself, and how long a token lives. */
const realTime = [
  'libs/clock/src/clock.ts',
  'apps/alipay-sandbox/src/clock.ts',
  'libs/security/src/service-tokens.ts',
  'libs/security/src/user-tokens.ts',
];

/** One program for all: a program for each project costs twice the time, and the memory too. */
const lintProject = { project: 'tsconfig.lint.json', tsconfigRootDir: import.meta.dirname };

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.mjs', '**/*.js', 'docs/**'] },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: lintProject },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70 }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'TSEnumDeclaration', message: 'A union of literals says the same.' },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.fixture.ts', 'apps/e2e/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 600 }], 'max-lines-per-function': 'off' },
  },
  {
    files: ['apps/*/src/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/config.ts', '**/*.spec.ts', '**/*.fixture.ts', 'libs/testing/**', 'apps/e2e/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'prom-client',
              importNames: ['register'],
              message: 'Each service has a registry of its own.',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'TSEnumDeclaration', message: 'A union of literals says the same.' },
        ...noClock,
      ],
    },
  },
  {
    files: ['libs/money/src/**/*.ts', 'libs/calendar/src/**/*.ts', 'libs/core/**/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.fixture.ts', '**/reference/**', '**/arbitraries.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*'] }],
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'fetch',
        'parseFloat',
        'console',
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'TSEnumDeclaration', message: 'A union of literals says the same.' },
        ...noClock,
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'A core decides the same twice.',
        },
      ],
    },
  },
  {
    // What the calculator computes is compared with the plain reference; its code never sees that.
    files: ['apps/settlement-calculator/src/**/*.{spec,fixture}.ts'],
    rules: {
      '@nx/enforce-module-boundaries': ['error', { ...boundaries, allow: ['@qingfen/testing'] }],
    },
  },
  {
    // The libs that speak to Alipay are proven against the sandbox; their code never knows it.
    files: ['libs/alipay*/src/**/*.{spec,fixture}.ts', 'apps/payout/src/**/*.spec.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { ...boundaries, allow: ['@qingfen/alipay-sandbox'] },
      ],
    },
  },
  {
    files: ['apps/**/*.service.ts', 'apps/**/*.store.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '@qingfen/alipay',
                '@qingfen/alipay-batch',
                '@qingfen/alipay-royalty',
                '@qingfen/alipay-transfers',
              ],
              message: 'Only a worker or a controller talks to Alipay, outside any transaction.',
            },
          ],
        },
      ],
    },
  },
  {
    files: realTime,
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'TSEnumDeclaration', message: 'A union of literals says the same.' },
      ],
    },
  },
];
