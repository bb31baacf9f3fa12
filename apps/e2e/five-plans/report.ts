import { type ReferenceKind, referenceKinds } from '@qingfen/testing';

import { plannedShops } from '../src/five-plans/shops.js';
import { type Figures, together } from '../src/half-year/figures.js';
import { eventLists, livingRows, type ReportTerms, row } from '../src/half-year/outcome.js';
import type { Outcome } from '../src/half-year/run.js';

export const fivePlansReport: ReportTerms = {
  title: 'Half a year under five plans',
  command: 'e2e:five-plans',
  sectionOf,
};

function sectionOf(outcome: Outcome): readonly string[] {
  const all = together(Object.values(outcome.figures));
  const kinds = referenceKinds.map((kind) => `${kind}: statements, CNY`);
  return [
    '',
    'The same real orders and refunds are told to five shops, each with a plan of its own, dressed up',
    'with what its plan is about; one shop changes its plan on the way.',
    '',
    ...plannedShops.map(({ shopId, about }) => `- \`${shopId}\`: ${about}`),
    '',
    '## To whom what was paid',
    '',
    row('shop', 'orders', 'refunds', 'payees paid', ...kinds, 'in parts', 'transfers'),
    row('---', ...Array.from({ length: 5 + kinds.length }, () => '---:')),
    ...Object.entries(outcome.figures).map(([shopId, figures]) => figureRow(shopId, figures)),
    figureRow('together', all),
    '',
    '## How',
    '',
    row('what', 'how much'),
    row('---', '---:'),
    row('messages told', outcome.messages),
    row('refunds whose order never came', all.refundsWaiting),
    ...livingRows(outcome),
    ...eventLists(outcome),
  ];
}

function figureRow(name: string, figures: Figures): string {
  const { orders, refundsApplied, payees, statements, paid, statementsInParts } = figures;
  const of = (kind: ReferenceKind): string => `${statements[kind]}, ${paid[kind]}`;
  const sums = referenceKinds.map(of);
  return row(name, orders, refundsApplied, payees, ...sums, statementsInParts, figures.transfers);
}
