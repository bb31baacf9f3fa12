export { partOf, wayMinimum } from './plan.js';
export type {
  Basis,
  CommissionPart,
  Condition,
  OnHoliday,
  PartKind,
  PartTerms,
  PayeeCycle,
  PayVia,
  Plan,
  PlatformFee,
  Rate,
  RateFact,
  RateTier,
  Share,
  SupplierPart,
  TeamRewardPart,
  Tier,
  TierMethod,
} from './plan.js';
export type { PlanProblem, ProblemCode } from './problems.js';
export { readPlan } from './read-plan.js';
export type { PlanLimits, PlanReading } from './read-plan.js';
export { commissionRatioMax } from './commission-ratio.js';
export { exceedsBase } from './exceeds-base.js';
export type { WorstCase } from './exceeds-base.js';
export { payoutRatioWarning } from './guard-rail.js';
export type { PlanWarning } from './guard-rail.js';
export { dynamicRate, shareParts, tierAmount } from './share-amount.js';
export type { ShareBase, ShareParts, TierAmount } from './share-amount.js';
export { readWithholding, taxCurrency } from './read-withholding.js';
export type {
  Withholding,
  WithholdingPeriod,
  WithholdingReading,
  WithholdingSettings,
} from './read-withholding.js';
export { requiredTasks } from './required-tasks.js';
export type { RequiredTask } from './required-tasks.js';
export { planTemplates } from './templates.js';
export type { PlanTemplate } from './templates.js';
export { termsInForce, versionInForce } from './versions.js';
export type { VersionDates } from './versions.js';
