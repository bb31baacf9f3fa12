import type { Tx } from './types.js';

/**
 * Holds a lock by name until the transaction ends; any number of `shared` holders, or one
 * `exclusive`. Waits no longer than the connection's lock time-out.
 */
export async function advisoryLock(
  tx: Tx,
  key: string,
  mode: 'shared' | 'exclusive',
): Promise<void> {
  if (mode === 'shared') {
    const sql = 'SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))';
    await tx.prepared('lock_shared', sql, [key]);
    return;
  }
  const sql = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
  await tx.prepared('lock_exclusive', sql, [key]);
}
