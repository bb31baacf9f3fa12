import { versionInForce } from '@qingfen/core-plan';
import type { Unit } from '@qingfen/messaging';
import type { PlanShelf } from './plan-shelf.js';

const firstCurrency = 'CNY';

/** The currency of what is booked by hand: the plan's in force now; before the first plan, CNY. */
export async function currencyOf(unit: Unit, plans: PlanShelf, shopId: string): Promise<string> {
  const versions = (await plans.versionsOf(unit.tx, [shopId])).get(shopId) ?? [];
  return versionInForce(versions, unit.now)?.plan.currency ?? firstCurrency;
}
