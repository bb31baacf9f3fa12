import { InvariantError, type Minor } from '@qingfen/money';
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

/**
 * The transactions that move something, each with the legs that do.
 * @throws InvariantError when legs do not add up to zero: a bug
 */
export function movingOf(transactions: readonly LedgerTransaction[]): LedgerTransaction[] {
  const moving: LedgerTransaction[] = [];
  for (const transaction of transactions) {
    const { legs, cause, causeId } = transaction;
    let sum = 0n;
    let still = 0;
    for (const { amountMinor } of legs) {
      sum += amountMinor;
      if (amountMinor === 0n) still += 1;
    }
    if (sum !== 0n) throw new InvariantError(`${cause} ${causeId} does not add up`);
    if (still === 0 && legs.length > 0) moving.push(transaction);
    else if (still < legs.length) {
      const moved = legs.filter(({ amountMinor }) => amountMinor !== 0n);
      moving.push({ ...transaction, legs: moved });
    }
  }
  return moving;
}

/** Notes transactions as facts, in the order in which they are inserted. */
export function noteTransactions(
  batch: JournalBatch,
  transactions: readonly LedgerTransaction[],
): void {
  for (const { shopId, bookedAt, valueAt, currency, cause, causeId, legs } of transactions) {
    batch.note(shopId, [
      'ledger-transaction',
      bookedAt,
      valueAt,
      currency,
      cause,
      causeId,
      legs.map(({ account }) => account).join(','),
      legs.map(({ amountMinor }) => amountMinor).join(','),
    ]);
  }
}

/**
 * Appends transactions of {@link movingOf} with the numbers of their legs' accounts; that each adds up,
 * PostgreSQL checks again.
 */
export async function insertTransactions(
  tx: Tx,
  batchId: bigint,
  transactions: readonly LedgerTransaction[],
  accountNos: readonly (readonly bigint[])[],
): Promise<void> {
  if (transactions.length === 0) return;
  await copyRows(tx, {
    table: 'ledger_transaction',
    columns: {
      shop_id: 'text',
      booked_at: 'timestamptz',
      value_at: 'timestamptz',
      currency: 'text',
      cause: 'text',
      cause_id: 'text',
      account_nos: 'bigint[]',
      amounts: 'bigint[]',
      batch_id: 'bigint',
    },
    rows: rowsOf(transactions, batchId, accountNos),
  });
}

function* rowsOf(
  transactions: readonly LedgerTransaction[],
  batchId: bigint,
  accountNos: readonly (readonly bigint[])[],
): Generator<unknown[]> {
  for (const [index, transaction] of transactions.entries()) {
    const { shopId, bookedAt, valueAt, currency, cause, causeId, legs } = transaction;
    yield [
      shopId,
      bookedAt,
      valueAt,
      currency,
      cause,
      causeId,
      accountNos[index],
      legs.map(({ amountMinor }) => amountMinor),
      batchId,
    ];
  }
}
