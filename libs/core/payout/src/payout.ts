import { invariant, ZERO, type Minor } from '@qingfen/money';
import { mayMove, paidWithoutUs, type PayoutState } from './states.js';

/** What payout was told to pay; none of it ever changes. */
export interface Instruction {
  readonly shopId: string;
  readonly payoutId: string;
  readonly statementId: string;
  readonly part: number;
  readonly parts: number;
  readonly payeeId: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  /** What is paid. */
  readonly amountMinor: Minor;
  /** The tax withheld with it; mostly nothing. */
  readonly withheldMinor: Minor;
  readonly currency: string;
  readonly payVia: 'transfer' | 'batch' | 'royalty';
  /** The trade that is split for it; null: it is paid otherwise. */
  readonly tradeNo: string | null;
  readonly remark: string;
  /** Business time. */
  readonly requestedAt: Date;
  /** The one number under which Alipay hears of it. */
  readonly outBizNo: string;
}

/** Alipay's own words for why it did not pay. */
export interface Failure {
  readonly code: string;
  readonly subCode: string | null;
  readonly message: string;
}

/**
 * How a refusal is to be taken: `N` needs a new request, `S` the same one later, `C` the shop's
 * configuration, `R` a human. What may have worked is no refusal. Source: alipay.md 3.5.
 */
export type RefusalClass = 'N' | 'S' | 'C' | 'R';

/** A refusal that counts only once a query has said that nothing moved. */
export interface Refusal {
  readonly class: RefusalClass;
  /** Whether the payee's account was the reason. */
  readonly payeeFault: boolean;
  readonly failure: Failure;
}

/** An instruction and how far it has come. All instants are business time. */
export interface Payout extends Instruction {
  readonly state: PayoutState;
  /** Why it is where it is: a {@link WaitReason} when waiting, words otherwise. */
  readonly reason: string | null;
  /** How many moves it has made. */
  readonly seq: number;
  /** The merchant of the stored request; null until there is one. */
  readonly appId: string | null;
  /** The batch that its stored request is one of; null: it is paid by itself. */
  readonly batchNo: string | null;
  /** How many times the stored request was given to a sender. */
  readonly attempts: number;
  /** The last attempt certainly did not leave this machine. */
  readonly isUnsent: boolean;
  readonly refusal: Refusal | null;
  readonly failure: Failure | null;
  readonly payeeFault: boolean;
  readonly alipayOrderId: string | null;
  /** What has come back of a split with refunds. */
  readonly returnedMinor: Minor;
  /** Doubts that approvers let pass, so that the same one does not stop it twice. */
  readonly approvedDoubts: readonly string[];
  /** What they approved: payee, account, amount and number. Null: nothing. */
  readonly approvedHash: string | null;
  /** When what they said ends to count. */
  readonly approvedUntil: Date | null;
  /** Users whose acts made a decision necessary: none of them may approve. */
  readonly makers: readonly string[];
  readonly unknownAt: Date | null;
  /** Queries asked since `unknownAt`. */
  readonly asked: number;
  /** The first of an unbroken row of ORDER_NOT_EXIST. */
  readonly notFoundAt: Date | null;
  /** When an unknown payout is asked about next, on business time. */
  readonly askAt: Date | null;
  /** When a waiting payout is looked at again. */
  readonly recheckAt: Date | null;
  readonly changedAt: Date;
  /** When it was sent last: daily limits count it on that day. */
  readonly sentAt: Date | null;
}

/** One move, appended and never edited. */
export interface Transition {
  readonly seq: number;
  readonly from: PayoutState;
  readonly to: PayoutState;
  /** Business time. */
  readonly at: Date;
  readonly why: string;
  readonly by: string;
}

/** What an operator must hear of. */
export type PayoutAlertClass =
  | 'payout-unknown'
  | 'payout-evidence-differs'
  | 'payout-credentials'
  | 'payout-funds'
  | 'payout-failed'
  | 'payout-returned'
  | 'payout-review'
  | 'payout-blocked'
  | 'payout-limit'
  | 'payout-confirmation'
  | 'payout-number-conflict'
  | 'payout-unlisted-code';

/** What a decision changes; it says and writes nothing itself. */
export interface Decision {
  readonly payout: Payout;
  readonly transitions: readonly Transition[];
  /** Ask Alipay after so many milliseconds of real time; null: not on real time. */
  readonly askInMs: number | null;
  readonly alerts: readonly PayoutAlertClass[];
}

/** Who acts when nobody in particular does. */
export const systemActor = 'payout';

/** The fields that a move may set besides the state. */
export type Progress = Partial<
  Omit<Payout, keyof Instruction | 'state' | 'seq' | 'reason' | 'changedAt'>
>;

/** One step of a decision: the state to go to, why, and what else changes with it. */
export interface Step {
  readonly to: PayoutState;
  readonly why: string;
  /** What the payout shows as its reason (null). */
  readonly reason?: string | null;
  readonly by?: string;
  readonly set?: Progress;
}

/** A decision that changes no state. */
export function stay(payout: Payout, set: Progress, more: Partial<Decision> = {}): Decision {
  return { payout: { ...payout, ...set }, transitions: [], askInMs: null, alerts: [], ...more };
}

/**
 * Makes the moves one after the other.
 *
 * @throws InvariantError on a move that the table has not: a bug, so crash.
 */
export function move(
  payout: Payout,
  now: Date,
  steps: readonly Step[],
  more: Partial<Pick<Decision, 'askInMs' | 'alerts'>> = {},
): Decision {
  let current = payout;
  const transitions: Transition[] = [];
  for (const { to, why, reason = null, by = systemActor, set = {} } of steps) {
    invariant(mayMove(current.state, to), `a payout must not go from ${current.state} to ${to}`);
    const isAtPayer = [current.state, to].sort().join() === 'unknown,waiting';
    const waitsFor = to === 'waiting' ? reason : current.reason;
    invariant(!isAtPayer || waitsFor === paidWithoutUs, 'only what waits for its payer is unknown');
    const seq = current.seq + 1;
    transitions.push({ seq, from: current.state, to, at: now, why, by });
    current = {
      ...current,
      askAt: null,
      recheckAt: null,
      ...set,
      state: to,
      reason,
      seq,
      changedAt: now,
    };
  }
  return { payout: current, transitions, askInMs: null, alerts: [], ...more };
}

/** An instruction as it was just asked for: nothing has been done about it. */
export function asRequested(
  instruction: Instruction,
  { makers, at }: { readonly makers: readonly string[]; readonly at: Date },
): Payout {
  return {
    ...instruction,
    state: 'requested',
    reason: null,
    seq: 0,
    appId: null,
    batchNo: null,
    attempts: 0,
    isUnsent: false,
    refusal: null,
    failure: null,
    payeeFault: false,
    alipayOrderId: null,
    returnedMinor: ZERO,
    approvedDoubts: [],
    approvedHash: null,
    approvedUntil: null,
    makers,
    unknownAt: null,
    asked: 0,
    notFoundAt: null,
    askAt: null,
    recheckAt: null,
    changedAt: at,
    sentAt: null,
  };
}
