import { referenceKinds } from '@qingfen/testing';

import { together } from '../src/half-year/figures.js';
import { eventLists, livingRows, rounded, row } from '../src/half-year/outcome.js';
import type { Outcome } from '../src/half-year/run.js';

/** The report as a document for programs and as a page for people. */
export function reportOf(
  source: unknown,
  outcomes: readonly Outcome[],
): { readonly document: object; readonly page: string } {
  const at = new Date().toISOString();
  const passed = outcomes.every(({ differences }) => differences.length === 0);
  const seconds = Math.round(outcomes.reduce((sum, each) => sum + each.seconds, 0));
  const page = [
    '# Half a year of real orders',
    '',
    `${at}: ${passed ? 'passed' : 'NOT passed'}. Written by \`npm run e2e:half-year\`.`,
    '',
    'Every transfer of the sandbox’s own book, every statement entry by entry, every account of the',
    'ledgers and every order is compared, to the fen and to the day, with a calculation from the file',
    'by the rules of the domain that shares no code with the product; then the system replays every',
    'entry from its facts and compares it with its books.',
    ...outcomes.flatMap(section),
    '',
  ];
  const document = { at, passed, source, seconds, passes: outcomes.map(rounded) };
  return { document, page: page.join('\n') };
}

function section(outcome: Outcome): readonly string[] {
  const { trouble, replicas } = outcome;
  const all = together(Object.values(outcome.figures));
  const isQuiet = !trouble.kills && !trouble.duplicates && trouble.shuffleSeed === null;
  return [
    '',
    headingOf({ isQuiet, replicas }),
    '',
    row('what', 'how much'),
    row('---', '---:'),
    row('orders', all.orders),
    row('refunds whose order never came', all.refundsWaiting),
    row('messages told, each once', outcome.messages),
    row('payees paid', all.payees),
    ...referenceKinds.map((kind) =>
      row(`${kind}: statements, CNY`, `${all.statements[kind]}, ${all.paid[kind]}`),
    ),
    row('statements paid in parts', all.statementsInParts),
    row('transfers', outcome.transfers),
    ...livingRows(outcome),
    ...eventLists(outcome),
  ];
}

function headingOf(of: { readonly isQuiet: boolean; readonly replicas: number }): string {
  const what = of.isQuiet ? 'Nothing happens' : 'Everything happens';
  return of.replicas === 1
    ? `## ${what}`
    : `## ${what}, to ${of.replicas} replicas of each service`;
}
