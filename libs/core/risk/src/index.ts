export { changeRisk } from './change-risk.js';
export type { RiskChanged, RiskProblem } from './change-risk.js';
export { brakeRules, failuresMax, judgeBrake } from './judge-brake.js';
export type { BrakeFacts, BrakeRule, BrakeVerdict } from './judge-brake.js';
export { judgePayout, passes } from './judge-payout.js';
export type { RiskDoubt, RiskFacts, RiskVerdict } from './judge-payout.js';
export { riskDefaults } from './risk-defaults.js';
export type {
  AnomalyMode,
  BrakeSettings,
  ListedPayee,
  RiskChange,
  RiskSettings,
  SameAccount,
} from './risk.js';
