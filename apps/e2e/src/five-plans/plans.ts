import type { ReferencePlan } from '@qingfen/testing';

/** Fixed, mixed and bounded shares of the whole base, half-even, monthly; the shop sells its own goods. */
export const mixedPlan: ReferencePlan = {
  rounding: 'half-even',
  returnWindowDays: 7,
  platformFee: { rate: '0.055', min: '0.05', max: '20.00' },
  commission: {
    basis: 'gross',
    levels: [
      { fixed: '0.50', rate: '0.125', min: '0.20', max: '30.00' },
      { rate: '0.0725', max: '8.00' },
      { fixed: '0.33' },
    ],
    cycle: { every: 'month', on: 15, at: '09:00' },
  },
};

/** Tiers of both methods, rounded down, for larger orders of others; sums of at least 5.00, weekly. */
export const tieredPlan: ReferencePlan = {
  rounding: 'down',
  returnWindowDays: 14,
  platformFee: { rate: '0.08' },
  commission: {
    basis: 'flat',
    levels: [
      {
        method: 'whole',
        tiers: [
          { from: '0.00', rate: '0.03' },
          { from: '10.00', rate: '0.07', fixed: '0.20' },
          { from: '50.00', rate: '0.11', fixed: '1.00' },
        ],
      },
      {
        method: 'marginal',
        tiers: [
          { from: '0.00', rate: '0.08' },
          { from: '20.00', rate: '0.05', fixed: '0.15' },
          { from: '100.00', rate: '0.02' },
        ],
      },
      {
        rate: '0.02',
        method: 'whole',
        tiers: [
          { from: '0.00', rate: '0' },
          { from: '30.00', rate: '0.015' },
        ],
        max: '6.00',
      },
    ],
    selfPurchase: 'skip',
    cycle: { every: 'week', on: 'friday', at: '02:00' },
    minPayout: '5.00',
  },
  supplier: { delayDays: 21, cycle: { every: 'month', on: 28, at: '02:00' }, minPayout: '10.00' },
  conditions: [{ for: 'commission', when: 'order-amount', atLeast: '20.00' }],
};

/** Rates that follow facts about payees, and tasks that payees must have done. */
export const factsPlan: ReferencePlan = {
  returnWindowDays: 7,
  platformFee: { rate: '0.06', min: '0.02' },
  commission: {
    basis: 'cascade',
    levels: [
      {
        rate: {
          by: 'payee-month-volume',
          tiers: [
            { from: '0.00', rate: '0.10' },
            { from: '150.00', rate: '0.14' },
            { from: '500.00', rate: '0.20' },
          ],
        },
      },
      {
        fixed: '0.05',
        rate: {
          by: 'payee-level',
          tiers: [
            { from: '0', rate: '0.04' },
            { from: '1', rate: '0.06' },
            { from: '2.5', rate: '0.09' },
          ],
        },
      },
      {
        rate: {
          by: 'payee-refund-rate',
          tiers: [
            { from: '0', rate: '0.05' },
            { from: '0.01', rate: '0.03' },
            { from: '0.10', rate: '0.005' },
          ],
        },
        max: '12.00',
      },
    ],
    cycle: { every: 'week', on: 'tuesday', at: '02:00' },
  },
  supplier: { delayDays: 10, cycle: { every: 'week', on: 'monday', at: '02:00' } },
  teamReward: {
    method: 'whole',
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '300.00', rate: '0.005' },
      { from: '5000.00', rate: '0.01', fixed: '50.00' },
    ],
  },
  conditions: [
    { for: 'commission', when: 'payee-task', task: 'kyc' },
    { for: 'supplier', when: 'payee-task', task: 'contract' },
    { for: 'team-reward', when: 'payee-task', task: 'training' },
  ],
};

/** Pays on working days alone; some payees by cycles of their own; days begin in London. */
export const calendarPlan: ReferencePlan = {
  returnWindowDays: 3,
  platformFee: { rate: '0.10' },
  commission: {
    levels: [{ rate: '0.25' }, { rate: '0.15' }],
    cycle: { every: 'week', on: 'saturday', at: '01:30' },
    payeeCycles: [
      {
        payees: ['d-003', 'd-014', 'd-101', 'd-159', 'd-202'],
        cycle: { every: 'day', at: '01:30' },
      },
      {
        payees: ['d-026', 'd-053', 'd-058', 'd-097'],
        cycle: { every: 'month', on: 'last-day', at: '23:30' },
      },
    ],
    onHoliday: 'next-business-day',
  },
  supplier: {
    delayDays: 12,
    cycle: { every: 'week', on: 'sunday', at: '01:30' },
    payeeCycles: [
      {
        payees: ['sup-05', 'sup-06', 'sup-07'],
        cycle: { every: 'week', on: 'wednesday', at: '01:30' },
      },
      {
        payees: ['sup-11', 'sup-12'],
        cycle: { every: 'month', on: 1, at: '01:30' },
      },
    ],
  },
  teamReward: {
    method: 'marginal',
    tiers: [
      { from: '0.00', rate: '0.001' },
      { from: '1000.00', rate: '0.004', fixed: '1.00' },
      { from: '10000.00', rate: '0.008', fixed: '20.00' },
    ],
    cycle: { every: 'month', on: 'last-day', at: '23:30' },
    onHoliday: 'next-business-day',
  },
  conditions: [{ for: 'team-reward', when: 'order-amount', atLeast: '30.00' }],
  // New Year, the Spring Festival, Qingming and Labour Day of 2011, with the weekends that make up for them.
  calendar: {
    holidays: [
      '2011-01-03',
      '2011-02-02',
      '2011-02-03',
      '2011-02-04',
      '2011-02-07',
      '2011-02-08',
      '2011-04-04',
      '2011-04-05',
      '2011-05-02',
    ],
    workdays: ['2011-01-30', '2011-02-12', '2011-04-02'],
  },
};

const levelsUsual = [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }];
const rewardUsual = {
  method: 'whole',
  tiers: [
    { from: '0.00', rate: '0' },
    { from: '2000.00', rate: '0.01' },
    { from: '20000.00', rate: '0.02', fixed: '100.00' },
  ],
} as const;

/** The usual plan, which most shops begin with. */
export const usualPlan: ReferencePlan = {
  platformFee: { rate: '0.10' },
  commission: { levels: levelsUsual },
  supplier: {},
  teamReward: rewardUsual,
};

/** What takes its place in the middle: two levels, longer windows, suppliers on Thursdays. */
export const middlePlan: ReferencePlan = {
  returnWindowDays: 10,
  platformFee: { rate: '0.08' },
  commission: { levels: [{ rate: '0.32' }, { rate: '0.18' }], minPayout: '1.00' },
  supplier: { delayDays: 5, cycle: { every: 'week', on: 'thursday', at: '02:00' } },
  teamReward: {
    method: 'marginal',
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '1000.00', rate: '0.01' },
      { from: '10000.00', rate: '0.02' },
    ],
  },
};

/** Of all that is left after the fee; shorter windows, commissions weekly. It comes late. */
export const latePlan: ReferencePlan = {
  returnWindowDays: 5,
  platformFee: { rate: '0.09', min: '0.10' },
  commission: {
    basis: 'flat',
    levels: levelsUsual,
    cycle: { every: 'week', on: 'monday', at: '02:00' },
  },
  supplier: {},
  teamReward: rewardUsual,
};

/** A plan that somebody thought better of. */
export const withdrawnPlan: ReferencePlan = {
  returnWindowDays: 1,
  platformFee: { rate: '0.30' },
  commission: { levels: [{ rate: '0.05' }] },
  supplier: { cycle: { every: 'day', at: '02:00' } },
};
