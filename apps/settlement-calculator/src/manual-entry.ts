import type { Kind } from '@qingfen/contracts';
import type { LedgerLeg } from '@qingfen/core-settlement';
import type { Unit } from '@qingfen/messaging';
import { lockForEntries, type EntryBook } from './entry-book.js';

/** An amount that a person books: an entry that is mature at once and needs no evidence. */
export interface ManualEntry {
  readonly shopId: string;
  readonly payeeId: string;
  readonly kind: Kind;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly orderId: string | null;
  readonly cause: 'adjustment' | 'opening' | 'recovery' | 'recovery-withdrawn';
  readonly causeId: string;
  readonly legs: readonly LedgerLeg[];
  readonly correlationId: string;
}

/** Books it with its ledger row, in one journal batch. @returns the entry's number */
export async function bookManualEntry(
  book: EntryBook,
  unit: Unit,
  entry: ManualEntry,
): Promise<bigint> {
  await lockForEntries(unit.tx, [entry.shopId]);
  const { entryIds } = await book.book(unit, {
    entries: [
      {
        shopId: entry.shopId,
        orderId: entry.orderId ?? '',
        itemId: null,
        kind: entry.kind,
        level: null,
        payeeId: entry.payeeId,
        currency: entry.currency,
        amountMinor: entry.amountMinor,
        maturesAt: unit.now,
        planVersion: null,
        corrects: null,
        cause: entry.cause,
        causeId: entry.causeId,
        evidence: null,
        correlationId: entry.correlationId,
      },
    ],
    transactions: [
      {
        shopId: entry.shopId,
        bookedAt: unit.now,
        valueAt: null,
        currency: entry.currency,
        cause: entry.cause,
        causeId: entry.causeId,
        legs: entry.legs,
      },
    ],
  });
  const [entryId] = entryIds;
  if (entryId === undefined) throw new Error('a booked entry has a number');
  return entryId;
}

/** An amount by hand in words, for whoever approves it or reads the audit. */
export function inWords(
  what: { readonly en: string; readonly zh: string },
  { payeeId, kind, currency }: Pick<ManualEntry, 'payeeId' | 'kind' | 'currency'>,
  amountText: string,
): string {
  return `${what.en}: ${amountText} ${currency}, ${kind}, payee ${payeeId} (${what.zh})`;
}
