// The libs whose tests are proven by mutation, and what each one's results depend on.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..', '..');

/** Least share of a lib's mutants that its own tests must notice. */
export const SCORE_MIN = 90;

/** Each lib is judged by its own specs alone; `uses` are the libs that its code is built on. */
export const libs = [
  { name: 'money', folder: 'libs/money', uses: [] },
  { name: 'calendar', folder: 'libs/calendar', uses: ['money'] },
  { name: 'plan', folder: 'libs/core/plan', uses: ['money', 'calendar'] },
  { name: 'settlement', folder: 'libs/core/settlement', uses: ['money', 'calendar', 'plan'] },
];

/** What runs the tests, and with it a part of every result. */
const tools = [
  'jest.preset.js',
  'jest.unit.config.js',
  ...['run-stryker', 'ignored', 'seed', 'quick-first', 'first-failure'].map(
    (name) => `scripts/mutation/${name}.mjs`,
  ),
];

/** A hash of all that a lib's results follow from: the same hash, the same results. */
export const fingerprintOf = (lib) => hashOf(lib, () => true);

/** The same without its specs and what only they use: of what a mutant is, and how it is tried. */
export const fingerprintOfCode = (lib) => hashOf(lib, isSource);

// The tests of what a lib is built on are not run.
const isSource = (file) => !/\.(spec|fixture)\.ts$/.test(file);

function hashOf(lib, isOf) {
  const used = libs.filter(({ name }) => lib.uses.includes(name)).map(({ folder }) => folder);
  const hash = createHash('sha256');
  const note = (file) => {
    hash
      .update(`${file}\n`)
      .update(readFileSync(path.join(root, file)))
      .update('\n');
  };
  hash.update(packages());
  tools.forEach(note);
  filesUnder(`${lib.folder}/src`).filter(isOf).forEach(note);
  for (const folder of used) filesUnder(`${folder}/src`).filter(isSource).forEach(note);
  return hash.digest('hex');
}

/** What npm installs, by version; which of our own parts use each other is in the sources. */
function packages() {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const installed = Object.entries(lock.packages).filter(
    ([place, { link }]) => place.startsWith('node_modules/') && link !== true,
  );
  return JSON.stringify(installed);
}

function filesUnder(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}
