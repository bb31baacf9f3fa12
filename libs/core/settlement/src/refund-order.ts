import { minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import type { LineAmount, OrderFact } from './accrue-order.js';
import { chainOf } from './chain.js';
import type { LedgerLeg } from './ledger.js';
import { refundLine, type LineRefund } from './refund-line.js';

/** What was refunded of each line so far, by item id. */
export type RefundedSoFar = ReadonlyMap<string, LineRefund>;

export interface RefundItem extends LineRefund {
  readonly itemId: string;
}

/** The difference that a refund makes for one party of one line. */
export interface LineDifference extends LineAmount {
  readonly itemId: string;
}

export type RefundJudgement =
  | {
      readonly kind: 'applied';
      /** Empty without a plan: nothing is owed yet, so nothing is taken back. */
      readonly differences: readonly LineDifference[];
      readonly legs: readonly LedgerLeg[];
      readonly refunded: RefundedSoFar;
      /** The greatest cut of one share of what is left of a line. */
      readonly cappedMinor: Minor;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'unknown-line' | 'refund-exceeds-paid';
      readonly itemId: string;
    };

/**
 * Judges a refund against its order and says what changes for whom (domain.md 5): whole or not at all. Rows of one
 * line are added up. A reversal is a refund of negative amounts. Without a plan only the amounts are judged.
 */
export function refundOrder(
  order: OrderFact,
  plan: Plan | undefined,
  soFar: RefundedSoFar,
  items: readonly RefundItem[],
): RefundJudgement {
  const chain = chainOf(order);
  const refunded = new Map(soFar);
  const differences: LineDifference[] = [];
  const legs: LedgerLeg[] = [];
  let cappedMinor = ZERO;
  for (const { itemId, amountMinor, subsidyMinor } of addedUp(items)) {
    const item = order.items.find((line) => line.itemId === itemId);
    if (item === undefined) return { kind: 'refused', code: 'unknown-line', itemId };
    const before = soFar.get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
    const after = {
      amountMinor: minor(before.amountMinor + amountMinor),
      subsidyMinor: minor(before.subsidyMinor + subsidyMinor),
    };
    const isBeyond =
      after.amountMinor > item.amountMinor ||
      after.subsidyMinor > item.subsidyMinor ||
      after.amountMinor < 0n ||
      after.subsidyMinor < 0n;
    if (isBeyond) return { kind: 'refused', code: 'refund-exceeds-paid', itemId };
    refunded.set(itemId, after);
    if (plan === undefined) continue;
    const line = {
      item,
      chain,
      hasTrade: order.alipayTradeNo !== undefined,
      refundedAmountMinor: before.amountMinor,
      refundedSubsidyMinor: before.subsidyMinor,
    };
    const split = refundLine(line, { amountMinor, subsidyMinor }, plan);
    if (split === undefined) return { kind: 'refused', code: 'refund-exceeds-paid', itemId };
    differences.push(...split.differences.map((difference) => ({ ...difference, itemId })));
    legs.push(...split.legs);
    if (split.cappedMinor > cappedMinor) cappedMinor = split.cappedMinor;
  }
  return { kind: 'applied', differences, legs, refunded, cappedMinor };
}

function addedUp(items: readonly RefundItem[]): readonly RefundItem[] {
  const byItem = new Map<string, { amountMinor: Minor; subsidyMinor: Minor }>();
  for (const { itemId, amountMinor, subsidyMinor } of items) {
    const sum = byItem.get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
    byItem.set(itemId, {
      amountMinor: minor(sum.amountMinor + amountMinor),
      subsidyMinor: minor(sum.subsidyMinor + subsidyMinor),
    });
  }
  return [...byItem].map(([itemId, sum]) => ({ itemId, ...sum }));
}
