import {
  settledOutsideLegs,
  type LedgerLeg,
  type OrderFact,
  type PayeeAmount,
} from '@qingfen/core-settlement';
import { insertRows, type Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { minor } from '@qingfen/money';
import type { EntryBook } from './entry-book.js';
import { JournalBatch } from './journal.store.js';
import type { LedgerTransaction } from './ledger.store.js';
import type { OutsideClosing } from './rollout.store.js';

/** What was open and is not any more: settled elsewhere. */
export interface TakenEntry {
  readonly entry_id: bigint;
  readonly account_no: bigint;
  readonly currency: string;
  readonly owner_id: string;
  readonly kind: PayeeAmount['kind'];
  readonly amount_minor: bigint;
}

/**
 * Closes what an order owes as paid elsewhere: it is never stated, counts for no team, and later refunds
 * are corrections of their own. The ledger moves it from `payable` to the shop's owner. What people
 * booked by hand for the order is not of it and stays.
 *
 * To be called in the transaction that has booked the order: nobody else has seen its entries.
 */
export async function settleOrderOutside(
  book: EntryBook,
  unit: Unit,
  order: OrderFact,
): Promise<void> {
  const { shopId, orderId } = order;
  await unit.tx.query('DELETE FROM team_order WHERE shop_id = $1 AND order_id = $2', [
    shopId,
    orderId,
  ]);
  const entries = await takeEntriesOfOrder(unit.tx, shopId, orderId);
  await settleOutside(book, unit, { shopId, causeId: orderId, entries });
}

/** Books entries that were taken off the open ones as settled elsewhere. */
export async function settleOutside(
  book: EntryBook,
  unit: Unit,
  { shopId, causeId, entries }: SettledOutside,
): Promise<void> {
  if (entries.length === 0) return;
  const batch = await JournalBatch.open(unit.tx, unit.now);
  for (const entry of entries) {
    batch.note(shopId, ['settled-outside', entry.entry_id, entry.amount_minor]);
  }
  await insertRows(unit.tx, {
    table: 'settled_outside',
    columns: {
      shop_id: 'text',
      entry_id: 'bigint',
      account_no: 'bigint',
      amount_minor: 'bigint',
      settled_at: 'timestamptz',
      batch_id: 'bigint',
    },
    rows: entries.map((entry) => [
      shopId,
      entry.entry_id,
      entry.account_no,
      entry.amount_minor,
      unit.now,
      batch.batchId,
    ]),
  });
  const transactions = transactionsOf({ shopId, causeId, entries }, unit.now);
  await book.bookTransactions(unit, batch, transactions);
  await batch.close(unit.tx);
}

interface SettledOutside {
  readonly shopId: string;
  readonly causeId: string;
  readonly entries: readonly TakenEntry[];
}

function takeEntriesOfOrder(tx: Tx, shopId: string, orderId: string): Promise<TakenEntry[]> {
  return tx.query<TakenEntry>(
    `DELETE FROM unstated u USING entry e
      WHERE e.shop_id = $1 AND e.order_id = $2 AND e.cause = 'order'
        AND u.shop_id = e.shop_id AND u.account_no = e.account_no AND u.entry_id = e.entry_id
      RETURNING u.entry_id, u.account_no, e.currency, e.payee_id AS owner_id, e.kind,
                u.amount_minor`,
    [shopId, orderId],
  );
}

/** Takes what these owners were owed, or owed back, that matured before: held or not. */
export async function takeMaturedEntries(
  tx: Tx,
  { shop_id: shopId, kind, settled_before: before }: OutsideClosing,
  ownerIds: readonly string[],
): Promise<TakenEntry[]> {
  if (ownerIds.length === 0) return [];
  return tx.query<TakenEntry>(
    `DELETE FROM unstated u USING account c
      WHERE c.shop_id = $1 AND c.kind = $2 AND c.owner_id = ANY ($3)
        AND u.shop_id = c.shop_id AND u.account_no = c.account_no AND u.matures_at < $4
      RETURNING u.entry_id, u.account_no, c.currency, c.owner_id, c.kind, u.amount_minor`,
    [shopId, kind, ownerIds, before],
  );
}

/** One transaction a currency, in which every account moves once. */
function transactionsOf(
  { shopId, causeId, entries }: SettledOutside,
  bookedAt: Date,
): LedgerTransaction[] {
  const legsOf = new Map<string, LedgerLeg[]>();
  for (const { kind, owner_id: payeeId, currency, amount_minor: amount } of netted(entries)) {
    if (amount === 0n) continue;
    const legs = settledOutsideLegs({ kind, payeeId, amountMinor: minor(amount) });
    legsOf.set(currency, [...(legsOf.get(currency) ?? []), ...legs]);
  }
  return [...legsOf].map(([currency, legs]) => ({
    shopId,
    bookedAt,
    valueAt: null,
    currency,
    cause: 'settled-outside',
    causeId,
    legs,
  }));
}

function netted(entries: readonly TakenEntry[]): Iterable<TakenEntry> {
  const byAccount = new Map<bigint, TakenEntry>();
  for (const entry of entries) {
    const sum = (byAccount.get(entry.account_no)?.amount_minor ?? 0n) + entry.amount_minor;
    byAccount.set(entry.account_no, { ...entry, amount_minor: sum });
  }
  return byAccount.values();
}
