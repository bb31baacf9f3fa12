import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import { decideAnswer, decideLost, decideOutcome } from './decide-outcome.js';
import type { Evidence, QueryAnswer, SendOutcome } from './evidence.js';
import type { Decision, Payout, RefusalClass } from './payout.js';
import { requestedPayout } from './payout.arbitrary.js';
import type { PayoutState, WaitReason } from './states.js';

const now = new Date('2026-01-05T02:00:01+08:00');
const sending = requestedPayout({ state: 'sending', seq: 1, appId: 'app', attempts: 1 });
const failure = { code: '40004', subCode: 'SUB', message: 'no' };
const ours: Evidence = {
  outBizNo: sending.outBizNo,
  amountMinor: minor(1230n),
  alipayOrderId: 'a-1',
};
const success: QueryAnswer = { kind: 'success', evidence: ours };
const notFound: QueryAnswer = { kind: 'not-found' };
const closed: QueryAnswer = { kind: 'ended', outBizNo: null, payeeFault: false, failure };
const silence: QueryAnswer = { kind: 'unclear', why: 'time-out', isKnown: false };

function refused(refusalClass: RefusalClass, waitsFor: WaitReason = 'funds'): SendOutcome {
  return { kind: 'refused', class: refusalClass, waitsFor, payeeFault: true, failure };
}

function unknownAt(at: Date, change: Partial<Payout> = {}): Payout {
  return { ...sending, state: 'unknown', seq: 2, unknownAt: at, ...change };
}

describe('the outcome of a send', () => {
  const cases: [string, SendOutcome, QueryAnswer | null, PayoutState, string | null][] = [
    ['paid', { kind: 'accepted', evidence: ours }, null, 'succeeded', null],
    [
      'paid, its answer without an amount',
      { kind: 'accepted', evidence: { ...ours, amountMinor: null } },
      null,
      'succeeded',
      null,
    ],
    ['a time-out', { kind: 'unclear', why: 'time-out' }, null, 'unknown', 'time-out'],
    ['no funds', refused('S'), null, 'waiting', 'funds'],
    ['a daily limit', refused('S', 'limit'), null, 'waiting', 'limit'],
    ['a contract missing', refused('C'), null, 'waiting', 'credentials'],
    ['class N, and nothing paid', refused('N'), notFound, 'failed', 'SUB'],
    ['class N, and closed', refused('N'), closed, 'failed', 'SUB'],
    ['class N, but paid before', refused('N'), success, 'succeeded', null],
    ['class R, and nothing paid', refused('R'), notFound, 'review', 'Alipay refused: SUB'],
    ['class R, but paid before', refused('R'), success, 'succeeded', null],
    ['returned', { kind: 'returned', evidence: ours }, null, 'returned', null],
  ];
  it.each(cases)('R-FAI-1 %s', (_, outcome, check, state, reason) => {
    const { payout } = decideOutcome(sending, outcome, now, check);
    expect([payout.state, payout.reason]).toEqual([state, reason]);
  });

  it.each([refused('N'), refused('R')])(
    '%j without a conclusive query stays unknown',
    (outcome) => {
      for (const check of [null, silence]) {
        expect(decideOutcome(sending, outcome, now, check).payout.state).toBe('unknown');
      }
      const strange: QueryAnswer = { kind: 'success', evidence: { ...ours, outBizNo: 'QF0' } };
      expect(decideOutcome(sending, outcome, now, strange).payout.state).toBe('unknown');
    },
  );

  it('takes a success under another number or amount for unknown, and alerts', () => {
    for (const change of [{ outBizNo: 'QF0' }, { outBizNo: null }, { amountMinor: minor(1n) }]) {
      const outcome: SendOutcome = { kind: 'accepted', evidence: { ...ours, ...change } };
      const decision = decideOutcome(sending, outcome, now);
      expect(decision.payout.state).toBe('unknown');
      expect(decision.alerts).toEqual(['payout-evidence-differs']);
    }
  });

  it('keeps a request that never left where it is', () => {
    const decision = decideOutcome(sending, { kind: 'not-sent', why: 'refused' }, now);
    expect(decision.transitions).toEqual([]);
    expect(decision.payout).toMatchObject({ state: 'sending', isUnsent: true });
  });

  it('R-FAI-1 lesson 13: records a return as a success that came back', () => {
    const { transitions } = decideOutcome(sending, { kind: 'returned', evidence: ours }, now);
    expect(transitions.map(({ seq, from, to }) => [seq, from, to])).toEqual([
      [2, 'sending', 'succeeded'],
      [3, 'succeeded', 'returned'],
    ]);
  });

  it('asks at once about a payout whose sender was lost', () => {
    const { payout, askInMs } = decideLost(sending, now);
    expect([payout.state, askInMs]).toEqual(['unknown', 0]);
  });
});

describe('asking about an unknown payout', () => {
  it('R-FAI-1 lessons 12, 17: asks after 1, 2 and 4 seconds, then 10 minutes, 1 h, 6 h and every 24 h, and never gives up', () => {
    let decision: Decision = decideOutcome(sending, { kind: 'unclear', why: 'x' }, now);
    const gaps: number[] = [];
    const later: number[] = [];
    let at = now;
    for (let index = 0; index < 9; index += 1) {
      if (decision.askInMs !== null) gaps.push(decision.askInMs);
      const { askAt } = decision.payout;
      if (askAt !== null) {
        at = askAt;
        later.push((askAt.getTime() - now.getTime()) / 60_000);
      }
      decision = decideAnswer(decision.payout, silence, at);
      expect(decision.payout.state).toBe('unknown');
    }
    expect(gaps).toEqual([1_000, 1_000, 2_000]);
    expect(later).toEqual([10, 60, 360, 1440, 2880, 4320]);
  });

  it('R-FAI-1 lesson 3: sends the stored request again only after two ORDER_NOT_EXIST ten minutes apart', () => {
    const first = decideAnswer(unknownAt(now, { asked: 2 }), notFound, now);
    expect(first.payout.state).toBe('unknown');
    expect(first.payout.askAt).toEqual(new Date(now.getTime() + 600_000));
    const early = new Date(now.getTime() + 599_999);
    expect(decideAnswer(first.payout, notFound, early).payout.state).toBe('unknown');
    const second = decideAnswer(first.payout, notFound, new Date(now.getTime() + 600_000));
    expect(second.payout).toMatchObject({ state: 'sending', outBizNo: sending.outBizNo });
  });

  it('forgets an ORDER_NOT_EXIST once Alipay knows the number', () => {
    const first = decideAnswer(unknownAt(now), notFound, now);
    const dealing: QueryAnswer = { kind: 'unclear', why: 'DEALING', isKnown: true };
    const known = decideAnswer(first.payout, dealing, now);
    const late = new Date(now.getTime() + 3_600_000);
    expect(decideAnswer(known.payout, notFound, late).payout.state).toBe('unknown');
    const quiet = decideAnswer(first.payout, silence, now);
    expect(decideAnswer(quiet.payout, notFound, late).payout.state).toBe('sending');
  });

  it('R-ALI-1 believes a query that names our number and amount, and no other', () => {
    const payout = unknownAt(now);
    expect(decideAnswer(payout, success, now).payout).toMatchObject({
      state: 'succeeded',
      alipayOrderId: 'a-1',
    });
    for (const change of [{ outBizNo: 'QF0' }, { amountMinor: minor(1n) }, { amountMinor: null }]) {
      const answer: QueryAnswer = { kind: 'success', evidence: { ...ours, ...change } };
      const decision = decideAnswer(payout, answer, now);
      expect(decision.payout.state).toBe('unknown');
      expect(decision.alerts).toEqual(['payout-evidence-differs']);
    }
  });

  it('fails on FAIL or CLOSED, and on ORDER_NOT_EXIST after a refusal of class N', () => {
    expect(decideAnswer(unknownAt(now), closed, now).payout.state).toBe('failed');
    const otherNumber = { ...closed, outBizNo: 'QF0' };
    expect(decideAnswer(unknownAt(now), otherNumber, now).payout.state).toBe('unknown');
    const refusal = { class: 'N' as const, failure, payeeFault: true };
    const after = decideAnswer(unknownAt(now, { refusal }), notFound, now).payout;
    expect(after).toMatchObject({ state: 'failed', payeeFault: true, failure });
  });

  it('R-FAI-1 lesson 13: asks again about a succeeded payout when Alipay does not answer', () => {
    let payout = requestedPayout({ state: 'succeeded', seq: 2, changedAt: now });
    const gaps: (number | null)[] = [];
    for (let question = 0; question < 4; question += 1) {
      const decision = decideAnswer(payout, silence, now);
      gaps.push(decision.askInMs);
      payout = decision.payout;
    }
    expect(gaps).toEqual([1_000, 2_000, null, null]);
    expect(payout.askAt?.getTime()).toBeGreaterThan(now.getTime());
    const answered = decideAnswer(payout, success, now).payout;
    expect(answered).toMatchObject({ state: 'succeeded', asked: 0, askAt: null });
  });

  it.each(['account-log', 'bill'] as const)(
    'R-FAI-1 asks on about what the %s alone says was paid, until a query says so, or that it was not',
    (witness) => {
      const byWitness: QueryAnswer = { kind: 'success', evidence: ours, witness };
      const believed = decideAnswer(unknownAt(now, { asked: 3 }), byWitness, now).payout;
      expect(believed.state).toBe('succeeded');
      expect(believed.askAt?.getTime()).toBeGreaterThan(now.getTime());
      for (const answer of [byWitness, notFound, silence]) {
        const { payout, transitions } = decideAnswer(believed, answer, now);
        expect(transitions).toEqual([]);
        expect(payout.askAt?.getTime()).toBeGreaterThan(now.getTime());
      }
      const sure = decideAnswer(believed, success, now);
      expect(sure).toMatchObject({ payout: { state: 'succeeded', askAt: null, unknownAt: null } });
      expect(decideAnswer(sure.payout, closed, now).payout.state).toBe('succeeded');
      const failed = decideAnswer(believed, closed, now);
      expect(failed).toMatchObject({ payout: { state: 'returned' }, alerts: ['payout-returned'] });
    },
  );

  it('R-FAI-1 lesson 13: returns a succeeded payout only where Alipay says so', () => {
    const paid = requestedPayout({ state: 'succeeded', seq: 2 });
    for (const answer of [success, notFound, closed, silence]) {
      expect(decideAnswer(paid, answer, now).transitions).toEqual([]);
    }
    const back: QueryAnswer = { kind: 'returned', evidence: { ...ours, amountMinor: null } };
    expect(decideAnswer(paid, back, now).payout.state).toBe('returned');
  });
});

describe('a split that refunds take back', () => {
  const split = requestedPayout({
    ...sending,
    payVia: 'royalty',
    tradeNo: 't-1',
    state: 'succeeded',
    seq: 2,
  });
  const back = (returned: bigint, evidence = ours): QueryAnswer => {
    return { kind: 'part-returned', evidence, returnedMinor: minor(returned) };
  };

  it.each<[string, Payout, QueryAnswer, string]>([
    ['a part of it', split, back(300n), 'succeeded 300 3'],
    ['a further part', { ...split, returnedMinor: minor(300n) }, back(500n), 'succeeded 500 3'],
    ['nothing more', { ...split, returnedMinor: minor(300n) }, back(300n), 'succeeded 300 2'],
    ['less than before', { ...split, returnedMinor: minor(300n) }, back(100n), 'succeeded 300 2'],
    ['as much as all of it, yet not all', split, back(1230n), 'succeeded 0 2'],
    [
      'all of it',
      { ...split, returnedMinor: minor(300n) },
      { kind: 'returned', evidence: ours },
      'returned 1230 3',
    ],
    ['of another split', split, back(300n, { ...ours, outBizNo: 'QF-other' }), 'succeeded 0 2'],
    [
      'a part of one that was unknown',
      unknownAt(now, { ...split, state: 'unknown' }),
      back(300n),
      'succeeded 300 4',
    ],
    [
      'of an unknown one, with another amount',
      unknownAt(now, { ...split, state: 'unknown' }),
      back(300n, { ...ours, amountMinor: minor(1n) }),
      'unknown 0 2',
    ],
  ])('R-ALI-3 is told by what came back in all: %s', (_, payout, answer, expected) => {
    const { state, returnedMinor, seq } = decideAnswer(payout, answer, now).payout;
    expect(`${state} ${returnedMinor} ${seq}`).toBe(expected);
  });
});
