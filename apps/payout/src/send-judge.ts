import {
  decideIntent,
  decideResend,
  decideSend,
  decideStopped,
  decideUnsendable,
  type Confirmation,
  type Payout,
} from '@qingfen/core-payout';
import type { RiskVerdict } from '@qingfen/core-risk';
import { makeRequest } from './alipay-merchant.js';
import type { Verdict } from './decision.store.js';
import type { Merchant, SplitMode } from './merchant.js';
import type { PayeeAccount } from './payee.store.js';
import type { HeldPayout } from './payout.store.js';
import type { QueueHead, ShopScene } from './send-scene.store.js';

/** A verdict after which Alipay is called with this text. */
export interface Intent extends Verdict {
  readonly text: string;
  readonly merchant: Merchant;
  /** Its turn, on `performance.now()`. */
  readonly startAtMs: number;
}

/** What is known of a requested payout when it is judged, by whatever way it is paid. */
export interface RequestedFacts {
  readonly scene: ShopScene | undefined;
  /** Null: the shop's keys cannot be used. Absent: not ready in this round. */
  readonly merchant: Merchant | null | undefined;
  readonly account: PayeeAccount | null;
  readonly confirmation: Confirmation | null;
  /** What the shop's limits and lists say, now. */
  readonly risk: RiskVerdict;
  /** What approvers let pass. */
  readonly approved: readonly string[];
  readonly now: Date;
}

/** What is known of one that is paid by itself. */
export interface SendFacts extends RequestedFacts {
  /** The stored request, of one that was sent before. */
  readonly stored: string | undefined;
  /** The mode of its trade, of a split whose trade was split before. */
  readonly splitMode: SplitMode | undefined;
  /** The next turn to call the merchant's application; null: none is left. */
  readonly nextTurn: (() => number) | null;
  /** Names the sender. */
  readonly owner: string;
}

/** Decides what happens to a payout that is requested, or whose request never left; null: nothing. */
export function judgeSend(held: HeldPayout, facts: SendFacts): Verdict | Intent | null {
  return held.payout.state === 'sending' ? judgeUnsent(held, facts) : judgeRequested(held, facts);
}

function judgeUnsent(held: HeldPayout, facts: SendFacts): Verdict | Intent | null {
  const { payout } = held;
  const { merchant, stored, owner } = facts;
  if (facts.scene?.isStopped === true) return { held, decision: decideStopped(payout, facts.now) };
  const { nextTurn } = facts;
  if (nextTurn === null || stored === undefined || !merchant) return null;
  if (merchant.appId !== payout.appId) return null;
  const startAtMs = nextTurn();
  return { held, decision: decideResend(payout), owner, text: stored, merchant, startAtMs };
}

function judgeRequested(held: HeldPayout, facts: SendFacts): Verdict | Intent | null {
  const { payout } = held;
  const ready = judgeReady(held, facts);
  if (ready === null || 'decision' in ready) return ready;
  const { nextTurn, now } = facts;
  if (nextTurn === null) return null;
  const { merchant } = ready;
  const made = requestOf(payout, merchant, facts);
  if (made === null) return null;
  if ('problem' in made) return { held, decision: decideUnsendable(payout, made.problem, now) };
  const intent = decideIntent(payout, merchant.appId, now);
  const startAtMs = nextTurn();
  return { held, decision: intent, owner: facts.owner, text: made.text, merchant, startAtMs };
}

/**
 * Decides whether a requested payout may be sent now, and then by which application; else where it goes
 * instead. Null: nothing can be said in this round.
 */
export function judgeReady(
  held: HeldPayout,
  facts: RequestedFacts,
): Verdict | { readonly merchant: Merchant } | null {
  const { payout } = held;
  const { scene, merchant, account, confirmation, risk, approved, now } = facts;
  const isStopped = scene?.isStopped === true;
  // Keys that were changed since they were read are ready in the next round.
  const credential = merchant === null ? null : (scene?.credential ?? null);
  const isFirst = payout.appId === null;
  const isShopRefused = isBehind(payout, scene?.refusedHead ?? null);
  const isBarred =
    isStopped || risk.kind !== 'pass' || credential === null || isShopRefused || account === null;
  if (isFirst && confirmation === null && !isBarred) return null;
  const decision = decideSend(
    payout,
    {
      isStopped,
      risk,
      approved,
      merchantAppId: credential?.appId ?? null,
      isShopRefused,
      hasPayeeAccount: account !== null,
      confirmation,
      lacksFunds: isBehind(payout, scene?.fundsHead ?? null),
    },
    now,
  );
  if (decision !== null) return { held, decision };
  if (!merchant || merchant.appId !== credential?.appId) return null;
  return { merchant };
}

/** What was stored, byte for byte; a first request is made. */
function requestOf(
  payout: Payout,
  merchant: Merchant,
  { stored, account, scene, splitMode = merchant.splitMode }: SendFacts,
): { readonly text: string } | { readonly problem: string } | null {
  if (stored !== undefined) return { text: stored };
  if (payout.appId !== null || account === null) return null;
  const shopName = scene?.shopName ?? payout.shopId;
  return makeRequest({ payout, account, shopName, splitMode }, merchant.appId);
}

function isBehind(payout: Payout, head: QueueHead | null): boolean {
  if (head === null) return false;
  const gapMs = head.requestedAt.getTime() - payout.requestedAt.getTime();
  return gapMs < 0 || (gapMs === 0 && head.payoutId < payout.payoutId);
}
