import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import type { MeasureResult, Spread } from './measure.js';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = 'bench/results';
const aboutPaths = ['libs', 'apps', 'tools/bench', 'tools/local'];

/** A whole run as it is kept. */
export interface Report {
  readonly at: string;
  /** Whether every `must` is met. */
  readonly passed: boolean;
  readonly machine: string;
  readonly seed: number;
  readonly source: unknown;
  readonly results: readonly MeasureResult[];
}

export function makeReport(at: Date, seed: number, results: readonly MeasureResult[]): Report {
  const script = path.join(root, 'scripts/report-source.mjs');
  const source: unknown = JSON.parse(
    execFileSync(process.execPath, [script, ...aboutPaths], { cwd: root, encoding: 'utf8' }),
  );
  return {
    at: at.toISOString(),
    passed: results.every(({ ratios, limits = {} }) => {
      return [...Object.values(ratios), ...Object.values(limits)].every(({ ok }) => ok);
    }),
    machine:
      `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ` +
      `${Math.round(totalmem() / 2 ** 30)} GB, Node.js ${process.versions.node}`,
    seed,
    source,
    results,
  };
}

/** Writes a report under its instant. @returns the file, relative to the clone. */
export function writeReport(report: Report): string {
  mkdirSync(path.join(root, folder), { recursive: true });
  const file = `${folder}/${report.at.replaceAll(':', '-').replace(/\.\d+/, '')}.json`;
  writeFileSync(path.join(root, file), `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

/** The last report that is committed, or null where none is. */
export function lastCommitted(): { readonly file: string; readonly report: Report } | null {
  if (!existsSync(path.join(root, folder))) return null;
  const listed = execFileSync('git', ['ls-files', '--', folder], { cwd: root, encoding: 'utf8' });
  const committed = new Set(listed.split('\n').map((file) => path.basename(file)));
  const reports = readdirSync(path.join(root, folder))
    .filter((file) => committed.has(file) && file.endsWith('.json'))
    .map((file) => {
      const report: Report = JSON.parse(readFileSync(path.join(root, folder, file), 'utf8'));
      return { file, report };
    })
    .sort((a, b) => a.report.at.localeCompare(b.report.at));
  return reports.at(-1) ?? null;
}

/**
 * What became worse since a report: ratios whose median fell below everything that was seen then, and
 * figures with a bound whose median rose above it.
 * @returns one sentence for each.
 */
export function worseThan(earlier: Report, results: readonly MeasureResult[]): string[] {
  return results.flatMap(({ id, ratios, limits = {} }) => {
    const before = earlier.results.find((result) => result.id === id);
    const longer = Object.entries(limits).flatMap(([name, limit]) => {
      const then = before?.limits?.[name];
      if (then === undefined || limit.median <= then.max) return [];
      const figures = `${limit.median} now, ${then.median} (${range(then)})`;
      return [`${id}, ${name}: ${figures} in the report of ${earlier.at}`];
    });
    const slower = Object.entries(ratios).flatMap(([name, ratio]) => {
      const then = before?.ratios[name];
      if (then === undefined || ratio.median >= then.min) return [];
      return [
        `${id} against ${name}: ${times(ratio)} now, ${times(then)} in the report of ${earlier.at}`,
      ];
    });
    return [...slower, ...longer];
  });
}

/** The results as a table for people. */
export function tableOf(results: readonly MeasureResult[]): string {
  const rows = [['', 'what', 'median', 'min–max', 'ratio', 'must', 'aim', '']];
  for (const { id, title, unit, product, baselines, ratios, limits = {}, note } of results) {
    rows.push([id, `${title} (${unit})`, String(product.median), range(product), '', '', '', '']);
    for (const [name, spread] of Object.entries(baselines)) {
      const ratio = ratios[name];
      if (ratio === undefined) continue;
      const verdict = ratio.must === null ? '' : ratio.ok ? 'ok' : 'MISSED';
      const goal = (value: number | null): string => (value === null ? '' : `${value}×`);
      rows.push([
        '',
        `  ${name}`,
        String(spread.median),
        range(spread),
        times(ratio),
        goal(ratio.must),
        goal(ratio.aim),
        verdict,
      ]);
    }
    for (const [name, limit] of Object.entries(limits)) {
      const [must, aim] = [`≤ ${limit.must}`, `≤ ${limit.aim}`];
      const verdict = limit.ok ? 'ok' : 'MISSED';
      rows.push(['', `  ${name}`, String(limit.median), range(limit), '', must, aim, verdict]);
    }
    rows.push(['', `  ${note}`, '', '', '', '', '', '']);
  }
  // Notes are as long as they are; the columns are measured by the other rows.
  const widths = rows[0]?.map((_, column) =>
    Math.max(
      ...rows.filter((row) => column !== 1 || row[2] !== '').map((row) => row[column]?.length ?? 0),
    ),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function range({ min, max }: Spread): string {
  return `${min}–${max}`;
}

function times({ median, min, max }: Spread): string {
  return `${median}× (${min}–${max})`;
}
