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

interface OpenRow {
  readonly entry_id: bigint;
  readonly account_no: bigint;
  readonly payee_id: string;
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
  const rows = await takeOpenEntries(unit.tx, shopId, orderId);
  if (rows.length === 0) return;
  const batch = await JournalBatch.open(unit.tx, unit.now);
  for (const row of rows) batch.note(shopId, ['settled-outside', row.entry_id, row.amount_minor]);
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
    rows: rows.map((row) => [
      shopId,
      row.entry_id,
      row.account_no,
      row.amount_minor,
      unit.now,
      batch.batchId,
    ]),
  });
  await book.bookTransactions(unit, batch, [
    {
      shopId,
      bookedAt: unit.now,
      valueAt: null,
      currency: order.currency,
      cause: 'settled-outside',
      causeId: orderId,
      legs: rows.flatMap(legsOf),
    },
  ]);
  await batch.close(unit.tx);
}

function takeOpenEntries(tx: Tx, shopId: string, orderId: string): Promise<OpenRow[]> {
  return tx.query<OpenRow>(
    `DELETE FROM unstated u USING entry e
      WHERE e.shop_id = $1 AND e.order_id = $2 AND e.cause = 'order'
        AND u.shop_id = e.shop_id AND u.account_no = e.account_no AND u.entry_id = e.entry_id
      RETURNING u.entry_id, u.account_no, e.payee_id, e.kind, u.amount_minor`,
    [shopId, orderId],
  );
}

function legsOf({ kind, payee_id: payeeId, amount_minor: amount }: OpenRow): readonly LedgerLeg[] {
  return settledOutsideLegs({ kind, payeeId, amountMinor: minor(amount) });
}
