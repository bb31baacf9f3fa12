import { referenceKinds } from '@qingfen/testing';

import { together } from '../src/half-year/figures.js';
import { eventLists, livingRows, type ReportTerms, row } from '../src/half-year/outcome.js';
import type { Outcome } from '../src/half-year/run.js';

export const halfYearReport: ReportTerms = {
  title: 'Half a year of real orders',
  command: 'e2e:half-year',
  sectionOf,
};

/** The pass whose every day is what it is run for. */
export const reconciledReport: ReportTerms = {
  title: 'Half a year of real orders, every day reconciled',
  command: 'e2e:half-year -- --pass reconciled',
  sectionOf,
};

function sectionOf(outcome: Outcome): readonly string[] {
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
