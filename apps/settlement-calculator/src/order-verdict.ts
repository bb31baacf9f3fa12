import {
  checkStanding,
  compareBooked,
  expectedCounts,
  partyKey,
  performanceAt,
  replayOrder,
  stagesOf,
  type BookDifference,
  type ExpectedRow,
} from '@qingfen/core-settlement';
import { formatAmount, minor } from '@qingfen/money';
import type { BookedOrder } from './booked-order.js';
import { bookedRows, closingOf, partyOf, sumOf, type OrderEntry } from './booked-order.store.js';

/** What the books have otherwise than the facts say. */
export interface Difference {
  readonly subject: {
    readonly type: 'order' | 'entry' | 'team' | 'statement' | 'payout';
    readonly id: string;
  };
  readonly what: string;
  readonly entryId: bigint | null;
  /** Whose of which line; null for what is no party's. */
  readonly party: string | null;
  /** Which amount or date it is about, such as `adjustment of commission 1 of line 2`. */
  readonly about: string;
  readonly expected: string | null;
  readonly booked: string | null;
}

/** What an order must have in the books, and where it has not. */
export interface OrderVerdict {
  readonly expected: readonly ExpectedRow[];
  readonly differences: readonly Difference[];
}

/** Recomputes an order from its facts and compares row for row, and place for place. */
export function judgeOrder(booked: BookedOrder): OrderVerdict {
  const { history, misfit, entries, adjustments } = booked;
  const { currency, order_id: orderId } = booked.kept;
  const subject = { type: 'order', id: orderId } as const;
  if (misfit !== null) {
    const told = { subject, what: 'facts', entryId: null, party: null };
    const difference = { ...told, about: 'its facts', expected: 'facts that fit', booked: misfit };
    return { expected: [], differences: [difference] };
  }
  const rows = entries.flatMap((entry) => bookedRows(entry, adjustments.get(entry.entry_id) ?? []));
  const expected = history === null ? [] : replayOrder(history, entries.flatMap(closingOf));
  const compared = compareBooked({
    expected,
    booked: rows,
    steps: history?.steps ?? [],
    currency,
  });
  const differences = [
    ...compared.map((one): Difference => {
      const { what, entryId, expected: must, booked: is } = one;
      const party = partyKey(one.party);
      return { subject, what, entryId, party, about: aboutRow(one), expected: must, booked: is };
    }),
    ...entries.flatMap((entry) => standingOf(booked, entry)),
    ...countsOf(booked),
  ];
  return { expected, differences };
}

function standingOf(booked: BookedOrder, entry: OrderEntry): Difference[] {
  const { currency, order_id: id } = booked.kept;
  const { entry_id: entryId, open_minor: open, open_matures_at: openAt } = entry;
  const subject = { type: 'order', id } as const;
  const party = partyKey(partyOf(entry));
  const about = aboutRow({ row: 'entry', party: partyOf(entry) });
  const told = { subject, entryId, party, about };
  const stands = checkStanding(
    {
      sumMinor: sumOf(entry, booked.adjustments.get(entryId) ?? []),
      maturesAt: entry.matures_at,
      payeeId: entry.payee_id,
      closedMinor: entry.closed_minor === null ? null : minor(entry.closed_minor),
      open:
        open === null || openAt === null ? null : { amountMinor: minor(open), maturesAt: openAt },
    },
    currency,
  );
  const differences: Difference[] = [];
  if (stands !== null) differences.push({ ...told, what: 'stands', ...stands });
  if (entry.cutoff !== null && entry.matures_at >= entry.cutoff) {
    const expected = `matured before ${entry.cutoff.toISOString()}`;
    const is = `matures ${entry.matures_at.toISOString()}`;
    differences.push({ ...told, what: 'stated-early', expected, booked: is });
  }
  return differences;
}

/** What counts for a team: the order's base now, and what each run has counted of it. */
function countsOf({ order, kept, history, team }: BookedOrder): Difference[] {
  const subject = { type: 'order', id: kept.order_id } as const;
  const text = (units: bigint): string => formatAmount(minor(units), kept.currency);
  const differences: Difference[] = [];
  const differ = (what: string, must: string, is: string): void => {
    const about = `performance of team ${order.teamId ?? team?.team_id ?? ''}`;
    if (must !== is) {
      const of = { subject, entryId: null, party: null, about };
      differences.push({ ...of, what, expected: must, booked: is });
    }
  };
  const last = history === null ? undefined : stagesOf(history).at(-1);
  const isOutside = kept.settled_outside;
  const base = last === undefined || isOutside ? 0n : performanceAt(order, last);
  differ('performance', text(base), text(team?.base_minor ?? 0n));
  if (team === null) return differences;
  const counts = team.counts.map((count) => ({
    batchId: BigInt(count.batch_id),
    changeMinor: BigInt(count.change_minor),
  }));
  const batchIds = counts.map(({ batchId }) => batchId);
  const musts = history === null ? [] : expectedCounts(history, batchIds);
  for (const [index, { changeMinor }] of counts.entries()) {
    differ('counted', text(musts[index]?.changeMinor ?? 0n), text(changeMinor));
  }
  const counted = counts.reduce((sum, { changeMinor }) => sum + changeMinor, 0n);
  if (counts.length > 0) differ('counted', text(counted), text(team.counted_minor));
  return differences;
}

function aboutRow({ row, party }: Pick<BookDifference, 'row' | 'party'>): string {
  const { itemId, kind, level, payeeId } = party;
  const whom = payeeId === null ? '' : ` to ${payeeId}`;
  return `${row} of ${kind}${level === null ? '' : ` ${level}`}${whom} for line ${itemId}`;
}
