import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Outcome } from '../src/half-year/run.js';

const aboutPaths = ['apps', 'libs'];

/** Writes `docs/reports/half-year.json` and `.md`. @returns the JSON file. */
export function writeReport(outcomes: readonly Outcome[]): string {
  const root = cloneFolder(import.meta.dirname);
  const source: unknown = JSON.parse(
    execFileSync(process.execPath, ['scripts/report-source.mjs', ...aboutPaths], {
      cwd: root,
      encoding: 'utf8',
    }),
  );
  const at = new Date().toISOString();
  const passed = outcomes.every(({ differences }) => differences.length === 0);
  const seconds = Math.round(outcomes.reduce((sum, each) => sum + each.seconds, 0));
  const folder = path.join(root, 'docs', 'reports');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'half-year.json');
  const report = { at, passed, source, seconds, passes: outcomes.map(rounded) };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(path.join(folder, 'half-year.md'), markdown({ at, passed }, outcomes));
  return file;
}

function markdown(
  { at, passed }: { readonly at: string; readonly passed: boolean },
  outcomes: readonly Outcome[],
): string {
  return [
    '# Half a year of real orders',
    '',
    `${at}: ${passed ? 'passed' : 'NOT passed'}. Written by \`npm run e2e:half-year\`.`,
    '',
    'Every transfer of the sandbox’s own book, every statement, every account of the ledgers and',
    'every order is compared, to the fen and to the day, with a calculation from the file by the',
    'rules of the domain that shares no code with the product; then the system replays every entry',
    'from its facts and compares it with its books.',
    ...outcomes.flatMap(section),
    '',
  ].join('\n');
}

function section(outcome: Outcome): readonly string[] {
  const { trouble, figures, differences, happened, durations, processes, replicas } = outcome;
  const { statements, paid } = figures;
  const isQuiet = !trouble.kills && !trouble.duplicates && trouble.shuffleSeed === null;
  const seed = trouble.shuffleSeed === null ? 'none' : String(trouble.shuffleSeed);
  const row = (name: string, value: string | number): string => `| ${name} | ${value} |`;
  const kinds = ['commission', 'supplier', 'team-reward'] as const;
  return [
    '',
    headingOf({ isQuiet, replicas }),
    '',
    row('what', 'how much'),
    row('---', '---:'),
    row('orders', figures.orders),
    row('refunds whose order never came', figures.refundsWaiting),
    row('messages told, each once', outcome.messages),
    row('payees paid', figures.payees),
    ...kinds.map((kind) => row(`${kind}: statements, CNY`, `${statements[kind]}, ${paid[kind]}`)),
    row('statements paid in parts', figures.statementsInParts),
    row('transfers', figures.transfers),
    row('differences', differences.length),
    row('seconds lived', outcome.seconds.toFixed(0)),
    row('seconds publishing, moving', `${fixed(durations.publish)}, ${fixed(durations.move)}`),
    row('seconds of the slowest day', fixed(durations.slowestDay.seconds)),
    row('services in', processes === 'one' ? 'one process' : 'a process each'),
    row('replicas of each service', replicas),
    row('every message twice, some thrice', trouble.duplicates ? 'yes' : 'no'),
    row('seed of the order within a day', seed),
    ...(happened.length === 0 ? [] : ['', ...happened.map((line) => `- ${line}`)]),
    ...(differences.length === 0 ? [] : ['', ...differences.map((line) => `- ${line}`)]),
  ];
}

function headingOf(of: { readonly isQuiet: boolean; readonly replicas: number }): string {
  const what = of.isQuiet ? 'Nothing happens' : 'Everything happens';
  return of.replicas === 1
    ? `## ${what}`
    : `## ${what}, to ${of.replicas} replicas of each service`;
}

function rounded(outcome: Outcome): Outcome {
  const { durations, seconds, judgeSeconds, ...rest } = outcome;
  const { set, publish, move, mishaps, slowestDay } = durations;
  return {
    ...rest,
    seconds: toTenth(seconds),
    judgeSeconds: toTenth(judgeSeconds),
    durations: {
      set: toTenth(set),
      publish: toTenth(publish),
      move: toTenth(move),
      mishaps: toTenth(mishaps),
      slowestDay: { day: slowestDay.day, seconds: toTenth(slowestDay.seconds) },
    },
  };
}

function toTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function cloneFolder(from: string): string {
  if (existsSync(path.join(from, 'scripts', 'report-source.mjs'))) return from;
  const above = path.dirname(from);
  if (above === from) throw new Error('the report belongs into a clone');
  return cloneFolder(above);
}
