// Writes the two pages: docs/mutation.md, survivor by survivor, and the dated report.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { root, SCORE_MIN } from './libs.mjs';

const listFile = path.join(root, 'docs', 'mutation-survivors.json');
const pageFile = path.join(root, 'docs', 'mutation.md');
const begin = '<!-- survivors: written by npm run mutation -->';

/** The survivors that are explained: {file, before, after, reason}. */
export function readListed() {
  return existsSync(listFile) ? JSON.parse(readFileSync(listFile, 'utf8')) : [];
}

/** Writes everything below the mark anew, with the lines on which the mutants stand now. */
export async function writePage(judged) {
  const [head] = readFileSync(pageFile, 'utf8').split(begin);
  const body = judged.flatMap(({ lib, explained }) => [
    `\n### ${lib.folder}\n`,
    ...(explained.length === 0 ? ['None.'] : explained.map(survivorLine)),
  ]);
  const text = `${head}${begin}\n${body.join('\n')}\n`;
  const settings = await prettier.resolveConfig(pageFile);
  writeFileSync(pageFile, await prettier.format(text, { ...settings, filepath: pageFile }));
}

function survivorLine({ file, line, before, after, reason }) {
  const cut = shortened(before, after);
  return `- \`${file}:${line}\`: ${code(cut.before)} → ${code(cut.after)}. ${reason}`;
}

/** Of a long stretch of code the beginning up to the change, and some of what follows. */
function shortened(before, after) {
  if (before.length <= 120 && after.length <= 120) return { before, after };
  let same = 0;
  while (before[same] === after[same] && same < after.length) same += 1;
  const from = Math.max(0, same - 50);
  const cut = (text) =>
    `${from > 0 ? '…' : ''}${text.slice(from, from + 110)}${text.length > from + 110 ? '…' : ''}`;
  return { before: cut(before), after: cut(after) };
}

/** Code may hold backticks itself. */
const code = (text) => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

const row = (cells) => `| ${cells.join(' | ')} |`;

export function writeReport(at, passed, source, judged) {
  const folder = path.join(root, 'docs', 'reports');
  const libs = judged.map(({ lib, seconds, counts }) => ({
    folder: lib.folder,
    seconds,
    ...counts,
  }));
  const document = { at, passed, source, scoreMin: SCORE_MIN, libs };
  writeFileSync(path.join(folder, 'mutation.json'), `${JSON.stringify(document, null, 2)}\n`);
  const page = [
    '# Mutation\n',
    `Run of ${at}: ${passed ? 'passed' : 'failed'}. Sources: \`${JSON.stringify(source)}\`.\n`,
    `Wanted: a score of ${SCORE_MIN} % for each lib, and each survivor explained in [mutation.md](../mutation.md).\n`,
    row(['lib', 'mutants', 'killed', 'timed out', 'survived', 'left out', 'broken', 'score', 's']),
    row(Array(9).fill('---')),
    ...libs.map((one) =>
      row([
        one.folder,
        one.mutants,
        one.killed,
        one.timeout,
        one.survived,
        one.ignored,
        one.broken,
        `${one.score.toFixed(1)} %`,
        one.seconds,
      ]),
    ),
  ];
  writeFileSync(path.join(folder, 'mutation.md'), `${page.join('\n')}\n`);
}
