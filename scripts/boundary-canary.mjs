// Plants imports that the boundary rule must refuse, and fails unless it refuses every one: plain
// eslint passes over a real violation when it finds no project graph.
import { ESLint } from 'eslint';
import path from 'node:path';
import tseslint from 'typescript-eslint';

const root = path.resolve(import.meta.dirname, '..');
const planted = [
  { file: 'apps/order/src/index.ts', code: `import '@qingfen/payout';\n`, why: 'app → app' },
  {
    file: 'apps/order/src/index.ts',
    code: `import '@qingfen/alipay-transfers';\n`,
    why: 'money out',
  },
  {
    file: 'apps/settlement-calculator/src/index.ts',
    code: `import '@qingfen/alipay';\n`,
    why: 'scope',
  },
  {
    file: 'libs/core/plan/src/index.ts',
    code: `import '@qingfen/database';\n`,
    why: 'core → infra',
  },
  {
    file: 'apps/settlement-calculator/src/index.ts',
    code: `import '@qingfen/testing';\n`,
    why: 'app → testing',
  },
  { file: 'libs/money/src/index.ts', code: `import 'zod';\n`, why: 'kernel → package' },
  { file: 'libs/testing/src/index.ts', code: `import '@qingfen/payout';\n`, why: 'testing → app' },
];
// The rule reads imports, so the types of all that is ours need not be read for each of them.
const eslint = new ESLint({ cwd: root, overrideConfig: tseslint.configs.disableTypeChecked });
let missed = 0;
for (const { file, code, why } of planted) {
  const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
  const refused = result?.messages.some((m) => m.ruleId === '@nx/enforce-module-boundaries');
  if (refused) continue;
  missed += 1;
  console.error(`${file}: ${code.trim()} (${why}) was not refused`);
}
process.exitCode = missed === 0 ? 0 : 1;
