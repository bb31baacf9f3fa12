import {
  settledOutsideLegs,
  type LedgerLeg,
  type OrderFact,
  type PayeeAmount,
} from '@qingfen/core-settlement';
import { insertRows, type Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { minor } from '@qingfen/money';
import { JournalBatch } from './journal.store.js';
import { bookTransactions } from './ledger.store.js';

interface OpenRow {
  readonly order_id: string;
  readonly entry_id: bigint;
  readonly payee_id: string;
  readonly kind: PayeeAmount['kind'];
  readonly currency: string;
  readonly amount_minor: bigint;
}

/**
 * Closes what an order owes as paid elsewhere: it is never stated, counts for no team, and later refunds
 * are corrections of their own. The ledger moves it from `payable` to the shop's owner. What people
 * booked by hand for the order is not of it and stays.
 *
 * To be called in the transaction that has booked the order: nobody else has seen its entries.
 */
export async function settleOrderOutside(unit: Unit, order: OrderFact): Promise<void> {
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
      order_id: 'text',
      entry_id: 'bigint',
      payee_id: 'text',
      kind: 'text',
      currency: 'text',
      amount_minor: 'bigint',
      settled_at: 'timestamptz',
      batch_id: 'bigint',
    },
    rows: rows.map((row) => [
      shopId,
      row.order_id,
      row.entry_id,
      row.payee_id,
      row.kind,
      row.currency,
      row.amount_minor,
      unit.now,
      batch.batchId,
    ]),
  });
  await bookTransactions(unit.tx, batch, [
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
    `DELETE FROM open_entry o USING entry e
      WHERE e.shop_id = $1 AND e.order_id = $2 AND e.cause = 'order'
        AND o.shop_id = e.shop_id AND o.kind = e.kind AND o.payee_id = e.payee_id
        AND o.entry_id = e.entry_id
      RETURNING o.order_id, o.entry_id, o.payee_id, o.kind, o.currency, o.amount_minor`,
    [shopId, orderId],
  );
}

function legsOf({ kind, payee_id: payeeId, amount_minor: amount }: OpenRow): readonly LedgerLeg[] {
  return settledOutsideLegs({ kind, payeeId, amountMinor: minor(amount) });
}
