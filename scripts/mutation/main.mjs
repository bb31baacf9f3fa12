// `npm run mutation`: changes the cores in thousands of small ways and sees whether their tests
// notice. Fails where a lib's score is below the least, and on a survivor that nobody explained.
import { execFileSync } from 'node:child_process';
import { sourceOf } from '../report-source.mjs';
import { judge } from './judge.mjs';
import { libs, root, SCORE_MIN } from './libs.mjs';
import { readListed, writePage, writeReport } from './page.mjs';
import { mutantsOf } from './run-stryker.mjs';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !libs.some((lib) => lib.name === name));
if (unknown.length > 0) {
  const known = libs.map(({ name }) => name).join('|');
  process.stderr.write(`unknown: ${unknown.join(', ')}; usage: npm run mutation [-- ${known} …]\n`);
  process.exit(2);
}

const say = (text) => process.stdout.write(`${text}\n`);

/** Prints what is wrong with one lib; true where nothing is. */
function tell({ lib, counts, unlisted, dead, seconds }) {
  const { mutants, killed, timeout, survived, ignored, broken, score } = counts;
  for (const { file, line, status, mutator, before, after } of unlisted) {
    say(`${file}:${line} ${status} ${mutator}, not explained:`);
    say(`  ${JSON.stringify({ file, before, after, reason: '' })}`);
  }
  for (const { file, before, after } of dead) {
    say(`${file}: explained, and no survivor any more: ${before} → ${after}`);
  }
  say(
    `${lib.folder}: ${score.toFixed(1)} % of ${mutants} mutants noticed (${killed} killed, ` +
      `${timeout} timed out), ${survived} survived, ${unlisted.length} of them not explained; ` +
      `${ignored} left out, ${broken} broken; ${seconds} s`,
  );
  return score >= SCORE_MIN && unlisted.length === 0 && dead.length === 0;
}

function hasChanges(paths) {
  const status = ['status', '--porcelain', '--', ...paths];
  return execFileSync('git', status, { cwd: root, encoding: 'utf8' }).trim() !== '';
}

async function main() {
  const at = new Date().toISOString();
  const paths = [...libs.map(({ folder }) => folder), 'package-lock.json'];
  // Before the run: a commit made meanwhile is not what was run.
  const source = sourceOf(paths);
  const isQuick = names.length > 0;
  const isReported = !isQuick && !hasChanges([...paths, 'scripts/mutation', 'jest.preset.js']);
  const judged = [];
  for (const lib of libs.filter(({ name }) => !isQuick || names.includes(name))) {
    say(`${lib.folder}: mutating`);
    const { mutants, seconds } = await mutantsOf(lib, { isQuick });
    judged.push({ lib, seconds, ...judge(lib, mutants, readListed()) });
  }
  const passed = judged.map(tell).every(Boolean);
  if (isReported) {
    await writePage(judged);
    writeReport(at, passed, source, judged);
  } else if (!isQuick) say('no report: there are changes that are not committed');
  process.exitCode = passed ? 0 : 1;
}

await main();
