import type { RiskDoubt, RiskVerdict } from '@qingfen/core-risk';
import { invariant } from '@qingfen/money';
import { move, stay, type Decision, type Payout, type PayoutAlertClass } from './payout.js';
import { recheckAtFor } from './rechecks.js';
import { paidWithoutUs, type WaitReason } from './states.js';

/**
 * What makes a human look: `debt` and `hold` come from the ledger, `unproven` means that the ledger
 * does not know this instruction at all and is never approved.
 */
export type Doubt =
  RiskDoubt | 'debt' | 'hold' | 'unproven' | 'currency' | 'merchant-changed' | 'unsendable';

/** What the ledger's owner says of an instruction. */
export type Confirmation =
  | { readonly kind: 'confirmed' }
  | {
      readonly kind: 'refused';
      readonly doubt: 'debt' | 'hold' | 'unproven';
      /** In words. */
      readonly reason: string;
      /** Users who caused it by hand. */
      readonly makers: readonly string[];
    };

/** What must be known before a payout is sent. */
export interface SendFacts {
  readonly isStopped: boolean;
  /** What the shop's limits and lists say. */
  readonly risk: RiskVerdict;
  /** The doubts that {@link standingApprovals} let pass. */
  readonly approved: readonly string[];
  /** The shop's merchant; null where it has given no credentials. */
  readonly merchantAppId: string | null;
  /** Alipay has refused an older payout of the shop for its contract or keys, which still waits. */
  readonly isShopRefused: boolean;
  readonly hasPayeeAccount: boolean;
  /** Null where it was not asked: the stored request was sent before. */
  readonly confirmation: Confirmation | null;
  /** An older payout of the shop waits for funds, or the balance does not reach this one. */
  readonly lacksFunds: boolean;
}

/**
 * Decides whether a requested payout may be sent now, in the order of domain.md 7.
 * Null: send it. Else where it goes instead.
 *
 * @throws InvariantError when it is not requested, or was never sent and nobody was asked.
 */
export function decideSend(payout: Payout, facts: SendFacts, now: Date): Decision | null {
  invariant(payout.state === 'requested', 'only a requested payout is sent');
  if (facts.isStopped) return wait(payout, 'stop', 'an emergency stop is set', now);
  const judged = decideRisk(payout, facts.risk, now);
  if (judged !== null) return judged;
  const { merchantAppId } = facts;
  if (merchantAppId === null) {
    return wait(payout, 'credentials', 'the shop has no Alipay credentials', now);
  }
  if (facts.isShopRefused) {
    return wait(
      payout,
      'credentials',
      'Alipay refuses the shop; the oldest payout goes first',
      now,
    );
  }
  if (payout.appId !== null) {
    // Sent before: its request stands, only the merchant that holds its number may send it again.
    if (payout.appId !== merchantAppId) {
      return review(payout, 'merchant-changed', 'its number belongs to another merchant', now);
    }
  } else {
    if (!facts.hasPayeeAccount) {
      return wait(payout, 'payee', 'the payee has no Alipay account', now);
    }
    const doubt = doubtOf(payout, facts);
    if (doubt !== null)
      return review(withMakers(payout, facts.confirmation), doubt.doubt, doubt.words, now);
  }
  if (facts.lacksFunds) return wait(payout, 'funds', 'the balance does not cover it', now);
  return null;
}

function decideRisk(payout: Payout, risk: RiskVerdict, now: Date): Decision | null {
  switch (risk.kind) {
    case 'pass':
      return null;
    case 'wait': {
      const alerts = risk.reason === 'limit' ? (['payout-limit'] as const) : [];
      const set = { recheckAt: risk.until, isUnsent: false };
      const step = { to: 'waiting', reason: risk.reason, why: risk.words, set } as const;
      return move(payout, now, [step], { alerts });
    }
    case 'review':
      return review(payout, risk.doubt, risk.words, now);
    case 'block': {
      const reason = `${risk.rule}: ${risk.words}`;
      const set = { recheckAt: risk.until };
      const step = { to: 'blocked', reason, why: reason, set } as const;
      return move(payout, now, [step], { alerts: ['payout-blocked'] });
    }
  }
}

function doubtOf(
  payout: Payout,
  { confirmation, approved }: SendFacts,
): { readonly doubt: Doubt; readonly words: string } | null {
  invariant(confirmation !== null, 'a first send needs the confirmation of the ledger');
  if (confirmation.kind === 'refused') {
    const { doubt, reason } = confirmation;
    if (doubt === 'unproven' || !approved.includes(doubt)) return { doubt, words: reason };
  }
  const { currency } = payout;
  if (currency === payableCurrency) return null;
  return { doubt: 'currency', words: `there is no way to pay ${currency}` };
}

// The only currency that Alipay's transfers know.
const payableCurrency = 'CNY';

/** Whoever caused the doubt is one of those who may not approve it. */
function withMakers(payout: Payout, confirmation: Confirmation | null): Payout {
  if (confirmation?.kind !== 'refused') return payout;
  return { ...payout, makers: [...new Set([...payout.makers, ...confirmation.makers])] };
}

/**
 * Doubts that approvers let pass and that still count: what they approved (payee, account, amount and
 * number, by its hash) is what would be sent now, and was approved not too long ago.
 */
export function standingApprovals(
  { approvedDoubts, approvedHash, approvedUntil }: Payout,
  hash: string,
  now: Date,
): readonly string[] {
  if (approvedHash !== hash) return [];
  return approvedUntil !== null && now < approvedUntil ? approvedDoubts : [];
}

/** The doubt that a review's reason begins with; the words follow a colon. */
export function doubtIn(reason: string | null): string {
  return reason?.split(':')[0] ?? '';
}

/** Notes the intent to send: committed, with the stored request, before Alipay is called. */
export function decideIntent(payout: Payout, appId: string, now: Date): Decision {
  invariant(payout.appId === null || payout.appId === appId, 'a request keeps its merchant');
  const why = payout.attempts === 0 ? 'the request goes out' : 'the stored request goes out again';
  const set = { appId, attempts: payout.attempts + 1, isUnsent: false, sentAt: now };
  return move(payout, now, [{ to: 'sending', why, set }]);
}

/** Takes aside what Alipay would refuse for its form: a human decides, since nothing was sent. */
export function decideUnsendable(payout: Payout, words: string, now: Date): Decision {
  return review(payout, 'unsendable', words, now);
}

/** Gives a request that certainly never left to a sender again. */
export function decideResend(payout: Payout): Decision {
  invariant(payout.state === 'sending' && payout.isUnsent, 'only an unsent request is resent');
  return stay(payout, { attempts: payout.attempts + 1, isUnsent: false });
}

/** Takes back a send that certainly never left, because a stop was set meanwhile. */
export function decideStopped(payout: Payout, now: Date): Decision {
  invariant(payout.state === 'sending' && payout.isUnsent, 'only an unsent request is stopped');
  return wait(payout, 'stop', 'an emergency stop is set; nothing was sent', now);
}

function wait(payout: Payout, reason: WaitReason, why: string, now: Date): Decision {
  const alerts: PayoutAlertClass[] =
    reason === 'funds' ? ['payout-funds'] : reason === 'credentials' ? ['payout-credentials'] : [];
  const set = { recheckAt: recheckAtFor(reason, now), isUnsent: false };
  return move(payout, now, [{ to: 'waiting', reason, why, set }], { alerts });
}

function review(payout: Payout, doubt: Doubt, words: string, now: Date): Decision {
  const reason = `${doubt}: ${words}`;
  return move(payout, now, [{ to: 'review', reason, why: reason }], { alerts: ['payout-review'] });
}

/** Ends a wait: the payout is looked at again. */
export function decideResume(payout: Payout, why: string, now: Date): Decision {
  invariant(payout.reason !== paidWithoutUs, 'what Alipay has is not sent again for a wait');
  return move(payout, now, [{ to: 'requested', why }]);
}

/**
 * How many of a queue, oldest first, the balance covers; none overtakes, so the first that it does
 * not cover ends the count.
 */
export function coveredCount(
  queue: readonly { readonly amountMinor: bigint }[],
  balanceMinor: bigint,
): number {
  let leftMinor = balanceMinor;
  let count = 0;
  for (const { amountMinor } of queue) {
    if (amountMinor > leftMinor) break;
    leftMinor -= amountMinor;
    count += 1;
  }
  return count;
}
