import type { Plan } from '@qingfen/core-plan';
import type { OrderFact } from './accrue-order.js';
import { meetsOrderAmount, orderPaidOf } from './chain.js';

/** Whether an order counts for its team at all: its version rewards teams, and the order is large enough. */
export function countsForTeam(order: OrderFact, plan: Plan): boolean {
  if (order.teamId === undefined || plan.teamReward === undefined) return false;
  return meetsOrderAmount(plan, 'team-reward', orderPaidOf(order));
}
