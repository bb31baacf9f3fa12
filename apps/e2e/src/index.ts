export { expectedByIdentity, movedByIdentity, referenceOf } from './book-check.js';
export { faultsWanted, journeySystem, observationsFile } from './config.js';
export { type AbsentPart, FaultSystem } from './fault-system.js';
export { type Entry, OpenEntries, type Taken } from './half-year/reference/entries.js';
export { type Line, OrderBook } from './half-year/reference/orders.js';
export { runsBetween, type ScheduledRun } from './half-year/reference/schedule.js';
export { Teams } from './half-year/reference/teams.js';
export type { Kind, ShopTerms, TeamTier } from './half-year/reference/terms.js';
export {
  type AloneSeen,
  type KillSeen,
  type Observation,
  observe,
  type RecoverySeen,
} from './observations.js';
export { cappedPlan, cascadePlan, nextDayPlan } from './plans.js';
export { type DayOutcome, type Moment, SmallDay } from './small-day.js';
export { Stage } from './stage.js';
export { TestShop } from './test-shop.js';
