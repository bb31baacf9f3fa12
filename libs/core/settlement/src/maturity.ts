import { addDays } from '@qingfen/calendar';
import type { Plan } from '@qingfen/core-plan';

/** The kinds of entries that an order books. */
export type AccrualKind = 'commission' | 'supplier' | 'platform-fee';

/** When the buyer's return window ends: days of 24 hours after the order was completed. */
export function windowEndsAt(completedAt: Date, plan: Plan): Date {
  return addDays(completedAt, plan.returnWindowDays);
}

/**
 * When an entry of an order may be stated: a commission at the end of the return window, a
 * supplier's amount at the later of that and its delay. The platform's fee is never stated; it
 * counts as earned with the window.
 */
export function maturesAt(kind: AccrualKind, completedAt: Date, plan: Plan): Date {
  const delayDays = kind === 'supplier' ? (plan.supplier?.delayDays ?? 0) : 0;
  return addDays(completedAt, Math.max(plan.returnWindowDays, delayDays));
}
