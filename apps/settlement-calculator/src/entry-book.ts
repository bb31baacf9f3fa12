import { advisoryLock, type Tx } from '@qingfen/database';
import { insertEntries, nextEntryIds, type NewEntry } from './accrual.store.js';
import { insertAdjustments, type Adjustment } from './correction.store.js';
import { JournalBatch } from './journal.store.js';
import { bookTransactions, type LedgerTransaction } from './ledger.store.js';

export type EntryDraft = Omit<NewEntry, 'entryId'>;

/**
 * A batch that appends entries holds its shops' locks in share, taken in one order; a run takes the
 * exclusive one for the instant in which it notes its bound (architecture.md rule 8).
 */
export async function lockForEntries(tx: Tx, shopIds: Iterable<string>): Promise<void> {
  for (const shopId of [...new Set(shopIds)].sort()) {
    await advisoryLock(tx, entriesLock(shopId), 'shared');
  }
}

export function entriesLock(shopId: string): string {
  return `entries ${shopId}`;
}

/** What one transaction appends to the books. */
export interface Facts {
  readonly entries: readonly EntryDraft[];
  readonly transactions: readonly LedgerTransaction[];
  readonly adjustments?: readonly Adjustment[];
}

/**
 * Appends entries, adjustments and ledger transactions with their journal batch; the shops are locked.
 * @returns the batch, or null when there was nothing to book.
 */
export async function book(tx: Tx, bookedAt: Date, facts: Facts): Promise<bigint | null> {
  const { entries, transactions, adjustments = [] } = facts;
  if (entries.length + transactions.length + adjustments.length === 0) return null;
  return (await bookFacts(tx, bookedAt, facts)).batchId;
}

/** As {@link book}; answers the numbers of the entries too, in the order of their drafts. */
export async function bookFacts(
  tx: Tx,
  bookedAt: Date,
  facts: Facts,
): Promise<{ readonly batchId: bigint; readonly entryIds: readonly bigint[] }> {
  const { adjustments = [] } = facts;
  const batch = await JournalBatch.open(tx, bookedAt);
  const ids = await nextEntryIds(tx, facts.entries.length);
  const entries: NewEntry[] = [];
  for (const [index, draft] of facts.entries.entries()) {
    const entryId = ids[index];
    if (entryId === undefined) throw new Error('the sequence gave too few numbers');
    const entry = { ...draft, entryId };
    batch.note(draft.shopId, factOf(entry));
    entries.push(entry);
  }
  await insertEntries(tx, entries, { at: bookedAt, batchId: batch.batchId });
  for (const { entry, amountMinor, cause, causeId } of adjustments) {
    batch.note(entry.shop_id, ['entry-adjustment', entry.entry_id, amountMinor, cause, causeId]);
  }
  await insertAdjustments(tx, adjustments, { at: bookedAt, batchId: batch.batchId });
  await bookTransactions(tx, batch, facts.transactions);
  await batch.close(tx);
  return { batchId: batch.batchId, entryIds: ids };
}

/** What of an entry is proven: everything that says who is owed what, for what, and from when. */
function factOf(entry: NewEntry): (string | number | bigint | Date | null)[] {
  return [
    'entry',
    entry.shopId,
    entry.orderId,
    entry.entryId,
    entry.itemId,
    entry.kind,
    entry.level,
    entry.payeeId,
    entry.currency,
    entry.amountMinor,
    entry.maturesAt,
    entry.planVersion,
    entry.corrects,
    entry.cause,
    entry.causeId,
  ];
}
