import type { Minor } from '@qingfen/money';
import type { Failure, Instruction, RefusalClass } from './payout.js';
import type { WaitReason } from './states.js';

/** What an answer of Alipay names. */
export interface Evidence {
  readonly outBizNo: string | null;
  /** Null where the answer names none: a transfer's own answer does not, a query's must. */
  readonly amountMinor: Minor | null;
  readonly alipayOrderId: string | null;
}

/** What came of giving the stored request to Alipay. */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly evidence: Evidence }
  /** Paid, and the money came back (bank card, split return). */
  | { readonly kind: 'returned'; readonly evidence: Evidence }
  | {
      readonly kind: 'refused';
      readonly class: RefusalClass;
      /** For class S: what it waits for. */
      readonly waitsFor: WaitReason;
      readonly payeeFault: boolean;
      readonly failure: Failure;
    }
  /** A time-out, a system error, a bad signature, a state in between: it may have worked. */
  | {
      readonly kind: 'unclear';
      readonly why: string;
      readonly isConflict?: boolean;
      readonly isListed?: boolean;
    }
  /** Certainly never left: no connection was made. */
  | { readonly kind: 'not-sent'; readonly why: string };

/** Whose word a success is, for want of a query's: the account's log, or the bill of the day. */
export type Witness = 'account-log' | 'bill';

/** What Alipay answers when asked about our number. */
export type QueryAnswer =
  | {
      readonly kind: 'success';
      readonly evidence: Evidence;
      /** Who says so where the query does not: both have a transfer that is in process and may yet fail. */
      readonly witness?: Witness;
    }
  | { readonly kind: 'returned'; readonly evidence: Evidence }
  /** A split of which refunds took a part back; less than all of it. */
  | {
      readonly kind: 'part-returned';
      readonly evidence: Evidence;
      readonly returnedMinor: Minor;
    }
  /** ORDER_NOT_EXIST. */
  | { readonly kind: 'not-found' }
  /** FAIL or CLOSED: known, and over. */
  | {
      readonly kind: 'ended';
      readonly outBizNo: string | null;
      readonly payeeFault: boolean;
      readonly failure: Failure;
    }
  /** Not over yet (then Alipay knows the number), or no answer. */
  | { readonly kind: 'unclear'; readonly why: string; readonly isKnown: boolean };

/** Whether an answer is about this very payout: our number, and our amount where it must name one. */
export function proves(
  evidence: Evidence,
  payout: Pick<Instruction, 'outBizNo' | 'amountMinor'>,
  mustNameAmount: boolean,
): boolean {
  if (evidence.outBizNo !== payout.outBizNo) return false;
  if (evidence.amountMinor === null) return !mustNameAmount;
  return evidence.amountMinor === payout.amountMinor;
}
