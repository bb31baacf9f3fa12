export { expectedByIdentity, movedByIdentity, referenceOf } from './book-check.js';
export {
  faultDaysAgain,
  faultSeeds,
  faultsWanted,
  journeySystem,
  observationsFile,
} from './config.js';
export { type AbsentPart, FaultSystem } from './fault-system.js';
export { orderDifferences } from './half-year/compare-orders.js';
export {
  type AloneSeen,
  type KillSeen,
  type Observation,
  observe,
  type RecoverySeen,
} from './observations.js';
export { dayWithin, firstOfNextMonth, monthOf } from './months.js';
export { flipped, placeOf, recordsOf, signedBy, withPage } from './package-lines.js';
export { cappedPlan, cascadePlan, nextDayPlan } from './plans.js';
export { type DayOutcome, type Moment, SmallDay } from './small-day.js';
export { Stage } from './stage.js';
export { TestShop } from './test-shop.js';
