import type { MonthOutcome } from '../src/faulty-month/account.js';
import { row } from '../src/half-year/outcome.js';

/** How large the month was. */
export interface MonthTerms {
  readonly days: number;
  readonly payees: number;
  readonly rate: number;
  readonly seed: number;
}

/** The report as a document for programs and as a page for people. */
export function faultyMonthReport(
  terms: MonthTerms,
  source: unknown,
  outcome: MonthOutcome,
): { readonly document: object; readonly page: string } {
  const at = new Date().toISOString();
  const passed = outcome.differences.length === 0;
  const { days, payees, rate, seed } = terms;
  const { payouts, states, transfers, paidMinor, onceUnknown, quietDays, deeds } = outcome;
  const fen = BigInt(paidMinor);
  const page = [
    '# A month of faults',
    '',
    `${at}: ${passed ? 'passed' : 'NOT passed'}. Written by \`npm run e2e:faulty-month\`.`,
    '',
    `${days} nights, ${payees} payees paid in each, ${rate * 100} % of transfers and of queries hit by a fault`,
    `(seed ${seed}), then quiet days (${quietDays}). Two operators did what the runbooks say. What the sandbox's`,
    'own book paid to each account is compared with a calculation that shares no code with the product; no number',
    'may have moved money twice, none may be open or unknown in the end, and every kind of fault must have happened.',
    '',
    row('what', 'how much'),
    row('---', '---:'),
    row('payouts asked for', payouts),
    ...Object.entries(states).map(([state, count]) => row(`ended ${state}`, count)),
    row('not known for a while', onceUnknown),
    row('numbers that moved money', transfers),
    row('CNY that stayed with payees', `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`),
    row('approved, mended, retried by hand', Object.values(deeds).join(', ')),
    row('real seconds', Math.round(outcome.seconds)),
    '',
    '## Faults',
    '',
    row('fault', 'calls hit'),
    row('---', '---:'),
    ...outcome.faults.map(({ name, hits }) => row(name, hits)),
    '',
    '## What became of the payouts whose transfer was hit',
    '',
    row('fault', 'numbers', 'ended'),
    row('---', '---:', '---'),
    ...outcome.faulted.map(({ fault, numbers, ended }) =>
      row(
        fault,
        numbers,
        Object.entries(ended)
          .map(([state, count]) => `${state} ${count}`)
          .join(', '),
      ),
    ),
    '',
    ...outcome.differences.map((difference) => `- DIFFERENCE ${difference}`),
  ];
  return { document: { at, passed, source, ...terms, ...outcome }, page: page.join('\n') };
}
