import { invariant } from '@qingfen/money';
import { doubtIn, standingApprovals } from './decide-send.js';
import { move, stay, type Decision, type Payout } from './payout.js';
import { paidWithoutUs } from './states.js';

/** What an operator may want of a payout. */
export type Act = 'approve' | 'reject' | 'retry' | 'cancel';

/** Who wants it, and why. */
export interface Actor {
  readonly userId: string;
  readonly reason: string;
  /** Whether they were the last to change, by hand, the account that is to be paid. */
  readonly hasChangedAccount: boolean;
  /** What would be sent now: the hash of payee, account, amount and number. */
  readonly hash: string;
  /** What they believe to approve, where they say it. */
  readonly believedHash: string | null;
  /** For how long what they approve counts. */
  readonly approvalMs: number;
}

/** An act that the payout's state, or who acted before, does not allow. */
export interface Refused {
  readonly kind: 'refused';
  readonly code:
    'not-in-this-state' | 'maker-may-not-approve' | 'changed-meanwhile' | 'part-of-batch';
  readonly message: string;
}

/** An act that changes the payout. */
export interface Taken {
  readonly kind: 'taken';
  readonly decision: Decision;
}

/**
 * Decides an operator's act. An unknown payout is never cancelled, only asked about; a final one is
 * never sent again; nobody approves what they themselves have caused.
 */
export function decideAct(payout: Payout, act: Act, actor: Actor, now: Date): Taken | Refused {
  switch (act) {
    case 'approve':
      return payout.state === 'review' ? approve(payout, actor, now) : refuse(payout, act);
    case 'reject':
      return payout.state === 'review'
        ? cancel(payout, actor, now, 'rejected')
        : refuse(payout, act);
    case 'cancel':
      return isCancellable(payout) ? cancel(payout, actor, now, 'cancelled') : refuse(payout, act);
    case 'retry':
      return retry(payout, actor, now);
  }
}

function approve(payout: Payout, actor: Actor, now: Date): Taken | Refused {
  if (actor.hasChangedAccount || payout.makers.includes(actor.userId)) {
    const message = 'Who caused the need for a decision may not take it.';
    return { kind: 'refused', code: 'maker-may-not-approve', message };
  }
  const { hash, believedHash, approvalMs } = actor;
  if (believedHash !== null && believedHash !== hash) {
    const message = 'Payee, account, amount or number is not what you looked at; look again.';
    return { kind: 'refused', code: 'changed-meanwhile', message };
  }
  const standing = standingApprovals(payout, hash, now);
  const set = {
    approvedDoubts: [...new Set([...standing, doubtIn(payout.reason)])],
    approvedHash: hash,
    approvedUntil: new Date(now.getTime() + approvalMs),
  };
  const why = `approved: ${actor.reason}`;
  return taken(move(payout, now, [{ to: 'requested', why, by: actor.userId, set }]));
}

/**
 * Ends one payout of a batch that Alipay does not have, together with all others of it: null where it
 * may not be ended now.
 *
 * @throws InvariantError when it is not one of a batch.
 */
export function decideBatchCancel(
  payout: Payout,
  { userId: by, reason }: Pick<Actor, 'userId' | 'reason'>,
  now: Date,
): Decision | null {
  invariant(payout.batchNo !== null, 'it is one of a batch');
  const isOpen = payout.state === 'review' || isCancellable(payout);
  if (!isOpen || payout.reason === paidWithoutUs) return null;
  const why = `its batch is closed: ${reason}`;
  return move(payout, now, [{ to: 'cancelled', reason: why, why, by }]);
}

function isCancellable({ state }: Payout): boolean {
  return ['requested', 'blocked', 'waiting'].includes(state);
}

function cancel(payout: Payout, actor: Actor, now: Date, word: string): Taken | Refused {
  if (payout.batchNo !== null) {
    const message = `It is one of batch ${payout.batchNo}, which is sent or closed whole.`;
    return { kind: 'refused', code: 'part-of-batch', message };
  }
  const why = `${word}: ${actor.reason}`;
  return taken(move(payout, now, [{ to: 'cancelled', reason: why, why, by: actor.userId }]));
}

function retry(payout: Payout, actor: Actor, now: Date): Taken | Refused {
  const makers = [...new Set([...payout.makers, actor.userId])];
  if (payout.state === 'waiting' && payout.reason === paidWithoutUs) {
    return taken(stay(payout, { makers }, { askInMs: 0 }));
  }
  if (payout.state === 'waiting') {
    const why = `tried now: ${actor.reason}`;
    const step = { to: 'requested', why, by: actor.userId, set: { makers } } as const;
    return taken(move(payout, now, [step]));
  }
  if (payout.state === 'unknown') return taken(stay(payout, { makers }, { askInMs: 0 }));
  return refuse(payout, 'retry');
}

function taken(decision: Decision): Taken {
  return { kind: 'taken', decision };
}

function refuse(payout: Payout, act: Act): Refused {
  const message = `A payout in state ${payout.state} cannot be taken by "${act}".`;
  return { kind: 'refused', code: 'not-in-this-state', message };
}
