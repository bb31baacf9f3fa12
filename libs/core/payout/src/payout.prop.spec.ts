import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import { decideAct, type Act } from './decide-act.js';
import { decideAnswer, decideLost, decideOutcome } from './decide-outcome.js';
import type { RiskVerdict } from '@qingfen/core-risk';
import { decideIntent, decideResume, decideSend, standingApprovals } from './decide-send.js';
import type { Evidence, QueryAnswer, SendOutcome } from './evidence.js';
import type { Decision, Payout } from './payout.js';
import { requestedPayout } from './payout.arbitrary.js';
import { finalStates, mayMove, paidWithoutUs, waitReasons } from './states.js';

const start = requestedPayout();
const evidence: fc.Arbitrary<Evidence> = fc.record({
  outBizNo: fc.constantFrom(start.outBizNo, start.outBizNo, 'QF-other', null),
  amountMinor: fc.constantFrom(start.amountMinor, start.amountMinor, minor(1n), null),
  alipayOrderId: fc.constantFrom('a-1', null),
});
const failure = fc.constant({ code: '40004', subCode: 'SUB', message: '' });
const answer: fc.Arbitrary<QueryAnswer> = fc.oneof(
  fc.record({ kind: fc.constant('success' as const), evidence }),
  fc.record({ kind: fc.constant('returned' as const), evidence }),
  fc.constant({ kind: 'not-found' as const }),
  fc.record({
    kind: fc.constant('ended' as const),
    outBizNo: fc.constantFrom(start.outBizNo, null, 'QF-other'),
    payeeFault: fc.boolean(),
    failure,
  }),
  fc.record({
    kind: fc.constant('unclear' as const),
    why: fc.constant('?'),
    isKnown: fc.boolean(),
  }),
);
const outcome: fc.Arbitrary<SendOutcome> = fc.oneof(
  fc.record({ kind: fc.constant('accepted' as const), evidence }),
  fc.record({ kind: fc.constant('returned' as const), evidence }),
  fc.record({
    kind: fc.constant('refused' as const),
    class: fc.constantFrom('N' as const, 'S' as const, 'C' as const, 'R' as const),
    // What Alipay refuses waits for many things, but never for its payer.
    waitsFor: fc.constantFrom(...waitReasons.filter((reason) => reason !== paidWithoutUs)),
    payeeFault: fc.boolean(),
    failure,
  }),
  fc.constant({ kind: 'unclear' as const, why: 'time-out' }),
  fc.constant({ kind: 'not-sent' as const, why: 'refused' }),
);
const until = new Date('2026-01-06T00:00:00+08:00');
const risk = fc.constantFrom<RiskVerdict>(
  { kind: 'pass' },
  { kind: 'pass' },
  { kind: 'pass' },
  { kind: 'wait', reason: 'limit', until, words: 'the day is full' },
  { kind: 'review', doubt: 'per-payout', words: 'much' },
  { kind: 'block', rule: 'block-list', words: 'fraud', until: null },
);
const event = fc.record({
  outcome,
  answer,
  check: fc.option(answer),
  act: fc.option(fc.constantFrom<Act>('approve', 'reject', 'retry', 'cancel')),
  isLost: fc.boolean(),
  isReady: fc.boolean(),
  risk,
  minutes: fc.integer({ min: 0, max: 2000 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** What the world does next to a payout in this state; null: nothing can happen to it. */
function happen(payout: Payout, told: Event, now: Date): Decision | null {
  if (told.act !== null) {
    const act = decideAct(
      payout,
      told.act,
      {
        userId: 'u',
        reason: 'r',
        hasChangedAccount: false,
        hash: 'h',
        believedHash: null,
        approvalMs: 3_600_000,
      },
      now,
    );
    if (act.kind === 'taken') return act.decision;
  }
  switch (payout.state) {
    case 'requested': {
      const facts = {
        isStopped: !told.isReady && told.isLost,
        risk: told.risk,
        approved: standingApprovals(payout, 'h', now),
        merchantAppId: told.isReady ? 'app' : null,
        hasPayeeAccount: told.isReady,
        confirmation: { kind: 'confirmed' as const },
        isShopRefused: false,
        lacksFunds: !told.isReady,
      };
      return decideSend(payout, facts, now) ?? decideIntent(payout, 'app', now);
    }
    case 'sending':
      return told.isLost
        ? decideLost(payout, now)
        : decideOutcome(payout, told.outcome, now, told.check);
    case 'unknown':
    case 'succeeded':
      return decideAnswer(payout, told.answer, now);
    case 'waiting':
      return decideResume(payout, 'looked at again', now);
    default:
      return null;
  }
}

const instructionOf = (payout: Payout): unknown[] => [
  payout.outBizNo,
  payout.amountMinor,
  payout.payeeId,
  payout.shopId,
  payout.payoutId,
];

describe('any history of a payout', () => {
  it('R-FAI-1 lessons 5, 7: makes only the moves of the table, under one number, and final means final', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let payout = start;
        let now = start.requestedAt;
        let appId: string | null = null;
        for (const told of events) {
          now = new Date(now.getTime() + told.minutes * 60_000);
          const before = payout;
          const decision = happen(payout, told, now);
          if (decision === null) continue;
          payout = decision.payout;
          let { state, seq } = before;
          for (const transition of decision.transitions) {
            expect(mayMove(transition.from, transition.to)).toBe(true);
            expect(transition.from).toBe(state);
            expect(transition.seq).toBe(seq + 1);
            ({ to: state, seq } = transition);
          }
          expect([payout.state, payout.seq]).toEqual([state, seq]);
          expect(instructionOf(payout)).toEqual(instructionOf(start));
          if (finalStates.includes(before.state)) expect(decision.transitions).toEqual([]);
          if (before.state === 'unknown') expect(payout.state).not.toBe('cancelled');
          if (appId !== null) expect(payout.appId).toBe(appId);
          appId = payout.appId;
          const isAsked = decision.askInMs !== null || payout.askAt !== null;
          if (payout.state === 'unknown') expect(isAsked).toBe(true);
          if (payout.state === 'waiting') expect(payout.reason).not.toBeNull();
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('R-ALI-1 calls nothing paid without our number', () => {
    fc.assert(
      fc.property(answer, (told) => {
        const unknown = { ...start, state: 'unknown' as const, unknownAt: start.requestedAt };
        const { payout } = decideAnswer(unknown, told, start.requestedAt);
        if (payout.state !== 'succeeded') return true;
        if (told.kind !== 'success') return false;
        const { outBizNo, amountMinor } = told.evidence;
        return outBizNo === start.outBizNo && amountMinor === start.amountMinor;
      }),
    );
  });
});
