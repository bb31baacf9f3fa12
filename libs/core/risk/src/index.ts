export { changeRisk } from './change-risk.js';
export type { RiskChanged, RiskProblem } from './change-risk.js';
export { judgePayout, passes } from './judge-payout.js';
export type { RiskDoubt, RiskFacts, RiskVerdict } from './judge-payout.js';
export { riskDefaults } from './risk-defaults.js';
export type { AnomalyMode, ListedPayee, RiskChange, RiskSettings, SameAccount } from './risk.js';
