import { advisoryLock, type Tx } from '@qingfen/database';

const lockName = 'payout-sends';
/**
 * How long a sender may rely on its place in the gate: well below the time after which the database ends
 * a transaction that says nothing, and the place with it.
 */
const heldMsMax = 20_000;

/** The sender was stopped for so long (a paused process) that a stop may have passed it by. */
export class SendGateLost extends Error {
  override readonly name = 'SendGateLost';
}

/** A sender's place inside the gate. */
export interface SendPass {
  /** @throws SendGateLost when it may no longer count; nothing may be sent then. */
  check(): void;
}

/**
 * Lets sends start until the transaction ends. Whoever sends, in whichever replica, holds it from before
 * the stop is read until its calls have started, and checks the pass right before they do.
 */
export async function enterSendGate(
  tx: Tx,
  realMs: () => number = () => performance.now(),
): Promise<SendPass> {
  const enteredMs = realMs();
  await advisoryLock(tx, lockName, 'shared');
  return {
    check: () => {
      const heldMs = realMs() - enteredMs;
      if (heldMs > heldMsMax) throw new SendGateLost(`in the gate for ${Math.round(heldMs)} ms`);
    },
  };
}

/**
 * Waits until every send that was let in, by any replica, has started, and lets none in until the
 * transaction ends.
 */
export function closeSendGate(tx: Tx): Promise<void> {
  return advisoryLock(tx, lockName, 'exclusive');
}
