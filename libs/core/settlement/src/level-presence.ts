import { invariant, type Minor } from '@qingfen/money';
import type { Condition, Plan } from '@qingfen/core-plan';
import type { OrderFact } from './accrue-order.js';
import { chainOf, orderPaidOf, presentLevels } from './chain.js';

/** Whether a level of an order gets a share, and if not, why. */
export interface LevelPresence {
  /** 1 for level 1. */
  readonly level: number;
  readonly payeeId: string | null;
  readonly why:
    | 'present'
    /** The order names nobody at this level. */
    | 'no-distributor'
    /** Its distributor is the buyer, and the plan skips these. */
    | 'buyer-skipped'
    /** The order is below what a condition asks for. */
    | 'order-amount'
    /** The plan has no share for it. */
    | 'not-in-plan';
}

/**
 * Says of every level that the order or the plan has whether it counts, told anew from the order and the
 * plan (domain.md 2.3, 3).
 *
 * @throws InvariantError when splitting a line would see it otherwise
 */
export function levelPresence(order: OrderFact, plan: Plan): readonly LevelPresence[] {
  const inPlan = plan.commission?.levels.length ?? 0;
  const count = Math.max(inPlan, order.distributors.length);
  const isTooSmall = orderConditions(order, plan).some(
    (condition) => condition.for === 'commission' && !condition.isMet,
  );
  const skipped = plan.commission?.selfPurchase === 'skip' ? order.buyerPayeeId : undefined;
  const present = presentLevels(chainOf(order), plan);
  return Array.from({ length: count }, (_, index): LevelPresence => {
    const payeeId = order.distributors[index] ?? null;
    const why = (): LevelPresence['why'] => {
      if (index >= inPlan) return 'not-in-plan';
      if (payeeId === null) return 'no-distributor';
      if (isTooSmall) return 'order-amount';
      return payeeId === skipped ? 'buyer-skipped' : 'present';
    };
    const told = { level: index + 1, payeeId, why: why() };
    const counts = (present & (1 << index)) !== 0;
    invariant(counts === (told.why === 'present'), 'a level counts just where it is told so');
    return told;
  });
}

/** A condition on what was paid for the whole order, and how the order compares. */
export interface OrderCondition {
  readonly for: Extract<Condition, { when: 'order-amount' }>['for'];
  readonly atLeastMinor: Minor;
  readonly orderPaidMinor: Minor;
  readonly isMet: boolean;
}

export function orderConditions(
  order: Pick<OrderFact, 'items'>,
  plan: Plan,
): readonly OrderCondition[] {
  const orderPaidMinor = orderPaidOf(order);
  return plan.conditions.flatMap((condition) => {
    if (condition.when !== 'order-amount') return [];
    const { atLeastMinor } = condition;
    const isMet = orderPaidMinor >= atLeastMinor;
    return [{ for: condition.for, atLeastMinor, orderPaidMinor, isMet }];
  });
}
