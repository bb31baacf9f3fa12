import { dynamicRate, type Plan, type Rate, type RateFact } from '@qingfen/core-plan';
import { invariant, minor, type Minor, type Ppm } from '@qingfen/money';
import type { OrderFact } from './accrue-order.js';

/** Values of facts that dynamic rates follow, by {@link rateFactKey}, as they were when the order came. */
export type RateFacts = ReadonlyMap<string, bigint>;

export function rateFactKey(by: RateFact, payeeId: string): string {
  return `${by} ${payeeId}`;
}

/** An order's distributors, level 1 first, and what decides which of them count and at which rate. */
export interface Chain {
  readonly distributors: readonly (string | null)[];
  readonly buyerPayeeId?: string;
  /** What was paid for the whole order, subsidies and shipping included, before any refund. */
  readonly orderPaidMinor: Minor;
  readonly rateFacts?: RateFacts | undefined;
}

export function chainOf(order: OrderFact): Chain {
  const { distributors, buyerPayeeId, rateFacts } = order;
  return {
    distributors,
    ...(buyerPayeeId === undefined ? {} : { buyerPayeeId }),
    orderPaidMinor: orderPaidOf(order),
    ...(rateFacts === undefined ? {} : { rateFacts }),
  };
}

export function orderPaidOf({ items }: Pick<OrderFact, 'items'>): Minor {
  let paid = 0n;
  for (const { amountMinor, subsidyMinor } of items) paid += amountMinor + subsidyMinor;
  return minor(paid);
}

/** Whether an order fulfils the conditions on its amount for a kind (domain.md 2.3), once and for ever. */
export function meetsOrderAmount(
  plan: Plan,
  kind: 'commission' | 'team-reward',
  orderPaidMinor: Minor,
): boolean {
  return plan.conditions.every(
    (condition) =>
      condition.when !== 'order-amount' ||
      condition.for !== kind ||
      orderPaidMinor >= condition.atLeastMinor,
  );
}

/** Which levels have a distributor that counts, as bits: bit 0 is level 1. */
export function presentLevels(chain: Chain, plan: Plan): number {
  const { commission } = plan;
  if (commission === undefined) return 0;
  const { distributors, buyerPayeeId, orderPaidMinor } = chain;
  if (plan.conditions.length > 0 && !meetsOrderAmount(plan, 'commission', orderPaidMinor)) return 0;
  const skipped = commission.selfPurchase === 'skip' ? buyerPayeeId : undefined;
  const count = Math.min(commission.levels.length, distributors.length);
  let present = 0;
  for (let index = 0; index < count; index += 1) {
    const payeeId = distributors[index];
    if (payeeId === null || payeeId === undefined || payeeId === skipped) continue;
    present |= 1 << index;
  }
  return present;
}

/** The rate of a share for one payee. @throws InvariantError where the fact was not read */
export function rateOf(rate: Rate, payeeId: string, facts: RateFacts | undefined): Ppm {
  if (rate.kind === 'plain') return rate.ratePpm;
  const value = facts?.get(rateFactKey(rate.by, payeeId));
  invariant(value !== undefined, 'facts that a rate follows are read with the order');
  return dynamicRate(rate.tiers, value);
}
