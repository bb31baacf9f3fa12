import type { ReferenceEntry } from './entry.js';
import { windowEnd } from './owed.js';
import type { ReferenceOrder, ShopState } from './state.js';

/** The close of a return window as `order` says it; of several the latest counts. */
export function hearWindowClosed(
  shop: ShopState,
  told: { readonly orderId: string; readonly completedAt: string; readonly closedAt: string },
): void {
  const key = `${told.orderId} ${Date.parse(told.completedAt)}`;
  const closedMs = Date.parse(told.closedAt);
  shop.evidence.set(key, Math.max(closedMs, shop.evidence.get(key) ?? closedMs));
}

/** As if `order` had said the close of every window already: no run asks before its end. */
export function tellWindows(shop: ShopState): void {
  for (const order of shop.orders.values()) {
    if (order.version === null) continue;
    const windowMs = windowEnd(order, order.version.plan);
    if (isWindowClosed(shop, order, windowMs)) continue;
    const { orderId, completedAt } = order.data;
    const closedAt = new Date(windowMs).toISOString();
    hearWindowClosed(shop, { orderId, completedAt, closedAt });
  }
}

/** Whether the close of an order's window was told, not before its end under the bound version. */
export function isWindowClosed(shop: ShopState, order: ReferenceOrder, windowMs: number): boolean {
  const closedMs = shop.evidence.get(`${order.data.orderId} ${order.completedMs}`);
  return closedMs !== undefined && closedMs >= windowMs;
}

/** Whether an entry has the evidence that it needs. */
export function hasEvidence(shop: ShopState, { orderId, windowMs }: ReferenceEntry): boolean {
  if (windowMs === null) return true;
  const order = shop.orders.get(orderId);
  return order !== undefined && isWindowClosed(shop, order, windowMs);
}
