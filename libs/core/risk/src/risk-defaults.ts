import { ONE_PPM, ppm, ZERO } from '@qingfen/money';
import type { RiskSettings } from './risk.js';

const HALF = ppm(500_000n);

/**
 * What holds for a shop until somebody changes it (contracts.md 3). Where money is play money nothing is
 * held up; everywhere else a changed account cools off for a day, and amounts by hand want a second person.
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
    allow: [],
    block: [],
  };
}
