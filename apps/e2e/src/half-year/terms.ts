import type { ShopTerms } from './reference/terms.js';

const returnWindowDays = 7;
const supplierDelayDays = 7;
const minPayout = '0.10';
const teamTiers = [
  { from: '0.00', rate: '0' },
  { from: '10000.00', rate: '0.01' },
  { from: '50000.00', rate: '0.02', fixed: '100.00' },
];
const splitting = {
  rounding: 'half-up',
  returnWindowDays,
  platformFee: { rate: '0.10' },
  commission: { basis: 'cascade', levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
  supplier: { delayDays: supplierDelayDays },
} as const;

/** The plan that both shops publish: every cycle and bound written out. */
export const halfYearPlan = {
  ...splitting,
  currency: 'CNY',
  commission: {
    ...splitting.commission,
    selfPurchase: 'allow',
    cycle: { every: 'day', at: '02:00' },
    minPayout,
    payVia: 'transfer',
  },
  supplier: {
    ...splitting.supplier,
    cycle: { every: 'week', on: 'monday', at: '02:00' },
    minPayout,
    payVia: 'transfer',
  },
  teamReward: {
    method: 'whole',
    tiers: teamTiers,
    cycle: { every: 'month', on: 'last-day', at: '23:30' },
    minPayout,
    payVia: 'transfer',
  },
} as const;

const usual = {
  plan: splitting,
  teamTiers,
  returnWindowDays,
  supplierDelayDays,
  minPayout,
};

/** What the reference goes by; shop-2's limit is so low that statements come in parts. */
export const halfYearShops: readonly ShopTerms[] = [
  { ...usual, shopId: 'shop-1', transferMax: '50000.00' },
  { ...usual, shopId: 'shop-2', transferMax: '300.00' },
];
