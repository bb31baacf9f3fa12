import { advisoryLocks, type Tx } from '@qingfen/database';

const bucketCount = 64;

/** One of a payee's kind; batches that change entries share it, a run's chunk has it alone. */
export interface PayeeKind {
  readonly shopId: string;
  readonly kind: string;
  readonly payeeId: string;
}

/**
 * Locks the buckets of these payees, in one order: a change of an entry is either before the chunk that
 * states it, and inside the statement, or after it, and a correction (architecture.md rule 8).
 */
export async function lockBuckets(
  tx: Tx,
  payees: readonly PayeeKind[],
  mode: 'shared' | 'exclusive',
): Promise<void> {
  const keys = new Set(
    payees.map(({ shopId, kind, payeeId }) => `payee ${shopId} ${kind} ${bucketOf(payeeId)}`),
  );
  await advisoryLocks(tx, [...keys], mode);
}

/** Which bucket a payee, or a team, is in. FNV-1a: stable over processes and releases. */
export function bucketOf(payeeId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(payeeId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % bucketCount;
}
