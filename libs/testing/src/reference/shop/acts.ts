import { fenOf } from '../../fen.js';
import type { ReferenceKind, ReferenceVersion } from '../plan-in-force.js';
import { bindTo, readFacts } from './binding.js';
import type { EntryCause } from './entry.js';
import { endHolds, heldOrderOf, isPayeeHeld, placeHold } from './holds.js';
import { accountOf, hasDoneTasks } from './payees.js';
import { state, sumOf } from './runs.js';
import type { ReferenceOrder, ShopState } from './state.js';

const wayMinimum = '0.10';

/** What people do by hand. */
export interface HandAmount {
  readonly payeeId: string;
  readonly kind: ReferenceKind;
  /** Yuan; signed. */
  readonly amount: string;
  readonly orderId?: string | undefined;
}

export function holdByHand(shop: ShopState, on: 'order' | 'payee', id: string): void {
  placeHold(shop, { on, id, reason: 'operator', key: 'by hand' });
}

/** Ends what an operator may end of a payee: its own holds, those of its give-backs included. */
export function releasePayee(shop: ShopState, payeeId: string): void {
  endHolds(shop, ({ on, id, reason }) => {
    if (reason !== 'operator') return false;
    if (on === 'give-back') return shop.payouts.get(id)?.payeeId === payeeId;
    return on === 'payee' && id === payeeId;
  });
}

export function mendPayee(shop: ShopState, payeeId: string): void {
  endHolds(shop, ({ on, id, reason }) => {
    return on === 'payee' && id === payeeId && reason === 'payee-account';
  });
}

/** A dispute ends with its resolution alone. */
export function releaseOrder(shop: ShopState, orderId: string): void {
  endHolds(shop, ({ on, id, reason }) => {
    return on === 'order' && id === orderId && reason !== 'dispute';
  });
}

/** An amount in a payee's favour, or against it. */
export function adjust(shop: ShopState, what: HandAmount): void {
  shop.adjustedFen += fenOf(what.amount);
  addByHand(shop, what, 'adjustment');
}

/** Binds an order that no version fits; what was settled elsewhere is never paid. */
export function bindByHand(
  shop: ShopState,
  order: ReferenceOrder,
  to: { readonly version: ReferenceVersion; readonly isSettledOutside: boolean },
): void {
  order.isBoundByHand = true;
  order.isSettledOutside = to.isSettledOutside;
  readFacts(shop, order, to.version);
  bindTo(shop, order, to.version);
  if (!to.isSettledOutside) return;
  for (const entry of shop.open) {
    // One that is cancelled may still come back.
    if (entry.orderId !== order.data.orderId || entry.cause !== 'order' || entry.fen === 0n)
      continue;
    shop.open.delete(entry);
    entry.place = 'outside';
    shop.outside.push(entry);
  }
}

/** What a payee owes back of a kind. */
export function debtOf(shop: ShopState, kind: ReferenceKind, payeeId: string): bigint {
  const own = [...shop.open].filter((entry) => entry.kind === kind && entry.owner === payeeId);
  const sum = sumOf(own);
  return sum < 0n ? -sum : 0n;
}

/** Demands a debt apart from the runs, which no longer deduct it. */
export function demand(shop: ShopState, what: HandAmount): void {
  const { kind, payeeId, amount } = what;
  shop.recoveries.push({ kind, payeeId, fen: fenOf(amount), state: 'demanded' });
  addByHand(shop, what, 'recovery');
}

/** The shop's owner has the money; or the demand is taken back, and runs deduct the debt again. */
export function endRecovery(shop: ShopState, index: number, state: 'received' | 'withdrawn'): void {
  const recovery = shop.recoveries[index];
  if (recovery?.state !== 'demanded') throw new Error('no such demand is open');
  recovery.state = state;
  if (state === 'received') return;
  const { kind, payeeId, fen } = recovery;
  addFen(shop, { kind, payeeId, fen: -fen, orderId: '' }, 'recovery-withdrawn');
}

/** What came of a wish to state a give-back at once. */
export type Retrial = 'stated' | 'already-stated' | 'refused';

/**
 * States the give-back of a final payout at once, in a run of its own, with what the payee owes back of
 * the kind by now (domain.md 7).
 */
export function retry(shop: ShopState, payoutId: string): Retrial {
  const payout = shop.payouts.get(payoutId);
  if (payout === undefined || payout.status === null || payout.status === 'succeeded') {
    return 'refused';
  }
  const { kind, payeeId } = payout;
  const entries = [...shop.open].filter(
    (entry) =>
      entry.kind === kind &&
      entry.owner === payeeId &&
      (entry.causeId === payoutId || (entry.fen < 0n && entry.maturesMs < shop.nowMs)),
  );
  if (!entries.some(({ cause, causeId }) => cause === 'give-back' && causeId === payoutId)) {
    return 'already-stated';
  }
  const isFree =
    !isPayeeHeld(shop, payeeId) &&
    heldOrderOf(shop, payout) === null &&
    hasDoneTasks(shop, payeeId, { kind, atMs: shop.nowMs }) &&
    accountOf(shop, payeeId) !== null;
  if (!isFree || sumOf(entries) < fenOf(wayMinimum)) return 'refused';
  endHolds(shop, ({ on, id }) => on === 'give-back' && id === payoutId);
  const period = `retry:${payoutId}`;
  shop.runs.push(`${kind} ${period}`);
  state(shop, { kind, period, payeeId, entries });
  return 'stated';
}

function addByHand(shop: ShopState, what: HandAmount, cause: EntryCause): void {
  const { kind, payeeId, amount, orderId = '' } = what;
  addFen(shop, { kind, payeeId, fen: fenOf(amount), orderId }, cause);
}

/** What is booked by hand is mature at once and needs no evidence. */
function addFen(
  shop: ShopState,
  what: {
    readonly kind: ReferenceKind;
    readonly payeeId: string;
    readonly fen: bigint;
    readonly orderId: string;
  },
  cause: EntryCause,
): void {
  const { kind, payeeId: owner, fen, orderId } = what;
  shop.open.add({
    kind,
    owner,
    cause,
    causeId: '',
    orderId,
    itemId: '',
    level: 0,
    fen,
    maturesMs: shop.nowMs,
    windowMs: null,
    place: 'open',
  });
}
