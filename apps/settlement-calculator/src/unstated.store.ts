import { copyRows, type Tx } from '@qingfen/database';

/** Rows of what is owed and on no statement: shop, account, entry, amount, maturity, is give-back. */
export async function insertUnstated(tx: Tx, rows: Iterable<unknown[]>): Promise<void> {
  await copyRows(tx, {
    table: 'unstated',
    columns: {
      shop_id: 'text',
      account_no: 'bigint',
      entry_id: 'bigint',
      amount_minor: 'bigint',
      matures_at: 'timestamptz',
      is_give_back: 'boolean',
    },
    rows,
  });
}

/** Rows of blocks that wait for a window: shop, its end, block, order, when it was completed. */
export async function awaitWindows(tx: Tx, rows: Iterable<unknown[]>): Promise<void> {
  await copyRows(tx, {
    table: 'awaited_window',
    columns: {
      shop_id: 'text',
      closes_at: 'timestamptz',
      block: 'bigint',
      order_id: 'text',
      completed_at: 'timestamptz',
    },
    rows,
  });
}
