import { together } from './figures.js';
import type { Outcome } from './run.js';

const differencesTold = 50;

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Tells on standard output what a passage came to. */
export function tellOutcome(outcome: Outcome): void {
  const { differences, figures, transfers, seconds, durations, judgeSeconds } = outcome;
  for (const difference of differences.slice(0, differencesTold)) say(`DIFFERENCE ${difference}`);
  const more = differences.length - differencesTold;
  if (more > 0) say(`and ${more} differences more`);
  say(JSON.stringify({ figures, durations, judgeSeconds }));
  const { orders } = together(Object.values(figures));
  const verdict = differences.length === 0 ? 'all to the fen' : `${differences.length} differences`;
  say(`${orders} orders, ${transfers} transfers: ${verdict}; ${seconds.toFixed(0)} s`);
}

/** What a report is called, and what it says of each outcome. */
export interface ReportTerms {
  readonly title: string;
  readonly command: string;
  readonly sectionOf: (outcome: Outcome) => readonly string[];
}

/** The report as a document for programs and as a page for people. */
export function reportOn(
  { title, command, sectionOf }: ReportTerms,
  source: unknown,
  outcomes: readonly Outcome[],
): { readonly document: object; readonly page: string } {
  const at = new Date().toISOString();
  const passed = outcomes.every(({ differences }) => differences.length === 0);
  const seconds = Math.round(outcomes.reduce((sum, each) => sum + each.seconds, 0));
  const page = [
    `# ${title}`,
    '',
    `${at}: ${passed ? 'passed' : 'NOT passed'}. Written by \`npm run ${command}\`.`,
    '',
    'Every transfer of the sandbox’s own book, every statement entry by entry, every account of the',
    'ledgers, and orders one by one (how many stands below) are compared, to the fen and to the day,',
    'with a calculation from the file by the rules of the domain that shares no code with the product;',
    'then the system replays every entry from its facts and compares it with its books.',
    ...(outcomes.some(({ reconciled }) => reconciled !== null) ? reconciledWords : []),
    ...outcomes.flatMap(sectionOf),
    '',
  ];
  const document = { at, passed, source, seconds, passes: outcomes.map(rounded) };
  return { document, page: page.join('\n') };
}

const reconciledWords = [
  '',
  'Buyers pay for the orders, and get refunds back, in the sandbox. So each Beijing day of each shop is held',
  'against it as well: compared without a difference, the ledger’s `alipay-cash` by value date and the bill’s',
  'closing balance equal to what the sandbox’s own movements add up to, and, order by order, what the buyer',
  'paid less what came back seen in the bills, so that nothing of it is left on `clearing`.',
];

/** One row of a table in Markdown. */
export function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** How a passage was lived through, as rows of a table. */
export function livingRows(outcome: Outcome): readonly string[] {
  const { trouble, durations, processes, replicas } = outcome;
  const seed = trouble.shuffleSeed === null ? 'none' : String(trouble.shuffleSeed);
  const { publish, move, slowestDay } = durations;
  return [
    row('orders looked at one by one', outcome.ordersSeen),
    row('amounts computed again from what is told of them', outcome.entriesReckoned),
    ...reconciledRows(outcome),
    row('differences', outcome.differences.length),
    row('seconds lived', outcome.seconds.toFixed(0)),
    row('seconds judging', outcome.judgeSeconds.toFixed(0)),
    row('seconds publishing, moving', `${publish.toFixed(1)}, ${move.toFixed(1)}`),
    row('seconds of the slowest day', slowestDay.seconds.toFixed(1)),
    row('services in', processes === 'one' ? 'one process' : 'a process each'),
    row('replicas of each service', replicas),
    row('every message twice, some thrice', trouble.duplicates ? 'yes' : 'no'),
    row('seed of the order within a day', seed),
  ];
}

function reconciledRows({ reconciled }: Outcome): readonly string[] {
  if (reconciled === null) return [];
  return [
    row('days of a shop compared with Alipay’s bill', reconciled.days),
    row('orders paid at Alipay, compared with the bills one by one', reconciled.ordersCleared),
  ];
}

/** What happened and what differs, as lists. */
export function eventLists({ happened, differences }: Outcome): readonly string[] {
  const list = (lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', ...lines.map((line) => `- ${line}`)];
  return [...list(happened), ...list(differences)];
}

/** An outcome with its seconds to the tenth. */
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
