import { invariant } from '@qingfen/money';
import { nextAsk, notFoundGapMs } from './asking.js';
import {
  proves,
  type Evidence,
  type QueryAnswer,
  type SendOutcome,
  type Witness,
} from './evidence.js';
import { move, stay, type Decision, type Payout, type Refusal, type Step } from './payout.js';
import { recheckAtFor } from './rechecks.js';

/**
 * Decides what a send has come to.
 *
 * `check` is what a query of the same number answered; a refusal of class N or R needs one and is
 * otherwise unknown. Success must name our number (and our amount, where the answer has one).
 *
 * @throws InvariantError when the payout is not being sent.
 * @see domain.md 7
 */
export function decideOutcome(
  payout: Payout,
  outcome: SendOutcome,
  now: Date,
  check: QueryAnswer | null = null,
): Decision {
  invariant(payout.state === 'sending', 'only a payout that is being sent has an outcome');
  switch (outcome.kind) {
    case 'accepted':
      if (!proves(outcome.evidence, payout, false)) return doubtEvidence(payout, now);
      return move(payout, now, [succeed(outcome.evidence, 'Alipay paid it')]);
    case 'returned':
      if (!proves(outcome.evidence, payout, false)) return doubtEvidence(payout, now);
      return succeedAndReturn(payout, outcome.evidence, now);
    case 'unclear':
      return becomeUnknown(payout, now, outcome.why, null, [
        ...(outcome.isConflict === true ? ['payout-number-conflict' as const] : []),
        ...(outcome.isListed === false ? ['payout-unlisted-code' as const] : []),
      ]);
    case 'not-sent':
      return stay(payout, { isUnsent: true });
    case 'refused':
      return decideRefusal(payout, outcome, now, check);
  }
}

type Refused = Extract<SendOutcome, { kind: 'refused' }>;

function decideRefusal(
  payout: Payout,
  refused: Refused,
  now: Date,
  check: QueryAnswer | null,
): Decision {
  const { class: refusalClass, failure, payeeFault } = refused;
  const why = `Alipay refused: ${failure.subCode ?? failure.code}`;
  if (refusalClass === 'S' || refusalClass === 'C') {
    const reason = refusalClass === 'C' ? 'credentials' : refused.waitsFor;
    const set = { failure, recheckAt: recheckAtFor(reason, now) };
    const alerts = waitAlerts[reason] ?? [];
    return move(payout, now, [{ to: 'waiting', reason, why, set }], { alerts });
  }
  const refusal: Refusal = { class: refusalClass, failure, payeeFault };
  if (check?.kind === 'success' && proves(check.evidence, payout, true)) {
    return move(payout, now, [succeed(check.evidence, `${why}, but a query says it was paid`)]);
  }
  if (check?.kind === 'returned' && proves(check.evidence, payout, false)) {
    return succeedAndReturn(payout, check.evidence, now);
  }
  if (check === null || !saysNothingMoved(check, payout)) {
    return becomeUnknown(payout, now, `${why}; no query has said that nothing moved`, refusal);
  }
  if (refusalClass === 'N') return fail(payout, refusal, now, `${why}; a query found nothing paid`);
  const review: Step = { to: 'review', reason: why, why, set: { failure } };
  return move(payout, now, [review], { alerts: ['payout-review'] });
}

const waitAlerts: Readonly<Record<string, Decision['alerts']>> = {
  credentials: ['payout-credentials'],
  funds: ['payout-funds'],
};

/**
 * Decides what a query of an unknown payout (or one of a succeeded payout, whose money may have
 * come back) has come to.
 *
 * @throws InvariantError when the payout is in another state.
 */
export function decideAnswer(payout: Payout, answer: QueryAnswer, now: Date): Decision {
  if (payout.state === 'succeeded') return decideAfterSuccess(payout, answer, now);
  invariant(payout.state === 'unknown', 'only an unknown payout is resolved by asking');
  switch (answer.kind) {
    case 'success':
      if (!proves(answer.evidence, payout, true)) return askAgain(payout, now, null, true);
      return answer.witness === undefined
        ? move(payout, now, [succeed(answer.evidence, 'a query says it was paid')])
        : succeedBy(answer.witness, payout, answer.evidence, now);
    case 'returned':
      if (!proves(answer.evidence, payout, false)) return askAgain(payout, now, null, true);
      return succeedAndReturn(payout, answer.evidence, now);
    case 'part-returned': {
      if (!proves(answer.evidence, payout, true)) return askAgain(payout, now, null, true);
      const paid = succeed(answer.evidence, 'a query says it was paid');
      return move(payout, now, [paid, cameBackIn(answer)]);
    }
    case 'ended': {
      if (!isOurs(answer, payout)) return askAgain(payout, now, null, true);
      const { failure, payeeFault } = answer;
      const refusal = payout.refusal ?? { class: 'N' as const, failure, payeeFault };
      return fail(payout, refusal, now, 'a query says that it was not paid');
    }
    case 'not-found':
      return decideNotFound(payout, now);
    case 'unclear':
      return askAgain(payout, now, answer.isKnown ? null : payout.notFoundAt, false);
  }
}

const witnessWords: Readonly<Record<Witness, string>> = {
  'account-log': "the account's log",
  bill: "the account's bill",
};

/**
 * What is believed because of a witness alone is asked about until a query has said so too: log and bill
 * have transfers in process, and one that fails in the end was not paid.
 */
function succeedBy(witness: Witness, payout: Payout, evidence: Evidence, now: Date): Decision {
  const step = succeed(evidence, `${witnessWords[witness]} says it was paid`);
  const asked = payout.asked + 1;
  const { askAt } = nextAsk({ ...payout, asked }, now);
  const set = { ...step.set, unknownAt: payout.unknownAt ?? now, asked, askAt };
  return move(payout, now, [{ ...step, set }]);
}

/**
 * Takes an answer about a succeeded payout, of which somebody has said that something happened to it: all
 * may have come back, or of a split a part, which is never less than before.
 */
function decideAfterSuccess(payout: Payout, answer: QueryAnswer, now: Date): Decision {
  const isByWitness = payout.unknownAt !== null;
  const isBack =
    answer.kind === 'returned'
      ? proves(answer.evidence, payout, false)
      : isByWitness && answer.kind === 'ended' && isOurs(answer, payout);
  if (isBack) {
    const step = { ...giveBack, set: { returnedMinor: payout.amountMinor } };
    return move(payout, now, [step], { alerts: ['payout-returned'] });
  }
  if (answer.kind === 'part-returned' && hasMoreBack(answer, payout)) {
    return move(payout, now, [cameBackIn(answer)]);
  }
  const isSure =
    answer.kind === 'success' &&
    answer.witness === undefined &&
    proves(answer.evidence, payout, true);
  if (isSure || (!isByWitness && answer.kind !== 'unclear')) {
    return stay(payout, { unknownAt: null, asked: 0, askAt: null });
  }
  // Whoever told us does not tell it again.
  const asked = payout.asked + 1;
  const since = payout.unknownAt ?? payout.changedAt;
  const { askInMs, askAt } = nextAsk({ ...payout, unknownAt: since, asked }, now);
  return stay(payout, { asked, askAt }, { askInMs });
}

type PartReturned = Extract<QueryAnswer, { kind: 'part-returned' }>;

function hasMoreBack({ evidence, returnedMinor }: PartReturned, payout: Payout): boolean {
  const isMore = returnedMinor > payout.returnedMinor && returnedMinor < payout.amountMinor;
  return isMore && proves(evidence, payout, true);
}

function cameBackIn({ returnedMinor }: PartReturned): Step {
  const why = 'a refund took a part of the split back';
  return { to: 'succeeded', why, set: { returnedMinor } };
}

function isOurs(
  { outBizNo }: Extract<QueryAnswer, { kind: 'ended' }>,
  payout: Pick<Payout, 'outBizNo'>,
): boolean {
  return outBizNo === null || outBizNo === payout.outBizNo;
}

function decideNotFound(payout: Payout, now: Date): Decision {
  if (payout.refusal?.class === 'N') {
    return fail(payout, payout.refusal, now, 'refused, and a query found nothing paid');
  }
  const firstAt = payout.notFoundAt;
  if (firstAt === null) return askAgain(payout, now, now, false);
  const apartMs = now.getTime() - firstAt.getTime();
  if (apartMs < notFoundGapMs) return askAgain(payout, now, firstAt, false);
  const why = 'ORDER_NOT_EXIST twice, ten minutes apart: the stored request goes out again';
  const set = { isUnsent: true, unknownAt: null, asked: 0, notFoundAt: null, refusal: null };
  return move(payout, now, [{ to: 'sending', why, set }]);
}

/** Takes a payout whose sender was lost: what it did is not known, so only asking tells. */
export function decideLost(payout: Payout, now: Date): Decision {
  const decision = becomeUnknown(payout, now, 'its sender was lost before it told the outcome');
  return { ...decision, askInMs: 0 };
}

export function becomeUnknown(
  payout: Payout,
  now: Date,
  why: string,
  refusal: Refusal | null = null,
  alerts: Decision['alerts'] = [],
): Decision {
  const doubt = { unknownAt: now, asked: 0, notFoundAt: null };
  const { askInMs, askAt } = nextAsk(doubt, now);
  const set = { ...doubt, askAt, refusal, isUnsent: false };
  const step: Step = { to: 'unknown', reason: why, why, set };
  return move(payout, now, [step], { askInMs, alerts });
}

export function doubtEvidence(payout: Payout, now: Date): Decision {
  const decision = becomeUnknown(payout, now, 'the answer names another number or amount');
  return { ...decision, alerts: ['payout-evidence-differs'] };
}

function askAgain(
  payout: Payout,
  now: Date,
  notFoundAt: Date | null,
  hasDoubtfulEvidence: boolean,
): Decision {
  const asked = payout.asked + 1;
  const { askInMs, askAt } = nextAsk({ ...payout, asked, notFoundAt }, now);
  const alerts: Decision['alerts'] = hasDoubtfulEvidence
    ? ['payout-evidence-differs']
    : askInMs === null
      ? ['payout-unknown']
      : [];
  return stay(payout, { asked, notFoundAt, askAt }, { askInMs, alerts });
}

export function fail(payout: Payout, refusal: Refusal, now: Date, why: string): Decision {
  const { failure, payeeFault } = refusal;
  const reason = failure.subCode ?? failure.code;
  const set = { failure, payeeFault, refusal: null, unknownAt: null, isUnsent: false };
  return move(payout, now, [{ to: 'failed', reason, why, set }], { alerts: ['payout-failed'] });
}

export function succeed(evidence: Evidence, why: string): Step {
  const { alipayOrderId } = evidence;
  const cleared = { failure: null, refusal: null, unknownAt: null, asked: 0, notFoundAt: null };
  return { to: 'succeeded', why, set: { ...cleared, isUnsent: false, alipayOrderId } };
}

const giveBack: Step = { to: 'returned', why: 'Alipay says that the money came back' };

export function succeedAndReturn(payout: Payout, evidence: Evidence, now: Date): Decision {
  const steps = [succeed(evidence, 'Alipay paid it'), giveBack];
  return move(payout, now, steps, { alerts: ['payout-returned'] });
}

function saysNothingMoved(check: QueryAnswer, payout: Payout): boolean {
  if (check.kind === 'not-found') return true;
  return check.kind === 'ended' && isOurs(check, payout);
}
