import { OrderBook, type ShopTerms } from '@qingfen/e2e';
import { beginningMs, midnightOf } from './calendar.js';
import type { CastPlan, CastShop } from './cast.js';
import type { HeldEntries } from './held-entries.js';

const windowDaysUsual = 7;
const minPayoutUsual = '0.10';

/** A plan version and the orders that it binds. */
export interface Version {
  readonly number: number;
  readonly fromMs: number;
  readonly plan: CastPlan;
  readonly terms: ShopTerms;
  readonly book: OrderBook;
}

/** A shop's versions, oldest first; their orders share one set of entries. */
export function versionsOf(shop: CastShop, entries: HeldEntries): readonly Version[] {
  const plans = [{ plan: shop.plan, fromMs: beginningMs }];
  if (shop.later !== undefined) {
    plans.push({ plan: shop.later.plan, fromMs: midnightOf(shop.later.fromDay) });
  }
  return plans.map(({ plan, fromMs }, index) => {
    const terms = termsOf(shop, plan);
    return { number: index + 1, fromMs, plan, terms, book: new OrderBook(terms, entries) };
  });
}

/** The version in force at an instant. @throws Error before the first one. */
export function versionAt(versions: readonly Version[], atMs: number): Version {
  const version = versions.findLast(({ fromMs }) => fromMs <= atMs);
  if (version === undefined) throw new Error(`no plan was in force at ${atMs}`);
  return version;
}

/** The least that a run of a kind pays, in yuan. */
export function minPayoutOf(
  plan: CastPlan,
  kind: 'commission' | 'supplier' | 'team-reward',
): string {
  const part = kind === 'team-reward' ? undefined : plan[kind];
  return part?.minPayout ?? minPayoutUsual;
}

function termsOf({ shopId, transferMax }: CastShop, plan: CastPlan): ShopTerms {
  return {
    shopId,
    plan,
    teamTiers: plan.teamReward?.tiers ?? [],
    returnWindowDays: plan.returnWindowDays ?? windowDaysUsual,
    supplierDelayDays: plan.supplier?.delayDays ?? windowDaysUsual,
    minPayout: minPayoutUsual,
    transferMax,
  };
}
