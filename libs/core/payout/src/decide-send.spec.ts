import { describe, expect, it } from '@jest/globals';
import { decideAct, type Act, type Actor } from './decide-act.js';
import { coveredCount, decideIntent, decideSend, type SendFacts } from './decide-send.js';
import { requestedPayout } from './payout.arbitrary.js';
import { payoutStates, type PayoutState } from './states.js';

const now = new Date('2026-01-05T02:00:01+08:00');
const ready: SendFacts = {
  isStopped: false,
  merchantAppId: 'app',
  hasPayeeAccount: true,
  confirmation: { kind: 'confirmed' },
  lacksFunds: false,
};
const debt = { kind: 'refused', doubt: 'debt', reason: 'owes 1.00', makers: ['mia'] } as const;

describe('whether a payout may be sent', () => {
  it.each<[string, Partial<SendFacts>, PayoutState | null, string | null]>([
    ['all is well', {}, null, null],
    [
      'stopped, and all else wrong too',
      { isStopped: true, merchantAppId: null },
      'waiting',
      'stop',
    ],
    ['no credentials', { merchantAppId: null, hasPayeeAccount: false }, 'waiting', 'credentials'],
    ['no account', { hasPayeeAccount: false, confirmation: debt }, 'waiting', 'payee'],
    ['debt', { confirmation: debt, lacksFunds: true }, 'review', 'debt: owes 1.00'],
    ['no funds', { lacksFunds: true }, 'waiting', 'funds'],
  ])('R-OPS-2 %s', (_, facts, state, reason) => {
    const decision = decideSend(requestedPayout(), { ...ready, ...facts }, now);
    expect(decision?.payout.state ?? null).toBe(state);
    expect(decision?.payout.reason ?? null).toBe(reason);
  });

  it('R-SEC-4 notes who booked the debt that wants a decision, each once', () => {
    const payout = requestedPayout({ makers: ['max', 'mia'] });
    const decision = decideSend(payout, { ...ready, confirmation: debt }, now);
    expect(decision?.payout.makers).toEqual(['max', 'mia']);
    const unmade = decideSend(requestedPayout(), { ...ready, confirmation: debt }, now);
    expect(unmade?.payout.makers).toEqual(['mia']);
  });

  it('never goes by a way that it was not told without somebody approving', () => {
    const royalty = requestedPayout({ payVia: 'royalty' });
    const decision = decideSend(royalty, ready, now);
    expect(decision?.payout.state).toBe('review');
    expect(decision?.payout.reason).toMatch(/^way-royalty: /);
    expect(decideSend({ ...royalty, approvedDoubts: ['way-royalty'] }, ready, now)).toBeNull();
  });

  it('lets an approved doubt pass once more, but never an unproven instruction', () => {
    const approved = requestedPayout({ approvedDoubts: ['way-royalty', 'debt'] });
    expect(decideSend(approved, { ...ready, confirmation: debt }, now)).toBeNull();
    const unproven = {
      kind: 'refused',
      doubt: 'unproven',
      reason: 'no statement',
      makers: [],
    } as const;
    const decision = decideSend(approved, { ...ready, confirmation: unproven }, now);
    expect(decision?.payout.state).toBe('review');
  });

  it('keeps the merchant of a request that was sent', () => {
    const sent = requestedPayout({ appId: 'old', attempts: 1 });
    const decision = decideSend(sent, { ...ready, confirmation: null }, now);
    expect(decision?.payout.state).toBe('review');
    expect(decision?.payout.reason).toMatch(/^merchant-changed: /);
    expect(() => decideIntent(sent, 'new', now)).toThrow(/keeps its merchant/);
  });

  it('R-TST-3 lets none of the waiting overtake', () => {
    const queue = [60n, 60n, 30n].map((amountMinor) => ({ amountMinor }));
    expect(coveredCount(queue, 100n)).toBe(1);
    expect(coveredCount(queue, 59n)).toBe(0);
    expect(coveredCount(queue, 150n)).toBe(3);
  });
});

describe('what an operator may do', () => {
  const allowed: Record<Act, readonly PayoutState[]> = {
    approve: ['review'],
    reject: ['review'],
    retry: ['waiting', 'unknown'],
    cancel: ['requested', 'blocked', 'waiting'],
  };
  const acts = ['approve', 'reject', 'retry', 'cancel'] as const;
  const pairs = acts.flatMap((act) => payoutStates.map((state) => [act, state] as const));
  it.each(pairs)('R-OPS-2 %s of one that is %s', (act, state) => {
    const actor = { userId: 'u-1', reason: 'because', hasChangedAccount: false };
    const { kind } = decideAct(requestedPayout({ state }), act, actor, now);
    expect(kind).toBe(allowed[act].includes(state) ? 'taken' : 'refused');
  });

  it('R-SEC-4 lets nobody approve what they caused', () => {
    const waiting = requestedPayout({ state: 'waiting', reason: 'funds' });
    const by = (userId: string, hasChangedAccount = false): Actor => {
      return { userId, reason: 'ok', hasChangedAccount };
    };
    const retried = decideAct(waiting, 'retry', by('maker'), now);
    expect(retried).toMatchObject({ decision: { payout: { makers: ['maker'] } } });
    const review = requestedPayout({
      state: 'review',
      reason: 'debt: owes 1.00',
      makers: ['maker'],
    });
    const refused = { kind: 'refused', code: 'maker-may-not-approve' };
    expect(decideAct(review, 'approve', by('maker'), now)).toMatchObject(refused);
    // Whoever changed the account that is to be paid has caused it too.
    expect(decideAct(review, 'approve', by('checker', true), now)).toMatchObject(refused);
    expect(decideAct(review, 'reject', by('checker', true), now).kind).toBe('taken');
    const other = decideAct(review, 'approve', by('checker'), now);
    expect(other).toMatchObject({ decision: { payout: { approvedDoubts: ['debt'] } } });
  });
});
