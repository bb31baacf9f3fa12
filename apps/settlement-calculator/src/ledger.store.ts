import { invariant, type Minor } from '@qingfen/money';
import { copyRows, type Tx } from '@qingfen/database';
import type { JournalBatch } from './journal.store.js';

/** One side of a transaction: debits positive, credits negative. */
export interface Leg {
  readonly account: string;
  readonly amountMinor: Minor;
}

export interface LedgerTransaction {
  readonly shopId: string;
  readonly bookedAt: Date;
  readonly valueAt: Date | null;
  readonly currency: string;
  /** The fact: `order-completed`, `statement-issued`, `payout-succeeded` … */
  readonly cause: string;
  readonly causeId: string;
  readonly legs: readonly Leg[];
}

/** Appends transactions; each adds up to zero here, and PostgreSQL checks it again. */
export async function bookTransactions(
  tx: Tx,
  batch: JournalBatch,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  const rows: unknown[][] = [];
  for (const transaction of transactions) {
    const legs = transaction.legs.filter(({ amountMinor }) => amountMinor !== 0n);
    if (legs.length === 0) continue;
    const accounts = legs.map(({ account }) => account);
    const amounts = legs.map(({ amountMinor }): bigint => amountMinor);
    invariant(
      amounts.reduce((sum, amount) => sum + amount, 0n) === 0n,
      `${transaction.cause} ${transaction.causeId} does not add up`,
    );
    const { shopId, bookedAt, valueAt, currency, cause, causeId } = transaction;
    batch.note(shopId, [
      'ledger-transaction',
      bookedAt,
      valueAt,
      currency,
      cause,
      causeId,
      accounts.join(','),
      amounts.join(','),
    ]);
    rows.push([
      shopId,
      bookedAt,
      valueAt,
      currency,
      cause,
      causeId,
      accounts,
      amounts,
      batch.batchId,
    ]);
  }
  await copyRows(tx, {
    table: 'ledger_transaction',
    columns: [
      'shop_id',
      'booked_at',
      'value_at',
      'currency',
      'cause',
      'cause_id',
      'accounts',
      'amounts',
      'batch_id',
    ],
    rows,
  });
}
