import { minor, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import type { OrderFact } from './accrue-order.js';
import { meetsOrderAmount, orderPaidOf } from './chain.js';
import { basesAfter, type OrderStep } from './replay-order.js';

/** Whether an order counts for its team at all: its version rewards teams, and the order is large enough. */
export function countsForTeam(order: OrderFact, plan: Plan): boolean {
  if (order.teamId === undefined || plan.teamReward === undefined) return false;
  return meetsOrderAmount(plan, 'team-reward', orderPaidOf(order));
}

/** What is left of an order's goods after some steps: its performance; shipping is none. */
export function goodsBase(order: OrderFact, steps: readonly Pick<OrderStep, 'items'>[]): Minor {
  const bases = basesAfter(order, steps);
  let sum = 0n;
  for (const { itemId, kind } of order.items) {
    if (kind === 'goods') sum += bases.get(itemId) ?? 0n;
  }
  return minor(sum);
}

/** What one run counted of an order, and what it must have counted. */
export interface TeamCount {
  /** Refunds of earlier journal batches were known to the run. */
  readonly batchId: bigint;
  readonly changeMinor: Minor;
}

/**
 * What each run must have counted of an order, in the order of runs: what was left of its goods then less
 * what runs before had counted of it (domain.md 6).
 */
export function expectedCounts(
  order: OrderFact,
  steps: readonly OrderStep[],
  batchIds: readonly bigint[],
): readonly TeamCount[] {
  let counted = 0n;
  return batchIds.map((batchId) => {
    const known = steps.filter((step) => step.batchId < batchId);
    const changeMinor = minor(goodsBase(order, known) - counted);
    counted += changeMinor;
    return { batchId, changeMinor };
  });
}
