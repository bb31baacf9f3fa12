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

const allSql = (lock: string): string => `
  WITH ordered AS MATERIALIZED (
    SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS names(name) ORDER BY 1)
  SELECT ${lock}(key) FROM ordered`;

/**
 * Holds locks by their names until the transaction ends, with one trip to the server. They are taken in
 * one order, whoever takes them, so nobody who takes several this way waits in a circle.
 */
export async function advisoryLocks(
  tx: Tx,
  names: readonly string[],
  mode: 'shared' | 'exclusive',
): Promise<void> {
  if (names.length === 0) return;
  const lock = mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await tx.prepared(`locks_${mode}`, allSql(lock), [names]);
}
