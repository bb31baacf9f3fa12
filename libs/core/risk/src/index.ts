export { changeRisk } from './change-risk.js';
export type { RiskChanged, RiskProblem } from './change-risk.js';
export { riskDefaults } from './risk-defaults.js';
export type { AnomalyMode, ListedPayee, RiskChange, RiskSettings, SameAccount } from './risk.js';
