import { invariant } from '@qingfen/money';

/** Where a payout can be. */
export const payoutStates = [
  'requested',
  'review',
  'blocked',
  'waiting',
  'sending',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
  'returned',
] as const;

/** Where a payout is. */
export type PayoutState = (typeof payoutStates)[number];

/** Why a payout waits; each ends by itself. */
export const waitReasons = [
  'stop',
  'funds',
  'limit',
  'payee',
  'confirmation',
  'cooling-off',
  'credentials',
  'rate',
] as const;

/** Why a payout waits. */
export type WaitReason = (typeof waitReasons)[number];

/**
 * Every move that a payout may make; what does not stand here does not happen.
 *
 * `unknown` never leads to `cancelled`: money may have moved. `sending` never leads back to
 * `requested`: a request whose answer says that nothing moved waits, under its own number.
 * `waiting` and `unknown` lead to each other only for {@link paidWithoutUs a confirmation}: what Alipay
 * has may be paid by its payer any moment, and only asking tells.
 */
export const payoutMoves: Readonly<Record<PayoutState, readonly PayoutState[]>> = {
  requested: ['review', 'blocked', 'waiting', 'sending', 'cancelled'],
  review: ['requested', 'cancelled'],
  blocked: ['requested', 'cancelled'],
  waiting: ['requested', 'cancelled', 'unknown'],
  sending: ['succeeded', 'failed', 'unknown', 'waiting', 'review'],
  unknown: ['succeeded', 'failed', 'sending', 'waiting'],
  // To itself: a part of a split came back.
  succeeded: ['succeeded', 'returned'],
  failed: [],
  cancelled: [],
  returned: [],
};

/** States under whose number nothing is ever sent again. */
export const finalStates: readonly PayoutState[] = ['failed', 'cancelled', 'returned'];

/**
 * The reason of a wait in which money may move without us: Alipay has the request, and its payer confirms
 * it there. Only such a payout goes from `waiting` to `unknown`, or back.
 */
export const paidWithoutUs: WaitReason = 'confirmation';

/** Whether a state is one of ours (a query parameter may be anything). */
export function isPayoutState(text: string): text is PayoutState {
  return payoutStates.some((state) => state === text);
}

/** Whether the table has the move. */
export function mayMove(from: PayoutState, to: PayoutState): boolean {
  return payoutMoves[from].includes(to);
}

/**
 * Checks the table itself: every state is reached from `requested`, and the final ones are closed.
 *
 * @throws InvariantError when the table is broken: the service must not start.
 */
export function checkPayoutMoves(
  moves: Readonly<Record<PayoutState, readonly PayoutState[]>> = payoutMoves,
): void {
  const reached = new Set<PayoutState>(['requested']);
  for (const state of reached) for (const next of moves[state]) reached.add(next);
  for (const state of payoutStates) invariant(reached.has(state), `${state} is never reached`);
  for (const state of finalStates) invariant(moves[state].length === 0, `${state} is not closed`);
  invariant(!moves.unknown.includes('cancelled'), 'an unknown payout must not be cancelled');
  invariant(!moves.sending.includes('cancelled'), 'a payout being sent must not be cancelled');
}
