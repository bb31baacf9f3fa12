import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import { decideAct, decideBatchCancel } from './decide-act.js';
import {
  decideBatchIntent,
  decideBatchOutcome,
  decideCompanion,
  decideDetailAnswer,
  isBatched,
  type BatchOutcome,
  type DetailAnswer,
} from './decide-batch.js';
import { decideResume } from './decide-send.js';
import type { Payout } from './payout.js';
import { requestedPayout } from './payout.arbitrary.js';
import { finalStates, mayMove } from './states.js';

const now = new Date('2026-01-05T02:10:00+08:00');
const requested = requestedPayout({ payVia: 'batch' });
const batch = { appId: 'app', batchNo: 'QB1' };
const sending = decideBatchIntent(requested, batch, now).payout;
const { outBizNo, amountMinor } = requested;
const paid = { outBizNo, amountMinor, alipayOrderId: 'a-1' };
const failure = { code: 'FAIL', subCode: 'PAYEE_NOT_EXIST', message: '' };

const accepted: BatchOutcome = { kind: 'accepted' };
const unclear: BatchOutcome = { kind: 'unclear', why: 'time-out' };
const refused = (letter: 'N' | 'S' | 'C' | 'R'): BatchOutcome => {
  return { kind: 'refused', class: letter, waitsFor: 'funds', payeeFault: false, failure };
};
const success: DetailAnswer = { kind: 'success', evidence: paid };
const ended: DetailAnswer = { kind: 'ended', outBizNo, payeeFault: true, failure };
const dealing: DetailAnswer = { kind: 'unclear', why: 'DEALED', isKnown: true };
const silent: DetailAnswer = { kind: 'unclear', why: 'no answer', isKnown: false };
const notFound: DetailAnswer = { kind: 'not-found' };
const unconfirmed: DetailAnswer = { kind: 'unconfirmed' };
const otherAmount: DetailAnswer = {
  kind: 'success',
  evidence: { ...paid, amountMinor: minor(1n) },
};

const stateOf = ({ state, reason }: Payout): string =>
  state === 'waiting' ? `${state}:${reason ?? ''}` : state;

/** As it waits for its payer. */
const confirming = decideBatchOutcome(sending, accepted, unconfirmed, now).payout;

describe('whether a payout is paid in a batch', () => {
  it.each<[string, Partial<Payout>, boolean]>([
    ['asked for so', {}, true],
    ['the least that a batch pays', { amountMinor: minor(100n) }, true],
    ['less than that', { amountMinor: minor(99n) }, false],
    ['by another way', { payVia: 'transfer' }, false],
    ['one whose transfer was stored before', { appId: 'app' }, false],
    ['one of a batch', { appId: 'app', batchNo: 'QB1' }, true],
  ])('R-ALI-2 tells %s', (_, change, expected) => {
    expect(isBatched({ ...requested, ...change })).toBe(expected);
  });

  it('R-ALI-2 keeps its batch for ever', () => {
    expect(sending).toMatchObject({ state: 'sending', appId: 'app', batchNo: 'QB1' });
    const again = { ...sending, state: 'requested' as const };
    expect(() => decideBatchIntent(again, { ...batch, batchNo: 'QB2' }, now)).toThrow(/keeps/);
    const alone = requestedPayout({ appId: 'app' });
    expect(() => decideBatchIntent(alone, batch, now)).toThrow(/keeps/);
  });
});

describe('what sending a batch comes to for one of its payouts', () => {
  it.each<[string, BatchOutcome, DetailAnswer | null, string]>([
    ['taken and paid', accepted, success, 'succeeded'],
    ['taken, refused for this payee', accepted, ended, 'failed'],
    ['taken, to be confirmed', accepted, unconfirmed, 'waiting:confirmation'],
    ['taken, being paid', accepted, dealing, 'unknown'],
    ['taken, and no answer after it', accepted, silent, 'unknown'],
    ['taken, and not found after it', accepted, notFound, 'unknown'],
    ['taken, paid with another amount', accepted, otherAmount, 'unknown'],
    ['a time-out, and it is paid', unclear, success, 'succeeded'],
    ['a time-out, and it is to be confirmed', unclear, unconfirmed, 'waiting:confirmation'],
    ['a time-out, and it is not found', unclear, notFound, 'unknown'],
    ['a time-out, and no answer', unclear, silent, 'unknown'],
    ['never sent', { kind: 'not-sent', why: 'no connection' }, null, 'sending'],
    ['a refusal that passes', refused('S'), notFound, 'waiting:funds'],
    ['a refusal for the contract', refused('C'), notFound, 'waiting:credentials'],
    ['a refusal of the request', refused('N'), notFound, 'failed'],
    ['a refusal that a query does not confirm', refused('N'), silent, 'unknown'],
    ['a refusal of what waits for its payer', refused('N'), unconfirmed, 'unknown'],
    ['a refusal for risk', refused('R'), notFound, 'review'],
  ])('R-ALI-2 R-FAI-1 is decided: %s', (_, outcome, detail, expected) => {
    expect(stateOf(decideBatchOutcome(sending, outcome, detail, now).payout)).toBe(expected);
  });

  it('R-ALI-2 tells its payer, and looks again by itself', () => {
    const decision = decideBatchOutcome(sending, accepted, unconfirmed, now);
    expect(decision.alerts).toEqual(['payout-confirmation']);
    expect(decision.payout.recheckAt).toEqual(new Date('2026-01-05T02:20:00+08:00'));
  });
});

describe('what asking about a batch comes to for one of its payouts', () => {
  it.each<[string, DetailAnswer, string]>([
    ['confirmed and paid', success, 'succeeded'],
    ['confirmed, refused for this payee', ended, 'failed'],
    ['confirmed, being paid', dealing, 'unknown'],
    ['still to be confirmed', unconfirmed, 'waiting:confirmation'],
    ['no answer', silent, 'waiting:confirmation'],
    ['gone, it seems', notFound, 'unknown'],
  ])('R-ALI-2 lets one that waits for its payer go on only by what is said: %s', (_, told, to) => {
    const decision = decideDetailAnswer(confirming, told, now);
    expect(stateOf(decision.payout)).toBe(to);
    let { state } = confirming;
    for (const move of decision.transitions) {
      expect([move.from, mayMove(move.from, move.to)]).toEqual([state, true]);
      state = move.to;
    }
    expect(state).toBe(decision.payout.state);
  });

  it('R-ALI-2 lets an unknown one wait for its payer again', () => {
    const unknown = decideBatchOutcome(sending, unclear, silent, now).payout;
    expect(stateOf(decideDetailAnswer(unknown, unconfirmed, now).payout)).toBe(
      'waiting:confirmation',
    );
  });
});

describe('what an operator may do to a payout of a batch', () => {
  const actor = {
    userId: 'max',
    reason: 'no',
    hasChangedAccount: false,
    hash: 'h',
    believedHash: null,
    approvalMs: 1,
  };

  it('R-OPS-2 R-ALI-2 is asked about now, never resumed, and ended only with its whole batch', () => {
    const short = decideBatchOutcome(sending, refused('S'), notFound, now).payout;
    for (const payout of [confirming, short]) {
      expect(decideAct(payout, 'cancel', actor, now)).toMatchObject({ code: 'part-of-batch' });
    }
    expect(decideBatchCancel(short, actor, now)?.payout.state).toBe('cancelled');
    expect(decideBatchCancel(confirming, actor, now)).toBeNull();
    expect(decideBatchCancel(sending, actor, now)).toBeNull();
    expect(() => decideResume(confirming, 'why', now)).toThrow(/Alipay has/);
    const asked = decideAct(confirming, 'retry', actor, now);
    expect(asked).toMatchObject({ kind: 'taken', decision: { askInMs: 0, transitions: [] } });
  });

  it('R-ALI-2 waits when another of its batch may not go', () => {
    expect(stateOf(decideCompanion(sending, 'funds', now).payout)).toBe('waiting:funds');
  });
});

describe('any history of a payout of a batch', () => {
  const evidence = fc.constantFrom(
    paid,
    paid,
    { ...paid, outBizNo: 'QF-other' },
    {
      ...paid,
      amountMinor: null,
    },
  );
  const detail: fc.Arbitrary<DetailAnswer> = fc.oneof(
    fc.record({ kind: fc.constantFrom('success' as const, 'returned' as const), evidence }),
    fc.constantFrom(ended, dealing, silent, notFound, unconfirmed),
  );
  const outcome = fc.constantFrom<BatchOutcome>(
    accepted,
    accepted,
    unclear,
    { kind: 'not-sent', why: 'no connection' },
    ...(['N', 'S', 'C', 'R'] as const).map(refused),
  );
  const event = fc.record({ outcome, detail, minutes: fc.integer({ min: 0, max: 700 }) });

  it('R-ALI-2 R-FAI-1 pays only on evidence of its own number and amount, and ends once', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let payout = requested;
        let at = now;
        for (const told of events) {
          at = new Date(at.getTime() + told.minutes * 60_000);
          const before = payout;
          const isPayer = before.reason === 'confirmation';
          if (before.state === 'requested') payout = decideBatchIntent(before, batch, at).payout;
          else if (before.state === 'sending')
            payout = decideBatchOutcome(before, told.outcome, told.detail, at).payout;
          else if (before.state === 'waiting' && !isPayer)
            payout = decideResume(before, 'again', at).payout;
          else if (['unknown', 'succeeded', 'waiting'].includes(before.state))
            payout = decideDetailAnswer(before, told.detail, at).payout;
          if (finalStates.includes(before.state) && payout !== before) return false;
          const isPaid = payout.state === 'succeeded' && before.state !== 'succeeded';
          const proof = told.detail.kind === 'success' ? told.detail.evidence : null;
          if (isPaid && (proof?.outBizNo !== outBizNo || proof.amountMinor !== amountMinor))
            return false;
          if (payout.batchNo !== null && payout.batchNo !== 'QB1') return false;
        }
        return true;
      }),
      { numRuns: 2000 },
    );
  });
});
