import type { Plan, RateFact } from '@qingfen/core-plan';
import { minor, ONE_PPM, parseRate, type Minor } from '@qingfen/money';
import type { OrderFact } from './accrue-order.js';
import { chainOf, presentLevels } from './chain.js';

/** A fact about a payee that an order's shares follow. */
export interface WantedFact {
  readonly by: RateFact;
  readonly payeeId: string;
}

/** The facts that an order's commissions under a plan follow, each once; mostly none. */
export function factsWanted(order: OrderFact, plan: Plan): readonly WantedFact[] {
  const wanted = new Map<string, WantedFact>();
  for (const { index, payeeId } of standing(order, plan)) {
    const rate = plan.commission?.levels[index]?.rate;
    if (rate?.kind !== 'dynamic') continue;
    wanted.set(`${rate.by} ${payeeId}`, { by: rate.by, payeeId });
  }
  return [...wanted.values()];
}

/** Whether a plan has a rate by what payees sold in the month before. */
export function usesMonthFacts(plan: Plan): boolean {
  return (plan.commission?.levels ?? []).some(
    ({ rate }) => rate.kind === 'dynamic' && rate.by !== 'payee-level',
  );
}

/** What of an order counts as one payee's: its goods lines, each once, whatever its levels. */
export interface PayeeVolume {
  readonly payeeId: string;
  readonly amountMinor: Minor;
}

/** What an order adds to the volume of each payee that has a commission of it. */
export function paidVolumes(order: OrderFact, plan: Plan): readonly PayeeVolume[] {
  return volumes(order, plan, order.items);
}

/** What a refund of an order adds to the refunded volume of the same payees; negative for a reversal. */
export function refundedVolumes(
  order: OrderFact,
  plan: Plan,
  items: readonly {
    readonly itemId: string;
    readonly amountMinor: Minor;
    readonly subsidyMinor: Minor;
  }[],
): readonly PayeeVolume[] {
  const goods = new Set(order.items.filter(isGoods).map(({ itemId }) => itemId));
  return volumes(
    order,
    plan,
    items.filter(({ itemId }) => goods.has(itemId)).map((item) => ({ ...item, kind: 'goods' })),
  );
}

function volumes(
  order: OrderFact,
  plan: Plan,
  items: readonly {
    readonly kind: string;
    readonly amountMinor: Minor;
    readonly subsidyMinor: Minor;
  }[],
): readonly PayeeVolume[] {
  const sum = items
    .filter(isGoods)
    .reduce((total, { amountMinor, subsidyMinor }) => total + amountMinor + subsidyMinor, 0n);
  if (sum === 0n) return [];
  const payeeIds = new Set(standing(order, plan).map(({ payeeId }) => payeeId));
  return [...payeeIds].map((payeeId) => ({ payeeId, amountMinor: minor(sum) }));
}

function isGoods({ kind }: { readonly kind: string }): boolean {
  return kind === 'goods';
}

function standing(order: OrderFact, plan: Plan): { index: number; payeeId: string }[] {
  const present = presentLevels(chainOf(order), plan);
  return order.distributors.flatMap((payeeId, index) =>
    payeeId === null || (present & (1 << index)) === 0 ? [] : [{ index, payeeId }],
  );
}

/** A payee's level as told, in millionths; 0 for one that has none. */
export function levelValue(level: string | null): bigint {
  return level === null ? 0n : parseRate(level);
}

/** What was refunded of what was paid, in millionths, the rest cut off; 0 where nothing was paid. */
export function refundRate(refundedMinor: bigint, paidMinor: bigint): bigint {
  return paidMinor <= 0n ? 0n : (refundedMinor * ONE_PPM) / paidMinor;
}

/** The calendar month before one written `2026-01`. */
export function monthBefore(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const before = new Date(Date.UTC(year, number - 2, 1));
  return before.toISOString().slice(0, 7);
}
