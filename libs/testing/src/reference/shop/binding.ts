import { inForce, type RateTerms, type ReferenceVersion } from '../plan-in-force.js';
import { chainOf, settleLine } from './owed.js';
import type { ReferenceOrder, ShopState } from './state.js';

/** Plans are in CNY; an order in another currency is bound to none. */
const currency = 'CNY';

/** The version that binds an order by its dates alone (domain.md 2.2). */
export function fittingVersion(shop: ShopState, order: ReferenceOrder): ReferenceVersion | null {
  if (order.data.currency !== currency) return null;
  return inForce(shop.versions, shop.shopId, order.paidMs) ?? null;
}

/** Binds orders that came together: what their rates follow is read for all before any of it counts. */
export function bindTogether(
  shop: ShopState,
  orders: readonly { readonly order: ReferenceOrder; readonly to: ReferenceVersion | null }[],
): void {
  for (const { order, to } of orders) readFacts(shop, order, to);
  for (const { order, to } of orders) bindTo(shop, order, to);
}

/** Binds an order: what is not stated becomes as if it had always been so, the rest is corrected now. */
export function bindTo(
  shop: ShopState,
  order: ReferenceOrder,
  version: ReferenceVersion | null,
): void {
  order.version = version;
  for (const line of order.lines) {
    settleLine(shop, order, line, {
      cause: 'rebinding',
      causeId: '',
      correctionMaturesMs: shop.nowMs,
    });
  }
}

/**
 * Every order that a version fits which is not its own is bound anew; what operators bound stays.
 * @returns how many are
 */
export function bindAnew(shop: ShopState): number {
  const misbound = [...shop.orders.values()]
    .filter(({ isBoundByHand }) => !isBoundByHand)
    .map((order) => ({ order, to: fittingVersion(shop, order) }))
    .filter(({ order, to }) => order.version?.version !== to?.version);
  bindTogether(
    shop,
    misbound.filter(({ order }) => order.version === null),
  );
  bindTogether(
    shop,
    misbound.filter(({ order }) => order.version !== null),
  );
  return misbound.length;
}

/** What is read once is kept with the order and used for all its refunds. */
export function readFacts(
  shop: ShopState,
  order: ReferenceOrder,
  version: ReferenceVersion | null,
): void {
  if (version === null) return;
  const chain = chainOf(order, version.plan);
  for (const [index, { rate }] of (version.plan.commission?.levels ?? []).entries()) {
    const payeeId = chain[index] ?? null;
    if (payeeId === null || typeof rate !== 'object') continue;
    const name = `${rate.by} ${payeeId}`;
    if (!order.facts.has(name)) order.facts.set(name, factOf(shop, order, rate.by, payeeId));
  }
}

/** A fact as it is known now (domain.md 2.1). */
function factOf(
  shop: ShopState,
  order: ReferenceOrder,
  by: RateTerms['by'],
  payeeId: string,
): string {
  if (by === 'payee-level') return shop.payees.get(payeeId)?.data.level ?? '0';
  const { paidFen, leftFen } = soldBy(shop, payeeId, shop.zone.monthBefore(order.paidMs));
  if (by === 'payee-month-volume') return `${paidFen / 100n}.${pad(paidFen % 100n, 2)}`;
  const millionths = paidFen === 0n ? 0n : ((paidFen - leftFen) * 1_000_000n) / paidFen;
  return `${millionths / 1_000_000n}.${pad(millionths % 1_000_000n, 6)}`;
}

/** The goods of a payee's lines in orders completed in a month, and what is left of them. */
function soldBy(
  shop: ShopState,
  payeeId: string,
  month: string,
): { readonly paidFen: bigint; readonly leftFen: bigint } {
  let [paidFen, leftFen] = [0n, 0n];
  for (const order of shop.orders.values()) {
    if (order.version === null || order.completedMonth !== month) continue;
    const { commission } = order.version.plan;
    const chain = chainOf(order, order.version.plan).slice(0, commission?.levels.length ?? 0);
    if (!chain.includes(payeeId)) continue;
    for (const line of order.lines) {
      if (line.item.kind === 'shipping') continue;
      paidFen += line.paidFen;
      leftFen += line.amountFen + line.subsidyFen;
    }
  }
  return { paidFen, leftFen };
}

function pad(number: bigint, digits: number): string {
  return number.toString().padStart(digits, '0');
}
