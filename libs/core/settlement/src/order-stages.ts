import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import type { OrderFact, OrderItem } from './accrue-order.js';
import type { RefundItem } from './refund-order.js';

/** A plan version that binds an order. */
export interface BoundVersion {
  readonly plan: Plan;
  readonly version: number;
}

/** A refund that was booked, or its reversal. */
export interface RefundStep {
  readonly cause: 'refund' | 'refund-reversal';
  readonly causeId: string;
  /** When it took place: what it corrects of statements matures then. */
  readonly at: Date;
  /** What it takes of each line; negative for a reversal. */
  readonly items: readonly RefundItem[];
  /** The journal batch that booked it. */
  readonly batchId: bigint;
}

/**
 * Another version binds the order: one that came late, or none. An order that none has bound is bound once
 * more (`binding`) as it was completed; what was refunded of it meanwhile is booked after that.
 */
export interface BindingStep {
  readonly cause: 'rebinding' | 'binding';
  readonly causeId: string;
  readonly at: Date;
  readonly to: BoundVersion | null;
  readonly batchId: bigint;
}

/** What changed what an order owes after it was booked first. */
export type OrderStep = RefundStep | BindingStep;

/** What decides what an order owes, from its first booking on. */
export interface OrderHistory {
  readonly order: OrderFact;
  readonly first: BoundVersion;
  /** The journal batch that booked it first; 0 where that owed nothing. */
  readonly batchId: bigint;
  /** In the order of booking. */
  readonly steps: readonly OrderStep[];
}

/** An order after one of its steps. */
export interface OrderStage {
  /** Null for its first booking. */
  readonly step: OrderStep | null;
  readonly batchId: bigint;
  /** Null while no version binds it. */
  readonly bound: BoundVersion | null;
  /** What is left of each line, by item id. */
  readonly bases: ReadonlyMap<string, Minor>;
}

/**
 * An order step by step, as its facts tell it.
 *
 * @throws InvariantError when steps take more of a line than was paid, or name no line of the order
 */
export function stagesOf({ order, first, batchId, steps }: OrderHistory): readonly OrderStage[] {
  const whole = new Map(order.items.map((item) => [item.itemId, paidOf(item)]));
  let stage: OrderStage = { step: null, batchId, bound: first, bases: whole };
  const stages = [stage];
  for (const step of steps) {
    stage = { ...afterStep(stage, step, whole), step, batchId: step.batchId };
    stages.push(stage);
  }
  return stages;
}

function afterStep(
  { bound, bases }: OrderStage,
  step: OrderStep,
  whole: ReadonlyMap<string, Minor>,
): Pick<OrderStage, 'bound' | 'bases'> {
  switch (step.cause) {
    case 'binding':
      return { bound: step.to, bases: whole };
    case 'rebinding':
      return { bound: step.to, bases };
    case 'refund':
    case 'refund-reversal':
      return { bound, bases: basesLess(bases, step.items, whole) };
    default: {
      const never: never = step;
      return never;
    }
  }
}

function basesLess(
  bases: ReadonlyMap<string, Minor>,
  items: readonly RefundItem[],
  whole: ReadonlyMap<string, Minor>,
): ReadonlyMap<string, Minor> {
  const left = new Map(bases);
  for (const { itemId, amountMinor, subsidyMinor } of items) {
    const base = minor((left.get(itemId) ?? ZERO) - amountMinor - subsidyMinor);
    const paid = whole.get(itemId);
    invariant(paid !== undefined, 'a step is about lines of its order');
    invariant(base >= 0n && base <= paid, 'no more is taken of a line than was paid');
    left.set(itemId, base);
  }
  return left;
}

/** What in a history does not fit its order, in words; null where {@link stagesOf} can tell it. */
export function misfitOf({ order, steps }: OrderHistory): string | null {
  const whole = new Map<string, bigint>(order.items.map((item) => [item.itemId, paidOf(item)]));
  let left = new Map(whole);
  for (const step of steps) {
    if (step.cause === 'binding') left = new Map(whole);
    if (!('items' in step)) continue;
    for (const { itemId, amountMinor, subsidyMinor } of step.items) {
      const [base, paid] = [left.get(itemId), whole.get(itemId)];
      if (base === undefined || paid === undefined)
        return `${step.cause} ${step.causeId} of no line`;
      const after = base - amountMinor - subsidyMinor;
      if (after < 0n) return `${step.cause} ${step.causeId} of more than is left of line ${itemId}`;
      if (after > paid) return `${step.cause} ${step.causeId} of more than was taken of ${itemId}`;
      left.set(itemId, after);
    }
  }
  return null;
}

/** What was paid for a line, the platform's part included. */
export function paidOf({ amountMinor, subsidyMinor }: OrderItem): Minor {
  return minor(amountMinor + subsidyMinor);
}
