import { advisoryLock, type Tx } from '@qingfen/database';

const lockName = 'payout-sends';

/**
 * Lets sends start until the transaction ends. Whoever sends holds it from before the stop is read
 * until its calls have started.
 */
export function enterSendGate(tx: Tx): Promise<void> {
  return advisoryLock(tx, lockName, 'shared');
}

/** Waits until every send that was let in has started, and lets none in until the transaction ends. */
export function closeSendGate(tx: Tx): Promise<void> {
  return advisoryLock(tx, lockName, 'exclusive');
}
