import { formatInstant } from '@qingfen/calendar';
import type { Difference, Reconciliation } from '@qingfen/contracts';
import { ageInDays, suggestionFor } from '@qingfen/core-reconciliation';
import { formatAmount, minor } from '@qingfen/money';
import type { Bill } from './bill.store.js';
import type { DayRow } from './day.store.js';
import type { DifferenceRow } from './difference.store.js';

/** In which zone, and as of when, things are shown. */
export interface Showing {
  readonly timezone: string;
  readonly now: Date;
}

export function differenceView(row: DifferenceRow, { timezone, now }: Showing): Difference {
  const { text, textZh } = suggestionFor(row.class, row.comparison);
  const { closedBy, approvedBy, closedAt, reason } = row;
  return {
    differenceId: row.differenceId,
    class: row.class,
    amount: formatAmount(minor(row.amountMinor), row.currency),
    currency: row.currency,
    ours: row.ours,
    theirs: row.theirs,
    subject: { type: row.subjectType, id: row.subjectId },
    state: row.state,
    day: row.day,
    openedAt: formatInstant(row.openedAt, timezone),
    ageDays: ageInDays(row.openedAt, closedAt ?? now),
    suggestion: text,
    suggestionZh: textZh,
    closed:
      closedBy === null || approvedBy === null || closedAt === null
        ? null
        : { by: closedBy, approvedBy, at: formatInstant(closedAt, timezone), reason: reason ?? '' },
  };
}

export function reconciliationView(
  row: DayRow,
  {
    bill,
    differences,
    showing,
  }: {
    readonly bill: Bill | null;
    readonly differences: readonly DifferenceRow[];
    readonly showing: Showing;
  },
): Reconciliation {
  return {
    day: row.day,
    state: row.state === 'done' ? 'done' : 'running',
    counts: countsOf(row),
    balance: balanceOf(row),
    clearing: clearingView(row),
    differences: differences.map((one) => differenceView(one, showing)),
    bill: bill && {
      sha256: bill.sha256,
      bytes: Number(bill.byteCount),
      lines: bill.lineCount,
      problem: bill.problem === null ? null : `${bill.problem}: ${bill.why ?? ''}`.slice(0, 1_000),
    },
    waitsFor: row.waitsFor,
  };
}

/** What was compared on a day. */
export function countsOf(row: DayRow): Reconciliation['counts'] {
  return {
    orders: Number(row.orders),
    entries: Number(row.entries),
    statements: Number(row.statements),
    payouts: Number(row.payouts),
    billLines: Number(row.billLines),
  };
}

/** What the orders of a day left on `clearing`. */
function clearingView(row: DayRow): Reconciliation['clearing'] {
  const [orders, settled, waiting] = [row.clearingOrders, row.clearingSettled, row.clearingWaiting];
  return {
    orders: Number(orders),
    settled: Number(settled),
    waiting: Number(waiting),
    open: Number(orders - settled - waiting),
    amount: formatAmount(minor(row.clearingMinor), 'CNY'),
  };
}

/** What the ledger and Alipay had at the end of a Beijing day, CNY. */
export function balanceOf({ ledgerMinor, alipayMinor }: DayRow): Reconciliation['balance'] {
  const yuan = (fen: bigint): string => formatAmount(minor(fen), 'CNY');
  return {
    ledger: yuan(ledgerMinor),
    alipay: yuan(alipayMinor),
    difference: yuan(ledgerMinor - alipayMinor),
  };
}
