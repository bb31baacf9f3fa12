import { copyRows, type Tx } from '@qingfen/database';

/** Rows of what is owed and on no statement: shop, account, entry, amount, maturity, is give-back. */
export async function insertUnstated(tx: Tx, rows: Iterable<unknown[]>): Promise<void> {
  await copyRows(tx, {
    table: 'unstated',
    columns: ['shop_id', 'account_no', 'entry_id', 'amount_minor', 'matures_at', 'is_give_back'],
    rows,
  });
}

/** Rows of blocks that wait for a window: shop, its end, block, order, when it was completed. */
export async function awaitWindows(tx: Tx, rows: Iterable<unknown[]>): Promise<void> {
  await copyRows(tx, {
    table: 'awaited_window',
    columns: ['shop_id', 'closes_at', 'block', 'order_id', 'completed_at'],
    rows,
  });
}
