export { partOf } from './plan.js';
export type {
  Basis,
  CommissionPart,
  PartKind,
  PartTerms,
  PayVia,
  Plan,
  PlatformFee,
  RateShare,
  Share,
  SupplierPart,
  TeamRewardPart,
  Tier,
  TierMethod,
} from './plan.js';
export type { PlanProblem, ProblemCode } from './problems.js';
export { readPlan } from './read-plan.js';
export type { PlanLimits, PlanReading } from './read-plan.js';
export { exceedsBase } from './exceeds-base.js';
export { canonicalJson } from './canonical-json.js';
export { termsInForce, versionInForce } from './versions.js';
export type { VersionDates } from './versions.js';
