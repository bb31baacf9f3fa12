// House rules that no linter knows, each with the reason why it is one.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
const problems = [];

const drawers = /(^|\/)(utils?|common|helpers?|shared|misc)(\/|\.[jt]s|$)/;
for (const file of tracked) {
  if (drawers.test(file)) problems.push(`${file}: a folder or file is named for what it knows`);
}
for (const file of tracked.filter((name) => /\.(ts|mjs|js|md|json|yaml|yml|xml)$/.test(name))) {
  if (file === 'package-lock.json' || file === 'scripts/tidy.mjs') continue;
  const text = readFileSync(path.join(root, file), 'utf8');
  if (/\b(FIXME|TODO)\b/.test(text)) problems.push(`${file}: work is done or filed, not marked`);
  if (
    /\b(it|test|describe)\.(only|skip|todo)\b|\bx(it|describe)\(/.test(text) &&
    file.endsWith('.ts')
  ) {
    problems.push(`${file}: a test runs or is not there`);
  }
  if (/\bhttps?:\/\/(registry|repo\d?|npm)\.[a-z]/.test(text)) {
    problems.push(`${file}: no registry is named in a file`);
  }
}
const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
for (const [name, { resolved }] of Object.entries(lock.packages)) {
  if (typeof resolved === 'string' && /^https?:/.test(resolved)) {
    problems.push(`package-lock.json: ${name} names a registry`);
  }
}
// Whoever is woken by an alert finds out what to do: every class that is raised has its page.
for (const file of tracked.filter(
  (name) => /^(apps|libs)\/.*\.ts$/.test(name) && !/\.spec\.|fixture/.test(name),
)) {
  const text = readFileSync(path.join(root, file), 'utf8');
  for (const [, name] of text.matchAll(/^\s+class: '([a-z][a-z-]+)'/gm)) {
    if (name !== 'text' && !existsSync(path.join(root, 'docs/runbooks', `${name}.md`))) {
      problems.push(`${file}: the alert ${name} has no docs/runbooks/${name}.md`);
    }
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
