import type { ReferenceEntry } from './entry.js';
import type { Hold, ReferencePayout, ShopState } from './state.js';
import type { Dispute, DisputeResolution, Hearing } from './told.js';

/** Opens a dispute; one that is resolved already holds nothing. */
export function hearDispute(shop: ShopState, data: Dispute): Hearing {
  const told = `${Date.parse(data.openedAt)} ${data.reason}`;
  const dispute = disputeOf(shop, data);
  if (dispute.opened !== null) return dispute.opened === told ? 'known' : 'refused';
  dispute.opened = told;
  if (dispute.resolved === null) placeHold(shop, holdOf(data));
  return 'counts';
}

/** Resolves a dispute, opened or not. */
export function hearResolution(shop: ShopState, data: DisputeResolution): Hearing {
  const told = String(Date.parse(data.resolvedAt));
  const dispute = disputeOf(shop, data);
  if (dispute.resolved !== null) return dispute.resolved === told ? 'known' : 'refused';
  dispute.resolved = told;
  const { key } = holdOf(data);
  endHolds(
    shop,
    (hold) => hold.reason === 'dispute' && hold.id === data.orderId && hold.key === key,
  );
  return 'counts';
}

/** Places a hold; each of its kind, by its key, at most once at a time. */
export function placeHold(shop: ShopState, hold: Hold): void {
  const isThere = [...shop.holds].some(
    ({ on, id, reason, key }) =>
      on === hold.on && id === hold.id && reason === hold.reason && key === hold.key,
  );
  if (!isThere) shop.holds.add(hold);
}

export function endHolds(shop: ShopState, ends: (hold: Hold) => boolean): void {
  for (const hold of shop.holds) if (ends(hold)) shop.holds.delete(hold);
}

export function isOrderHeld(shop: ShopState, orderId: string): boolean {
  return [...shop.holds].some(({ on, id }) => on === 'order' && id === orderId);
}

export function isPayeeHeld(shop: ShopState, payeeId: string): boolean {
  return [...shop.holds].some(({ on, id }) => on === 'payee' && id === payeeId);
}

/** Whether an entry is held by itself: positive ones wait, negative ones are netted all the same. */
export function isHeld(shop: ShopState, entry: ReferenceEntry): boolean {
  if (entry.fen <= 0n) return false;
  if (entry.orderId !== '' && isOrderHeld(shop, entry.orderId)) return true;
  if (entry.cause !== 'give-back') return false;
  const isOwnHeld = [...shop.holds].some(
    ({ on, id }) => on === 'give-back' && id === entry.causeId,
  );
  return isOwnHeld || heldOrderOf(shop, shop.payouts.get(entry.causeId)) !== null;
}

/** An order that holds a payout: one of its statement, or of the one before that was given back. */
export function heldOrderOf(shop: ShopState, payout: ReferencePayout | undefined): string | null {
  const statement = payout === undefined ? undefined : shop.statements.get(payout.statementId);
  for (const { orderId, cause, causeId } of statement?.entries ?? []) {
    if (orderId !== '' && isOrderHeld(shop, orderId)) return orderId;
    const before = cause === 'give-back' ? heldOrderOf(shop, shop.payouts.get(causeId)) : null;
    if (before !== null) return before;
  }
  return null;
}

function disputeOf(
  shop: ShopState,
  { orderId, disputeId }: { orderId: string; disputeId: string },
) {
  const key = `${orderId} ${disputeId}`;
  const known = shop.disputes.get(key) ?? { opened: null, resolved: null };
  shop.disputes.set(key, known);
  return known;
}

function holdOf({ orderId, disputeId }: { orderId: string; disputeId: string }): Hold {
  return { on: 'order', id: orderId, reason: 'dispute', key: disputeId };
}
