// The longer runs have commands of their own and leave reports; this checks that each is there and
// passed, and says how far the sources it is about have moved since.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commitsSince, sourceOf } from './report-source.mjs';

const root = path.resolve(import.meta.dirname, '..');

/** Each report is JSON with {at, passed, source: {commit, hash, paths}}; by its name, the command that leaves it. */
const commands = {
  faults: 'npm run faults',
  'faulty-month': 'npm run e2e:faulty-month',
  controls: 'npm run controls',
  'five-plans': 'npm run e2e:five-plans',
  'half-year': 'npm run e2e:half-year',
  reconciled: 'npm run e2e:half-year -- --pass reconciled',
  model: 'npm run model',
  mutation: 'npm run mutation',
};
const reports = [
  // A figure that is missed is told, not hidden behind a red test: `bench -- --check` is the one that fails.
  { name: 'bench', folder: 'bench/results', command: 'npm run bench', isMeasure: true },
  ...Object.entries(commands).map(([name, command]) => {
    return { name, folder: 'docs/reports', prefix: name, command };
  }),
];

function newest({ folder, prefix = '' }) {
  const directory = path.join(root, folder);
  if (!existsSync(directory)) return null;
  const files = readdirSync(directory)
    .filter((file) => file.startsWith(prefix) && file.endsWith('.json'))
    .map((file) => ({ file, report: JSON.parse(readFileSync(path.join(directory, file), 'utf8')) }))
    .sort((a, b) => String(a.report.at).localeCompare(String(b.report.at)));
  return files.at(-1) ?? null;
}

let problems = 0;
for (const wanted of reports) {
  const found = newest(wanted);
  if (found === null) {
    problems += 1;
    console.error(`${wanted.name}: no report; ${wanted.command} leaves one in ${wanted.folder}`);
    continue;
  }
  const { at, passed, source } = found.report;
  if (passed !== true && wanted.isMeasure !== true) {
    problems += 1;
    console.error(`${wanted.name}: ${found.file} of ${at} did not pass`);
  }
  for (const { id, unit, ratios, limits = {} } of found.report.results ?? []) {
    for (const [against, { median, must, ok }] of Object.entries(ratios)) {
      if (ok !== false) continue;
      console.log(
        `${wanted.name}: ${id} is ${median.toFixed(2)}× ${against}, and should be ${must}×`,
      );
    }
    for (const [name, { median, must, ok }] of Object.entries(limits)) {
      if (ok !== false) continue;
      console.log(`${wanted.name}: ${id}, ${name}: ${median} ${unit}, and should be ${must}`);
    }
  }
  const same = sourceOf(source.paths).hash === source.hash;
  const since = commitsSince(source.commit, source.paths);
  const moved = same ? 'sources unchanged' : `sources moved on by ${since ?? 'unknown'} commits`;
  console.log(`${wanted.name}: ${found.file}, ${at}, ${moved}`);
}
process.exitCode = problems === 0 ? 0 : 1;
