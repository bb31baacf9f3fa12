import { invariant, minor, type Minor } from '@qingfen/money';
import {
  becomeUnknown,
  decideAnswer,
  decideOutcome,
  doubtEvidence,
  fail,
  succeed,
  succeedAndReturn,
} from './decide-outcome.js';
import { decideIntent } from './decide-send.js';
import { proves, type QueryAnswer, type SendOutcome } from './evidence.js';
import { move, stay, type Decision, type Payout } from './payout.js';
import { recheckAtFor } from './rechecks.js';
import { paidWithoutUs, type WaitReason } from './states.js';

/** The least that one payment of a batch may be: 1.00. Source: alipay.md 6. */
export const batchMinimum: Minor = minor(100n);

/**
 * Whether a payout is paid in a batch. One under {@link batchMinimum} goes by a transfer of its own,
 * and so does one whose transfer was stored before batches were offered: a way is never changed.
 */
export function isBatched(
  payout: Pick<Payout, 'payVia' | 'amountMinor' | 'appId' | 'batchNo'>,
): boolean {
  const { payVia, amountMinor, appId, batchNo } = payout;
  if (batchNo !== null) return true;
  return payVia === 'batch' && amountMinor >= batchMinimum && appId === null;
}

/** What came of giving a stored batch to Alipay: taken, which says nothing of its payments, or not. */
export type BatchOutcome =
  { readonly kind: 'accepted' } | Exclude<SendOutcome, { kind: 'accepted' | 'returned' }>;

/** What Alipay answers of one payment of a batch, when it is asked about the batch. */
export type DetailAnswer =
  | QueryAnswer
  /** The payer has not confirmed it yet. */
  | { readonly kind: 'unconfirmed' };

/** Notes the intent to send a payout as one of a batch: with it, and with nothing else, for ever. */
export function decideBatchIntent(
  payout: Payout,
  { appId, batchNo }: { readonly appId: string; readonly batchNo: string },
  now: Date,
): Decision {
  const isFirst = payout.appId === null && payout.batchNo === null;
  invariant(isFirst || payout.batchNo === batchNo, 'a payout keeps its batch');
  return decideIntent({ ...payout, batchNo }, appId, now);
}

/** What the other payouts of a batch do when one of them may not go: a batch is sent whole or not. */
export function decideCompanion(payout: Payout, reason: WaitReason, now: Date): Decision {
  const why = 'another payout of its batch may not go now';
  const set = { recheckAt: recheckAtFor(reason, now), isUnsent: false };
  return move(payout, now, [{ to: 'waiting', reason, why, set }]);
}

/**
 * Decides what sending a batch has come to for one payout of it. `detail` is what Alipay answered of it
 * right after; null: it was not asked, since nothing was sent.
 *
 * @throws InvariantError when the payout is not being sent in a batch.
 */
export function decideBatchOutcome(
  payout: Payout,
  outcome: BatchOutcome,
  detail: DetailAnswer | null,
  now: Date,
): Decision {
  invariant(payout.state === 'sending' && payout.batchNo !== null, 'it is sent in a batch');
  // That Alipay has the batch is known from its answer, or from what it says of the payment.
  const isKnown = detail !== null && knows(detail);
  if (outcome.kind !== 'accepted' && !(outcome.kind === 'unclear' && isKnown)) {
    const check = detail?.kind === 'unconfirmed' ? stillOpen : detail;
    return decideOutcome(payout, outcome, now, check);
  }
  switch (detail?.kind) {
    case 'success':
      if (!proves(detail.evidence, payout, true)) return doubtEvidence(payout, now);
      return move(payout, now, [succeed(detail.evidence, 'Alipay paid it in the batch')]);
    case 'returned':
      if (!proves(detail.evidence, payout, false)) return doubtEvidence(payout, now);
      return succeedAndReturn(payout, detail.evidence, now);
    case 'ended': {
      const { failure, payeeFault } = detail;
      const refusal = { class: 'N', failure, payeeFault } as const;
      return fail(payout, refusal, now, 'Alipay refused it in the batch');
    }
    case 'unconfirmed':
      return waitForPayer(payout, now);
    default:
      return becomeUnknown(payout, now, 'Alipay has the batch and has not ended this payment');
  }
}

/**
 * Decides what asking about a batch has come to for one payout of it: unknown, paid (the money may have
 * come back), or waiting for its payer, who may have confirmed it meanwhile.
 *
 * @throws InvariantError when the payout is in another state.
 */
export function decideDetailAnswer(payout: Payout, answer: DetailAnswer, now: Date): Decision {
  const isWaiting = payout.state === 'waiting' && payout.reason === paidWithoutUs;
  if (!isWaiting) {
    const isBack = answer.kind === 'unconfirmed' && payout.state === 'unknown';
    if (isBack) return waitForPayer(payout, now);
    return decideAnswer(payout, answer.kind === 'unconfirmed' ? stillOpen : answer, now);
  }
  const isSilent = answer.kind === 'unclear' && !answer.isKnown;
  if (isSilent || answer.kind === 'unconfirmed') {
    return stay(payout, { recheckAt: recheckAtFor(paidWithoutUs, now) });
  }
  const why = 'it waits for its payer no more: what came of it is asked';
  const set = { unknownAt: now, asked: 0, notFoundAt: null, refusal: null };
  const moved = move(payout, now, [{ to: 'unknown', reason: why, why, set }]);
  const decided = decideAnswer(moved.payout, answer, now);
  return { ...decided, transitions: [...moved.transitions, ...decided.transitions] };
}

function waitForPayer(payout: Payout, now: Date): Decision {
  const why = 'the payer has to confirm the batch at Alipay';
  const set = {
    recheckAt: recheckAtFor(paidWithoutUs, now),
    isUnsent: false,
    unknownAt: null,
    notFoundAt: null,
    refusal: null,
  };
  const step = { to: 'waiting', reason: paidWithoutUs, why, set } as const;
  return move(payout, now, [step], { alerts: ['payout-confirmation'] });
}

function knows(detail: DetailAnswer): boolean {
  if (detail.kind === 'unclear') return detail.isKnown;
  return detail.kind !== 'not-found';
}

const stillOpen: QueryAnswer = {
  kind: 'unclear',
  why: 'the payer has still to act',
  isKnown: true,
};
