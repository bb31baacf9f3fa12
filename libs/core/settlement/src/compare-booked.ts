import { formatAmount, minor, type Minor } from '@qingfen/money';
import type { OrderStep } from './order-stages.js';
import { entryKey, partyKey, type ExpectedRow, type Party } from './replay-order.js';

/** A row as it stands in the books. */
export interface BookedRow extends Party {
  readonly row: ExpectedRow['row'];
  /** The entry that it is, or changes; of a correction, the correction itself. */
  readonly entryId: bigint;
  /** Of a correction, the entry that it corrects. */
  readonly corrects: bigint | null;
  readonly amountMinor: Minor;
  readonly maturesAt: Date;
  readonly batchId: bigint;
  readonly cause: string;
  readonly causeId: string | null;
  /** Null for adjustments, which have their entry's. */
  readonly planVersion: number | null;
}

/** What the books have otherwise than the facts say, in texts that can be shown. */
export interface BookDifference {
  readonly what: 'amount' | 'missing' | 'unexpected' | 'matures-at' | 'plan-version' | 'corrects';
  /** The entry that it is about; null where one is missing. */
  readonly entryId: bigint | null;
  readonly party: Party;
  /** What it is a part of: which row, of which journal batch. */
  readonly row: BookedRow['row'];
  readonly batchId: bigint;
  readonly expected: string | null;
  readonly booked: string | null;
}

/** What rows of an order are compared with. */
export interface Comparison {
  readonly expected: readonly ExpectedRow[];
  readonly booked: readonly BookedRow[];
  readonly steps: readonly OrderStep[];
  readonly currency: string;
}

/**
 * Compares the rows of an order with what they must be: party by party, batch by batch. Refunds that one
 * batch booked may have been taken in either order, so their rows are compared by their sum.
 */
export function compareBooked(comparison: Comparison): readonly BookDifference[] {
  const { expected, booked, currency } = comparison;
  const wanted = grouped(expected);
  const found = grouped(booked);
  const differences: BookDifference[] = [];
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    const [must, are] = [wanted.get(key) ?? [], found.get(key) ?? []];
    const [example] = [...are, ...must];
    if (example === undefined) continue;
    const [mustMinor, areMinor] = [sumOf(must), sumOf(are)];
    const isTwice = example.row === 'entry' && are.length > 1;
    if (mustMinor === areMinor && !isTwice) continue;
    differences.push({
      what: are.length === 0 ? 'missing' : must.length === 0 || isTwice ? 'unexpected' : 'amount',
      entryId: are.at(-1)?.entryId ?? null,
      party: partyOf(example),
      row: example.row,
      batchId: example.batchId,
      expected: must.length === 0 ? null : formatAmount(minor(mustMinor), currency),
      booked: are.length === 0 ? null : formatAmount(minor(areMinor), currency),
    });
  }
  return [...differences, ...new Details(comparison, wanted).differences()];
}

/** Dates, versions and what is changed or corrected, row by row: these depend on no order. */
class Details {
  private readonly found: BookDifference[] = [];
  private readonly steps: ReadonlyMap<string, OrderStep>;
  private readonly entries: ReadonlyMap<string, bigint>;

  constructor(
    private readonly comparison: Comparison,
    private readonly wanted: ReadonlyMap<string, readonly ExpectedRow[]>,
  ) {
    const { booked, steps } = comparison;
    this.steps = new Map(steps.map((step) => [stepKey(step), step]));
    const own = booked.filter(({ row }) => row === 'entry');
    const keyed = own.map((one): [string, bigint] => [
      entryKey({ ...one, begunBy: one.batchId }),
      one.entryId,
    ]);
    this.entries = new Map(keyed);
  }

  differences(): readonly BookDifference[] {
    for (const row of this.comparison.booked) this.look(row);
    return this.found;
  }

  private look(row: BookedRow): void {
    const isEntry = row.row === 'entry';
    const step = this.steps.get(stepKey(row));
    if (!isEntry && step === undefined) {
      this.differ(row, 'unexpected', null, `${row.cause} ${row.causeId}`);
      return;
    }
    const [must] = this.wanted.get(groupKey(row)) ?? [];
    if (must === undefined) return; // told already, as unexpected
    if (row.row !== 'adjustment') {
      const maturesAt = isEntry ? must.maturesAt : (step?.at ?? must.maturesAt);
      this.differ(row, 'matures-at', maturesAt.toISOString(), row.maturesAt.toISOString());
      this.differ(row, 'plan-version', `${must.planVersion}`, `${row.planVersion}`);
    }
    const standing = isEntry ? row.entryId : this.entries.get(entryKey(must));
    const booked = row.row === 'correction' ? row.corrects : row.entryId;
    this.differ(row, 'corrects', entryText(standing), entryText(booked));
  }

  private differ(
    row: BookedRow,
    what: BookDifference['what'],
    expected: string | null,
    booked: string | null,
  ): void {
    if (expected === booked) return;
    const { entryId, batchId } = row;
    const party = partyOf(row);
    this.found.push({ what, entryId, party, row: row.row, batchId, expected, booked });
  }
}

function stepKey({
  cause,
  causeId,
  batchId,
}: Pick<BookedRow, 'cause' | 'causeId' | 'batchId'>): string {
  return `${batchId} ${cause} ${causeId}`;
}

function entryText(entryId: bigint | null | undefined): string | null {
  return entryId === null || entryId === undefined ? null : `en_${entryId}`;
}

function partyOf({ itemId, kind, level, payeeId }: Party): Party {
  return { itemId, kind, level, payeeId };
}

function groupKey(row: Party & Pick<ExpectedRow, 'row' | 'batchId'>): string {
  return `${row.row} ${row.batchId} ${partyKey(row)}`;
}

function grouped<T extends Party & Pick<ExpectedRow, 'row' | 'batchId'>>(
  rows: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = groupKey(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function sumOf(rows: readonly { readonly amountMinor: Minor }[]): bigint {
  return rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}
