// What the tests are called. Plain Node: it must run without node_modules.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const testFile = /\.(spec|e2e|fault|month|contract)\.ts$/;
// A title begins behind it(, test( or describe(, or behind their .each(table)( .
const title = /\b(?:it|test|describe)(?:\.each)?\s*\(\s*(['"`])(.*?)\1/gs;
const eachTitle = /\)\s*\(\s*(['"`])((?:R-[A-Z]{3}-\d+).*?)\1/gs;
const tableTitle = /^\s*\[?\s*(['"])((?:R-[A-Z]{3}-\d+)\s.*?)\1/gm;

function testFiles() {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'apps', 'libs', 'tools'],
    { cwd: root, encoding: 'utf8' },
  );
  return [...new Set(listed.split('\n'))]
    .filter((file) => testFile.test(file) && existsSync(path.join(root, file)))
    .sort();
}

/** Every test file, and the titles in it as they stand in the source. */
export function testTitles() {
  return testFiles().map((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    const titles = [title, eachTitle, tableTitle].flatMap((shape) =>
      [...text.matchAll(shape)].map((match) => match[2]),
    );
    return { file, titles };
  });
}
