// `npm run mutation`: changes the cores in thousands of small ways and sees whether their tests
// notice. Fails where a lib's score is below the least, and on a survivor that nobody explained.
import { execFileSync } from 'node:child_process';
import { sourceOf } from '../report-source.mjs';
import { judge } from './judge.mjs';
import { libs, root, SCORE_MIN } from './libs.mjs';
import { readListed, writePage, writeReport } from './page.mjs';
import { mutantsOf } from './run-stryker.mjs';

/** Libs, or single files of them: `settlement`, `settlement/chain.ts`. */
const wanted = process.argv.slice(2).map((word) => {
  const [name, file] = word.split('/');
  const lib = libs.find((one) => one.name === name);
  if (lib === undefined) {
    const known = libs.map((one) => one.name).join('|');
    process.stderr.write(`unknown: ${word}; usage: npm run mutation [-- ${known}[/file.ts] …]\n`);
    process.exit(2);
  }
  return { lib, file };
});

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

/** The explained survivors of a lib, or of some of its files. */
function listedOf(lib, files) {
  const isOf = (file) => files.length === 0 || files.includes(file.slice(lib.folder.length + 5));
  return readListed().filter(({ file }) => file.startsWith(`${lib.folder}/`) && isOf(file));
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
  const isQuick = wanted.length > 0;
  const isReported = !isQuick && !hasChanges([...paths, 'scripts/mutation', 'jest.preset.js']);
  const judged = [];
  for (const lib of libs) {
    const asked = wanted.filter((one) => one.lib === lib).map(({ file }) => file);
    if (isQuick && asked.length === 0) continue;
    say(`${lib.folder}: mutating`);
    const files = asked.includes(undefined) ? [] : asked;
    const { mutants, seconds } = await mutantsOf(lib, { isQuick, files });
    judged.push({ lib, seconds, ...judge(mutants, listedOf(lib, files)) });
  }
  const passed = judged.map(tell).every(Boolean);
  if (isReported) {
    await writePage(judged);
    writeReport(at, passed, source, judged);
  } else if (!isQuick) say('no report: there are changes that are not committed');
  process.exitCode = passed ? 0 : 1;
}

await main();
