import type { Counts, Seen } from './players.js';

/** What was asked for, and what came of it. */
export interface ModelRun {
  readonly at: string;
  readonly source: unknown;
  readonly seed: number;
  readonly wanted: { readonly sequences: number; readonly interleavings: number };
  readonly processes: number;
  readonly seconds: number;
  readonly seen: Seen;
}

/** Whatever speaks against a run; nothing where it passed. */
export function problemsOf({ wanted, seen }: ModelRun): readonly string[] {
  const { played, counts, failures, lost } = seen;
  const parts = ['sequences', 'interleavings'] as const;
  return [
    ...failures.map(({ part, seed, path, why }) => {
      return `${part}: npm run model -- --seed ${seed} --path ${part}/${path}\n${why}`;
    }),
    ...lost,
    ...parts
      .filter((part) => played[part] < wanted[part])
      .map((part) => `${played[part]} of ${wanted[part]} ${part} were played`),
    ...neverSeen(counts).map((what) => `never happened: ${what}`),
  ];
}

/** The report as a document for programs and as a page for people. */
export function modelReport(run: ModelRun): { readonly document: object; readonly page: string } {
  const { at, source, seed, processes, seen } = run;
  const problems = problemsOf(run);
  const passed = problems.length === 0;
  const seconds = Math.round(run.seconds);
  const { played, counts } = seen;
  const document = { at, passed, source, seed, seconds, processes, played, problems, counts };
  const page = [
    '# The whole calculation against a plain model',
    '',
    `${at}: ${passed ? 'passed' : 'NOT passed'}. Written by \`npm run model\`; seed ${seed}.`,
    '',
    `${played.sequences} sequences of orders, refunds, disputes, plan changes, runs, transfers’ ends and`,
    'acts by hand were done to the calculator, on a real PostgreSQL, and to a plain model in memory that',
    'shares no code with it. The line to the database was cut in the middle, and what was cut was done',
    'again by a process without memory. After each sequence every entry, statement, payout, hold, account',
    'and balance was compared; then again after everything had been heard once more, and after all that',
    'was left of every order had been refunded.',
    '',
    `${played.interleavings} times two shops heard the same facts, each in an order and at instants of its`,
    'own, with runs between: what every party is owed of every line was the same.',
    '',
    `It took ${seconds} s in ${processes} processes.`,
    ...problems.flatMap((problem) => ['', '```', problem, '```']),
    ...Object.entries(counts).flatMap(table),
    '',
  ];
  return { document, page: page.join('\n') };
}

function table([group, names]: [string, Counts[string]]): readonly string[] {
  return [
    '',
    `| ${group} | how often |`,
    '| --- | ---: |',
    ...Object.entries(names).map(([name, times]) => `| ${name} | ${times} |`),
  ];
}

function neverSeen(counts: Counts): readonly string[] {
  return Object.entries(counts).flatMap(([group, names]) =>
    Object.entries(names).flatMap(([name, times]) => (times === 0 ? [`${group}: ${name}`] : [])),
  );
}
