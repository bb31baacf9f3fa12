import { createZone } from '@qingfen/calendar';
import { invariant, sumMinor, type Minor } from '@qingfen/money';
import { nextDay } from './bill-day.js';

/** What happens to money on a day. */
export const movements = [
  'statements',
  'requested',
  'succeeded',
  'failed',
  'cancelled',
  'returned',
] as const;
/** What happens to money on a day. */
export type Movement = (typeof movements)[number];

/** What is owed to payees again after it. */
const givingBack: readonly Movement[] = ['failed', 'cancelled', 'returned'];

/** How many, and what they come to, in minor units of one currency. */
export interface Sum {
  readonly count: bigint;
  readonly amountMinor: Minor;
}

/** One movement of a day, by kind (null: of no kind that is known). */
export interface MovementSum extends Sum {
  readonly movement: Movement;
  readonly kind: string | null;
  readonly currency: string;
}

/** All movements of a day in one currency. */
export type Figures = Readonly<Record<Movement | 'givenBack', Sum>> & { readonly currency: string };

/** The same of one kind. */
export type KindFigures = Figures & { readonly kind: string | null };

/**
 * The figures of a day: by kind, and all kinds together, where nothing is lost and nothing invented.
 * Sorted by currency and kind; the kind that nobody knows comes last.
 *
 * @throws InvariantError where the totals are not what the parts add up to.
 */
export function figuresOfDay(
  parts: readonly MovementSum[],
  totals: readonly Omit<MovementSum, 'kind'>[],
): { readonly kinds: readonly KindFigures[]; readonly totals: readonly Figures[] } {
  for (const movement of movements) {
    const of = (sum: { readonly movement: Movement }): boolean => sum.movement === movement;
    insistOnTotals(parts.filter(of), totals.filter(of));
  }
  const byKind = groupedBy(parts, ({ currency, kind }) => `${currency} ${kind ?? '~'}`);
  const byCurrency = groupedBy(totals, ({ currency }) => currency);
  return {
    kinds: byKind.map(([first, sums]) => ({ kind: first.kind, ...figures(first.currency, sums) })),
    totals: byCurrency.map(([{ currency }, sums]) => figures(currency, sums)),
  };
}

/**
 * Insists that what is told in parts and what is told as a whole is the same, in every currency.
 *
 * @throws InvariantError where it is not.
 */
export function insistOnTotals(parts: readonly InCurrency[], totals: readonly InCurrency[]): void {
  const currencies = new Set([...parts, ...totals].map(({ currency }) => currency));
  for (const currency of currencies) {
    const of = (sum: InCurrency): boolean => sum.currency === currency;
    const [part, total] = [summed(parts.filter(of)), summed(totals.filter(of))];
    invariant(
      part.count === total.count && part.amountMinor === total.amountMinor,
      `the parts of ${currency} come to ${part.amountMinor}, their total is ${total.amountMinor}`,
    );
  }
}

interface InCurrency extends Sum {
  readonly currency: string;
}

/** All sums together; they are of one currency. */
function summed(sums: readonly Sum[]): Sum {
  return {
    count: sums.reduce((all, { count }) => all + count, 0n),
    amountMinor: sumMinor(sums.map(({ amountMinor }) => amountMinor)),
  };
}

function figures(
  currency: string,
  sums: readonly (Sum & { readonly movement: Movement })[],
): Figures {
  const of = (...wanted: readonly Movement[]): Sum =>
    summed(sums.filter(({ movement }) => wanted.includes(movement)));
  return {
    currency,
    statements: of('statements'),
    requested: of('requested'),
    succeeded: of('succeeded'),
    failed: of('failed'),
    cancelled: of('cancelled'),
    returned: of('returned'),
    givenBack: of(...givingBack),
  };
}

/** What has the same key, in the order of the keys; each with its first. */
function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): [T, readonly T[]][] {
  const groups = new Map<string, [T, T[]]>();
  for (const one of all) {
    const known = groups.get(keyOf(one));
    if (known === undefined) groups.set(keyOf(one), [one, [one]]);
    else known[1].push(one);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/**
 * The instants that begin and end a calendar day in a zone; 23 to 25 hours lie between them where the
 * clocks change.
 *
 * @throws InvariantError for an unknown zone
 */
export function localDaySpan(
  day: string,
  timezone: string,
): { readonly from: Date; readonly to: Date } {
  const zone = createZone(timezone);
  const begin = (of: string): Date => {
    const [year = 0, month = 0, dayOfMonth = 0] = of.split('-').map(Number);
    return zone.instantOf({ year, month, day: dayOfMonth, hour: 0, minute: 0 });
  };
  return { from: begin(day), to: begin(nextDay(day)) };
}
