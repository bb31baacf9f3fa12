import { minor, ONE_PPM, ppm, ZERO } from '@qingfen/money';
import type { BrakeSettings, RiskSettings } from './risk.js';

const HALF = ppm(500_000n);

const FREE: BrakeSettings = { failures: null, total: null, balanceMinMinor: null };

/** Nobody but the shop knows what its account must hold. */
const CAREFUL: BrakeSettings = {
  failures: { percent: 20, of: 50 },
  total: { percent: 200, fromMinor: minor(10_000_00n) },
  balanceMinMinor: null,
};

/**
 * What holds for a shop until somebody changes it (contracts.md 3). Where money is play money nothing is
 * held up; everywhere else a changed account cools off for a day, amounts by hand want a second person, and
 * the brake acts on failures and on totals that nobody foresaw.
 */
export function riskDefaults({ isPlayMoney }: { readonly isPlayMoney: boolean }): RiskSettings {
  return {
    perPayout: { reviewMinor: null, blockMinor: null },
    payeeDailyMinor: null,
    shopDailyMinor: null,
    frequency: null,
    coolingOffHours: isPlayMoney ? 0 : 24,
    sameAccount: isPlayMoney ? 'pass' : 'review',
    anomaly: 'shadow',
    payoutRatioMaxPpm: isPlayMoney ? ONE_PPM : HALF,
    manualMaxMinor: isPlayMoney ? null : ZERO,
    brake: isPlayMoney ? FREE : CAREFUL,
    allow: [],
    block: [],
  };
}
