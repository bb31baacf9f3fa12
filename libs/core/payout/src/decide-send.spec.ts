import { describe, expect, it } from '@jest/globals';
import { decideAct, type Act, type Actor } from './decide-act.js';
import {
  coveredCount,
  decideIntent,
  decideSend,
  standingApprovals,
  type SendFacts,
} from './decide-send.js';
import { requestedPayout } from './payout.arbitrary.js';
import { payoutStates, type PayoutState } from './states.js';

const now = new Date('2026-01-05T02:00:01+08:00');
const ready: SendFacts = {
  isStopped: false,
  risk: { kind: 'pass' },
  approved: [],
  merchantAppId: 'app',
  hasPayeeAccount: true,
  confirmation: { kind: 'confirmed' },
  isShopRefused: false,
  lacksFunds: false,
};
const until = new Date('2026-01-06T00:00:00+08:00');
const blocked = { kind: 'block', rule: 'block-list', words: 'fraud', until } as const;
const full = { kind: 'wait', reason: 'limit', until, words: 'the day is full' } as const;
const much = { kind: 'review', doubt: 'per-payout', words: 'much' } as const;
const debt = { kind: 'refused', doubt: 'debt', reason: 'owes 1.00', makers: ['mia'] } as const;

const checker: Actor = {
  userId: 'checker',
  reason: 'ok',
  hasChangedAccount: false,
  hash: 'h-1',
  believedHash: null,
  approvalMs: 3_600_000,
};

describe('whether a payout may be sent', () => {
  it.each<[string, Partial<SendFacts>, PayoutState | null, string | null]>([
    ['all is well', {}, null, null],
    [
      'stopped, and all else wrong too',
      { isStopped: true, merchantAppId: null },
      'waiting',
      'stop',
    ],
    ['blocked', { risk: blocked, merchantAppId: null }, 'blocked', 'block-list: fraud'],
    ['a full day', { risk: full, merchantAppId: null }, 'waiting', 'limit'],
    ['above a limit', { risk: much, merchantAppId: null }, 'review', 'per-payout: much'],
    ['no credentials', { merchantAppId: null, hasPayeeAccount: false }, 'waiting', 'credentials'],
    [
      'a shop that Alipay refuses',
      { isShopRefused: true, hasPayeeAccount: false },
      'waiting',
      'credentials',
    ],
    ['no account', { hasPayeeAccount: false, confirmation: debt }, 'waiting', 'payee'],
    ['debt', { confirmation: debt, lacksFunds: true }, 'review', 'debt: owes 1.00'],
    ['no funds', { lacksFunds: true }, 'waiting', 'funds'],
  ])('R-OPS-2 %s', (_, facts, state, reason) => {
    const decision = decideSend(requestedPayout(), { ...ready, ...facts }, now);
    expect(decision?.payout.state ?? null).toBe(state);
    expect(decision?.payout.reason ?? null).toBe(reason);
  });

  it('R-RSK-1 R-RSK-3 looks again when a limit or a block ends', () => {
    for (const risk of [full, blocked]) {
      const decision = decideSend(requestedPayout(), { ...ready, risk }, now);
      expect(decision?.payout.recheckAt).toEqual(until);
      expect(decision?.alerts).toHaveLength(1);
    }
  });

  it('R-RSK-1 notes when it was sent', () => {
    const { payout } = decideIntent(requestedPayout(), 'app', now);
    expect(payout.sentAt).toEqual(now);
  });

  it('R-SEC-4 notes who booked the debt that wants a decision, each once', () => {
    const payout = requestedPayout({ makers: ['max', 'mia'] });
    const decision = decideSend(payout, { ...ready, confirmation: debt }, now);
    expect(decision?.payout.makers).toEqual(['max', 'mia']);
    const unmade = decideSend(requestedPayout(), { ...ready, confirmation: debt }, now);
    expect(unmade?.payout.makers).toEqual(['mia']);
  });

  it('lets an approved doubt pass once more, but never an unproven instruction', () => {
    const approved = { ...ready, approved: ['debt'] };
    expect(decideSend(requestedPayout(), { ...approved, confirmation: debt }, now)).toBeNull();
    const unproven = {
      kind: 'refused',
      doubt: 'unproven',
      reason: 'no statement',
      makers: [],
    } as const;
    const decision = decideSend(requestedPayout(), { ...approved, confirmation: unproven }, now);
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
    const actor = { ...checker, userId: 'u-1', reason: 'because' };
    const { kind } = decideAct(requestedPayout({ state }), act, actor, now);
    expect(kind).toBe(allowed[act].includes(state) ? 'taken' : 'refused');
  });

  it('R-SEC-4 lets nobody approve what they caused', () => {
    const waiting = requestedPayout({ state: 'waiting', reason: 'funds' });
    const by = (userId: string, hasChangedAccount = false): Actor => {
      return { ...checker, userId, hasChangedAccount };
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

  it('R-SEC-4 what was approved counts for that payee, account, amount and number, for some time', () => {
    const review = requestedPayout({ state: 'review', reason: 'debt: owes 1.00' });
    const outdated = decideAct(review, 'approve', { ...checker, believedHash: 'h-0' }, now);
    expect(outdated).toMatchObject({ kind: 'refused', code: 'changed-meanwhile' });
    const taken = decideAct(review, 'approve', { ...checker, believedHash: 'h-1' }, now);
    if (taken.kind !== 'taken') throw new Error('refused');
    const { payout } = taken.decision;
    const end = new Date(now.getTime() + checker.approvalMs);
    const before = new Date(end.getTime() - 1);
    expect(standingApprovals(payout, 'h-1', before)).toEqual(['debt']);
    expect(standingApprovals(payout, 'h-1', end)).toEqual([]);
    expect(standingApprovals(payout, 'h-2', now)).toEqual([]);
    expect(standingApprovals(review, 'h-1', now)).toEqual([]);
    // What was approved before for another account is not approved with it.
    const again = { ...payout, state: 'review', reason: 'frequency: often' } as const;
    const other = decideAct(again, 'approve', { ...checker, hash: 'h-2' }, now);
    expect(other).toMatchObject({ decision: { payout: { approvedDoubts: ['frequency'] } } });
    const same = decideAct(again, 'approve', checker, now);
    expect(same).toMatchObject({ decision: { payout: { approvedDoubts: ['debt', 'frequency'] } } });
  });
});
