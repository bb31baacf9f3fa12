// Writes the last column of docs/lessons.md: the tests whose titles name a lesson. `--check` compares
// instead, and finds lessons that nothing proves or no row tells. Plain Node: no node_modules.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { testTitles } from './test-titles.mjs';

const root = path.dirname(import.meta.dirname);
const target = path.join(root, 'docs', 'lessons.md');
const numbersMax = 45;
const peers = ['CRMEB PHP', 'CRMEB Java', 'yudao', 'lilishop', 'Jeepay', 'Dub', 'Gumroad'];
const all = [...peers, ...Array.from({ length: numbersMax }, (_, index) => String(index + 1))];

const byNumber = /\blessons? (\d+(?:, \d+)*)/g;
const byPeer = new RegExp(`\\blesson of (${peers.join('|')})`, 'g');
const row = /^\| (\d+|[A-Z][A-Za-z ]*|yudao|lilishop) \| (.*) \|$/;

function lessonsIn(title) {
  const numbers = [...title.matchAll(byNumber)].flatMap(([, list]) => list.split(', '));
  return [...numbers, ...[...title.matchAll(byPeer)].map(([, name]) => name)];
}

/** Tests by the lesson that their titles name, as links. */
function proofs() {
  const found = new Map();
  for (const { file, titles } of testTitles()) {
    for (const title of new Set(titles)) {
      for (const lesson of lessonsIn(title)) {
        const link = `[${title.replaceAll('|', '\\|')}](../${file})`;
        found.set(lesson, [...(found.get(lesson) ?? []), link]);
      }
    }
  }
  return found;
}

const problems = [];
const found = proofs();
const seen = new Set();
const text = readFileSync(target, 'utf8');
const wanted = text
  .split('\n')
  .map((line) => {
    const [, lesson, rest] = row.exec(line) ?? [];
    if (lesson === undefined) return line;
    if (seen.has(lesson)) problems.push(`lesson ${lesson} has two rows`);
    seen.add(lesson);
    const cells = rest.split(/(?<!\\) \| /);
    const links = found.get(lesson) ?? [];
    // Three cells more have their tests; two tell why there are none yet.
    if (cells.length === 3) {
      if (links.length === 0) problems.push(`lesson ${lesson} is named by no test`);
      return `| ${[lesson, ...cells.slice(0, 2), links.join('<br>')].join(' | ')} |`;
    }
    if (links.length > 0) problems.push(`lesson ${lesson} has tests by now: ${links[0]}`);
    return line;
  })
  .join('\n');
for (const lesson of all) if (!seen.has(lesson)) problems.push(`lesson ${lesson} has no row`);
for (const lesson of found.keys()) {
  if (!all.includes(lesson)) problems.push(`a test names lesson ${lesson}, which is none`);
}

if (process.argv.includes('--check')) {
  if (wanted !== text) problems.push('docs/lessons.md is not up to date: node scripts/lessons.mjs');
} else writeFileSync(target, wanted);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
