import type { StoryShop } from '../half-year/story.js';
import { calendarPlan, factsPlan, mixedPlan, tieredPlan, usualPlan } from './plans.js';

/** A shop of this proof: what its plan is about, in words for the report. */
export interface PlannedShop extends StoryShop {
  readonly about: string;
}

const shanghai = { timezone: 'Asia/Shanghai', transferMax: '50000.00' } as const;

export const mixedShop: PlannedShop = {
  shopId: 'mixed-shares',
  name: '混合分成店',
  about:
    'fixed and mixed shares with bounds, of the whole base, half-even; monthly; own goods; subsidies',
  plan: mixedPlan,
  ...shanghai,
};

export const tieredShop: PlannedShop = {
  shopId: 'tiered-shares',
  name: '阶梯分成店',
  about: 'tiers whole and marginal, rounded down; own purchases and small orders left out; parts',
  plan: tieredPlan,
  ...shanghai,
  transferMax: '120.00',
};

export const factsShop: PlannedShop = {
  shopId: 'following-facts',
  name: '动态费率店',
  about: 'rates by volume, level and refunds; tasks done late; accounts and leaders that come late',
  plan: factsPlan,
  ...shanghai,
};

export const calendarShop: PlannedShop = {
  shopId: 'keeping-holidays',
  name: '节假日店',
  about:
    'London’s clocks, holidays and make-up days, cycles of payees’ own; larger orders rewarded',
  plan: calendarPlan,
  timezone: 'Europe/London',
  transferMax: '50000.00',
};

export const changingShop: PlannedShop = {
  shopId: 'changing-plans',
  name: '换规则店',
  about:
    'the usual plan; another after a notice, one that comes late, one withdrawn; shipping lines',
  plan: usualPlan,
  ...shanghai,
};

export const plannedShops: readonly PlannedShop[] = [
  mixedShop,
  tieredShop,
  factsShop,
  calendarShop,
  changingShop,
];
