import type { Entry, ExplainedEntry, ExplainedRow } from '@qingfen/contracts';
import { partyKey, type BookedRow, type ExpectedRow } from '@qingfen/core-settlement';
import { formatAmount, type Minor } from '@qingfen/money';
import type { BookedOrder } from './booked-order.js';
import { bookedRows, partyOf, type OrderEntry } from './booked-order.store.js';
import { entryWords, type Shown } from './explanation-words.js';

type Cause = ExplainedEntry['cause'];

/** The topics whose events cause entries; runs and people cause the others. */
const topics: Readonly<Partial<Record<Cause, string>>> = {
  order: 'order-completed',
  refund: 'order-refunded',
  'refund-reversal': 'order-refund-reversed',
  rebinding: 'settlement-plan-published',
  'give-back': 'payout-result',
  'split-return': 'payout-result',
};

/** What of an entry is told however it came about. */
export interface EntrySource {
  readonly entry: Entry;
  readonly cause: Cause;
  readonly causeId: string | null;
  readonly corrects: bigint | null;
  readonly correlationId: string;
  readonly bookedAt: Date;
  readonly batchId: bigint;
}

/** An entry in words, with the rows that it is told by. */
export function entryTold(
  source: EntrySource,
  rows: readonly ExplainedRow[],
  shown: Shown,
): ExplainedEntry {
  const { entry, cause, causeId, corrects, correlationId, bookedAt, batchId } = source;
  const { kind, level, orderId, itemId } = entry;
  return {
    entry,
    cause,
    causeId,
    ...entryWords({ kind, level, cause, causeId, orderId: orderId ?? '', itemId, corrects }),
    source: {
      topic: topics[cause] ?? null,
      correlationId,
      bookedAt: shown(bookedAt),
      journalBatch: batchId.toString(),
    },
    rows: [...rows],
  };
}

/** The rows of an order, party by party: what must be beside what is. */
export class OrderRows {
  private readonly expected = new Map<string, ExpectedRow[]>();
  private readonly booked = new Map<string, { row: BookedRow; bookedAt: Date }[]>();
  private readonly at: ReadonlyMap<string, Date>;
  private readonly atOfBatch: ReadonlyMap<bigint, Date>;

  constructor(
    private readonly order: BookedOrder,
    expected: readonly ExpectedRow[],
    private readonly shown: Shown,
  ) {
    for (const row of expected) push(this.expected, partyKey(row), row);
    for (const entry of order.entries) {
      const changes = order.adjustments.get(entry.entry_id) ?? [];
      const [own, ...others] = bookedRows(entry, changes);
      if (own === undefined) continue;
      push(this.booked, partyKey(own), { row: own, bookedAt: entry.booked_at });
      for (const [index, row] of others.entries()) {
        const bookedAt = changes[index]?.booked_at ?? entry.booked_at;
        push(this.booked, partyKey(row), { row, bookedAt });
      }
    }
    const steps = order.history?.steps ?? [];
    this.at = new Map(steps.map((step) => [stepText(step), step.at]));
    this.atOfBatch = new Map(steps.map((step) => [step.batchId, step.at]));
  }

  /** All rows of an entry's party, in the order of booking. */
  of(entry: OrderEntry): ExplainedRow[] {
    const key = partyKey(partyOf(entry));
    const waiting = [...(this.expected.get(key) ?? [])];
    const rows = (this.booked.get(key) ?? []).map(({ row, bookedAt }) => {
      const index = waiting.findIndex((one) => isSame(one, row));
      const [must] = index < 0 ? [] : waiting.splice(index, 1);
      return { batchId: row.batchId, view: this.view(must, row, bookedAt) };
    });
    const missing = waiting.map((must) => ({
      batchId: must.batchId,
      view: this.view(must, undefined, null),
    }));
    return [...rows, ...missing]
      .sort((a, b) => (a.batchId < b.batchId ? -1 : a.batchId > b.batchId ? 1 : 0))
      .map(({ view }) => view);
  }

  private view(
    must: ExpectedRow | undefined,
    row: BookedRow | undefined,
    bookedAt: Date | null,
  ): ExplainedRow {
    const { currency } = this.order.kept;
    const text = (amount: Minor | undefined): string | null =>
      amount === undefined ? null : formatAmount(amount, currency);
    const told = row ?? must;
    if (told === undefined) throw new Error('a row is expected or booked');
    const entryId = row?.row === 'correction' ? row.corrects : row?.entryId;
    const at =
      this.at.get(stepText(told)) ??
      this.atOfBatch.get(told.batchId) ??
      this.order.order.completedAt;
    return {
      row: told.row,
      entryId: entryId === undefined || entryId === null ? null : `en_${entryId}`,
      cause: causeOf(told.cause),
      causeId: told.causeId,
      at: this.shown(at),
      bookedAt: bookedAt === null ? null : this.shown(bookedAt),
      journalBatch: told.batchId.toString(),
      base: text(must?.baseMinor),
      target: text(must?.targetMinor),
      expected: text(must?.amountMinor),
      amount: text(row?.amountMinor),
    };
  }
}

const causes: readonly Cause[] = [
  'order',
  'refund',
  'refund-reversal',
  'rebinding',
  'give-back',
  'split-return',
  'team-reward',
  'adjustment',
  'opening',
  'recovery',
  'recovery-withdrawn',
];

/** A cause as it is kept. @throws Error for one that no code writes */
export function causeOf(text: string): Cause {
  const cause = causes.find((one) => one === text);
  if (cause === undefined) throw new Error(`no entry is caused by ${text}`);
  return cause;
}

function isSame(must: ExpectedRow, row: BookedRow): boolean {
  return must.row === row.row && must.batchId === row.batchId && must.causeId === row.causeId;
}

function stepText(of: {
  readonly cause: string;
  readonly causeId: string | null;
  readonly batchId: bigint;
}): string {
  return `${of.batchId} ${of.cause} ${of.causeId}`;
}

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  const known = into.get(key);
  if (known === undefined) into.set(key, [value]);
  else known.push(value);
}
