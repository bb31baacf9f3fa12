import { describe, expect, it } from '@jest/globals';
import {
  checkPayoutMoves,
  finalStates,
  isPayoutState,
  mayMove,
  payoutMoves,
  payoutStates,
} from './states.js';

describe('the table of payout states', () => {
  it('R-FAI-1 has exactly the moves of domain.md 7', () => {
    const moves = payoutStates.flatMap((from) =>
      payoutStates.filter((to) => mayMove(from, to)).map((to) => `${from} → ${to}`),
    );
    expect(moves).toEqual([
      'requested → review',
      'requested → blocked',
      'requested → waiting',
      'requested → sending',
      'requested → cancelled',
      'review → requested',
      'review → cancelled',
      'blocked → requested',
      'blocked → cancelled',
      'waiting → requested',
      'waiting → unknown',
      'waiting → cancelled',
      'sending → review',
      'sending → waiting',
      'sending → unknown',
      'sending → succeeded',
      'sending → failed',
      'unknown → waiting',
      'unknown → sending',
      'unknown → succeeded',
      'unknown → failed',
      'succeeded → succeeded',
      'succeeded → returned',
    ]);
  });

  it('passes its own start-up check, and a broken one does not', () => {
    expect(() => checkPayoutMoves()).not.toThrow();
    expect(() => checkPayoutMoves({ ...payoutMoves, failed: ['sending'] })).toThrow(/not closed/);
    expect(() => checkPayoutMoves({ ...payoutMoves, succeeded: [] })).toThrow(/never reached/);
    const cancellable = [...payoutMoves.unknown, 'cancelled' as const];
    expect(() => checkPayoutMoves({ ...payoutMoves, unknown: cancellable })).toThrow(/unknown/);
  });

  it('tells states from other words', () => {
    expect(isPayoutState('waiting')).toBe(true);
    expect(isPayoutState('constructor')).toBe(false);
    expect(finalStates.every((state) => payoutMoves[state].length === 0)).toBe(true);
  });
});
