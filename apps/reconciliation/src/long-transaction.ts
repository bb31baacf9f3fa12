import type { Tx } from '@qingfen/database';

/** A file of a million lines takes longer than a statement usually may. */
export async function allowLong(tx: Tx): Promise<void> {
  await tx.query(`SET LOCAL statement_timeout = '300s'`);
  await tx.query(`SET LOCAL idle_in_transaction_session_timeout = '300s'`);
}
