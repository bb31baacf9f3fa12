import type { ReferencePlan } from '@qingfen/testing';

/** The plan of the worked examples: fee 10 %, cascade of 30, 20 and 10 %, weekly suppliers. */
export const cascadePlan: ReferencePlan = {
  returnWindowDays: 7,
  platformFee: { rate: '0.10' },
  commission: { basis: 'cascade', levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
  supplier: { delayDays: 7 },
};

/** A fee of at least 5.00 before a commission of everything: more is promised than is left. */
export const cappedPlan: ReferencePlan = {
  platformFee: { rate: '0', min: '5.00' },
  commission: { basis: 'gross', levels: [{ rate: '1' }] },
};

/** Half of every line for level 1, paid in the first run after the order: for what comes after. */
export const nextDayPlan: ReferencePlan = {
  returnWindowDays: 0,
  commission: { levels: [{ rate: '0.50' }] },
};
