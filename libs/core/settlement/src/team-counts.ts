import { minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import type { OrderFact } from './accrue-order.js';
import { meetsOrderAmount, orderPaidOf } from './chain.js';
import { stagesOf, type OrderHistory, type OrderStage } from './order-stages.js';

/** Whether an order counts for its team at all: its version rewards teams, and the order is large enough. */
export function countsForTeam(order: OrderFact, plan: Plan): boolean {
  if (order.teamId === undefined || plan.teamReward === undefined) return false;
  return meetsOrderAmount(plan, 'team-reward', orderPaidOf(order));
}

/** What an order counts for its team at one of its stages: what is left of its goods; shipping is none. */
export function performanceAt(order: OrderFact, { bound, bases }: OrderStage): Minor {
  if (bound === null || !countsForTeam(order, bound.plan)) return ZERO;
  let sum = 0n;
  for (const { itemId, kind } of order.items) {
    if (kind === 'goods') sum += bases.get(itemId) ?? 0n;
  }
  return minor(sum);
}

/** What one run counted of an order. */
export interface TeamCount {
  /** The run's journal batch: it knew of what earlier ones had booked. */
  readonly batchId: bigint;
  readonly changeMinor: Minor;
}

/**
 * What each run must have counted of an order, in the order of runs: what it came to then less what runs
 * before had counted of it (domain.md 6).
 */
export function expectedCounts(
  history: OrderHistory,
  batchIds: readonly bigint[],
): readonly TeamCount[] {
  const stages = stagesOf(history);
  let counted = 0n;
  return batchIds.map((batchId) => {
    const known = stages.filter((stage) => stage.batchId < batchId).at(-1);
    const countedNow = known === undefined ? ZERO : performanceAt(history.order, known);
    const changeMinor = minor(countedNow - counted);
    counted += changeMinor;
    return { batchId, changeMinor };
  });
}
