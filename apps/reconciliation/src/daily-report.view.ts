import { formatInstant } from '@qingfen/calendar';
import type {
  AlertCounts,
  DailyReport,
  Kind,
  OpenPayouts,
  PayoutPosition,
} from '@qingfen/contracts';
import {
  figuresOfDay,
  insistOnTotals,
  type Figures,
  type KindFigures,
  type Sum,
} from '@qingfen/core-reconciliation';
import { formatAmount, invariant, parseAmount } from '@qingfen/money';
import type { MovementRow, OpenDifferenceRow, ShopSpan } from './daily-report.store.js';
import type { DayRow } from './day.store.js';
import { balanceOf, countsOf } from './report.view.js';

/** Which day of whom is shown, and as of when. */
export interface ReportedDay extends ShopSpan {
  readonly day: string;
  readonly timezone: string;
  readonly asOf: Date;
}

/** What a report is made of. */
export interface ReportParts {
  readonly movements: readonly MovementRow[];
  readonly differences: readonly OpenDifferenceRow[];
  /** The Beijing day of the same date; null where it was never compared. */
  readonly reconciled: DayRow | null;
  readonly position: PayoutPosition;
  readonly alerts: AlertCounts;
}

/**
 * A day's report as the API shows it: amounts as decimal text, instants with the shop's offset.
 *
 * @throws InvariantError where parts do not add up to their totals
 */
export function dailyReportView(reported: ReportedDay, parts: ReportParts): DailyReport {
  const { shopId, day, timezone, from, to, asOf } = reported;
  const { movements, position, alerts } = parts;
  const figures = figuresOfDay(
    movements.filter(({ isTotal }) => !isTotal),
    movements.filter(({ isTotal }) => isTotal),
  );
  insistOnOpen(position.openPayouts);
  insistOnAlerts(alerts);
  return {
    shopId,
    day,
    timezone,
    from: formatInstant(from, timezone),
    to: formatInstant(to, timezone),
    asOf: formatInstant(asOf, timezone),
    kinds: figures.kinds.map((of) => ({ kind: kindOf(of), ...figuresView(of) })),
    totals: figures.totals.map((of) => figuresView(of)),
    openPayouts: position.openPayouts,
    cash: cashView(day, parts.reconciled),
    differences: differencesView(parts.differences),
    alerts,
    foreseen: position.foreseen,
  };
}

type ShownFigures = DailyReport['totals'][number];

function figuresView(of: Figures): ShownFigures {
  const { currency } = of;
  const sum = (one: Sum): ShownFigures['requested'] => sumView(one, currency);
  return {
    currency,
    statements: sum(of.statements),
    requested: sum(of.requested),
    succeeded: sum(of.succeeded),
    failed: sum(of.failed),
    cancelled: sum(of.cancelled),
    returned: sum(of.returned),
    givenBack: sum(of.givenBack),
  };
}

function sumView({ count, amountMinor }: Sum, currency: string): ShownFigures['requested'] {
  return { count: Number(count), amount: formatAmount(amountMinor, currency) };
}

function kindOf({ kind }: KindFigures): Kind | null {
  if (kind === null || kind === 'commission' || kind === 'supplier' || kind === 'team-reward') {
    return kind;
  }
  throw new Error(`${kind} is no kind`);
}

function cashView(day: string, row: DayRow | null): DailyReport['cash'] {
  if (row?.state !== 'done') {
    const nothing = { ledger: null, alipay: null, difference: null, counts: null };
    return { day, state: row === null ? 'none' : 'running', ...nothing };
  }
  return { day, state: 'done', ...balanceOf(row), counts: countsOf(row) };
}

function differencesView(rows: readonly OpenDifferenceRow[]): DailyReport['differences'] {
  const items = rows.flatMap((row) => {
    const { class: found, currency } = row;
    return found === null ? [] : [{ class: found, currency, ...sumView(row, currency) }];
  });
  const totals = rows.filter((row) => row.class === null);
  insistOnTotals(
    rows.filter((row) => row.class !== null),
    totals,
  );
  return {
    items,
    totals: totals.map((row) => ({ currency: row.currency, ...sumView(row, row.currency) })),
  };
}

/** payout sums up by itself; what it tells is held to the same rule. */
function insistOnOpen({ items, totals }: OpenPayouts): void {
  const sum = (one: OpenPayouts['totals'][number]): Sum & { readonly currency: string } => {
    const { currency, count, amount } = one;
    return { currency, count: BigInt(count), amountMinor: parseAmount(amount, currency) };
  };
  insistOnTotals(items.map(sum), totals.map(sum));
}

function insistOnAlerts({ items, totals }: AlertCounts): void {
  const all = (of: 'raised' | 'open'): number => items.reduce((sum, one) => sum + one[of], 0);
  invariant(
    all('raised') === totals.raised && all('open') === totals.open,
    'alerts by class do not add up to all alerts',
  );
}
