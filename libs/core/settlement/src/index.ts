export { billLegs } from './bill-legs.js';
export type { BilledAmount } from './bill-legs.js';
export { splitLine } from './split-line.js';
export type { LevelSplit, Line, LineKind, LineSplit } from './split-line.js';
export { chainOf, meetsOrderAmount, orderPaidOf, rateFactKey } from './chain.js';
export type { Chain, RateFacts } from './chain.js';
export {
  factsWanted,
  levelValue,
  monthBefore,
  paidVolumes,
  refundedVolumes,
  refundRate,
  usesMonthFacts,
} from './rate-facts.js';
export type { PayeeVolume, WantedFact } from './rate-facts.js';
export { explainLine } from './explain-line.js';
export type { How, LineExplanation } from './explain-line.js';
export { factText } from './share-terms.js';
export type { ShareTerms } from './share-terms.js';
export { accountOf, accrueOrder, lineAmounts } from './accrue-order.js';
export type {
  Accrual,
  AccrualEntry,
  LineAmount,
  LineLeg,
  OrderFact,
  OrderItem,
} from './accrue-order.js';
export { refundLine } from './refund-line.js';
export type { LineRefund, RefundableLine, RefundedLine } from './refund-line.js';
export { maturesAt, windowEndsAt } from './maturity.js';
export type { AccrualKind } from './maturity.js';
export {
  payableAccount,
  payoutGivenBackLegs,
  payoutReturnedLegs,
  payoutSucceededLegs,
  receivableAccount,
  statementIssuedLegs,
  taxPaidLegs,
  teamAccount,
} from './ledger.js';
export type { LedgerLeg, PayeeAmount, PlainAccount, TaxedAmount } from './ledger.js';
export { netStatement } from './net-statement.js';
export type { NetStatement, StatementTerms } from './net-statement.js';
export { splitIntoLegs, usualCapPercent } from './royalty-legs.js';
export type {
  OrderShare,
  RoyaltyLeg,
  RoyaltySplit,
  RoyaltyTerms,
  TradeRoom,
} from './royalty-legs.js';
export {
  isWithheldFrom,
  leastGross,
  taxOn,
  withheldBack,
  withheldShares,
  withhold,
  withholdingPeriod,
} from './withholding.js';
export type { StatedBefore, TaxedStatement, TaxTerms } from './withholding.js';
export { payStatement } from './pay-statement.js';
export type { PayTerms, PlannedPayout } from './pay-statement.js';
export {
  outBizNoOf,
  outBizNoText,
  payoutIdOf,
  payoutIdText,
  statementIdOf,
  statementIdText,
} from './ids.js';
export type { StatementKey } from './ids.js';
export {
  bringsInside,
  comesInside,
  isInside,
  rolloutNumberOf,
  rolloutNumberText,
} from './rollout.js';
export type { Rollout, RolloutSubject } from './rollout.js';
export { isInAudience, nextRuns, runAudience, runsDue } from './runs-due.js';
export type { DueRun, RunAudience } from './runs-due.js';
export { rebindOrder, unbindOrder } from './rebind-order.js';
export type { Rebinding } from './rebind-order.js';
export { refundOrder } from './refund-order.js';
export type { LineDifference, RefundedSoFar, RefundItem, RefundJudgement } from './refund-order.js';
export { teamReward } from './team-reward.js';
export type { TeamPerformance, TeamResult } from './team-reward.js';
export {
  adjustmentLegs,
  openingLegs,
  recoveryDemandedLegs,
  recoveryReceivedLegs,
  recoveryWithdrawnLegs,
  recoveryWrittenOffLegs,
  settledOutsideLegs,
} from './manual-legs.js';
export { differenceOf, SimulationSheet } from './simulation-sheet.js';
export type { SimulatedItem, SimulationNotes } from './simulation-sheet.js';
export { TeamSimulation } from './simulation-teams.js';
export type { CountedPeriod, TeamPeriod, TeamStanding } from './simulation-teams.js';
export { simulationWarnings } from './simulation-warnings.js';
export type { SimulationFindings } from './simulation-warnings.js';
export { misfitOf, stagesOf } from './order-stages.js';
export type {
  BindingStep,
  BoundVersion,
  OrderHistory,
  OrderStage,
  OrderStep,
  RefundStep,
} from './order-stages.js';
export { partyKey, replayOrder } from './replay-order.js';
export type { Closing, ExpectedRow, Party } from './replay-order.js';
export { compareBooked } from './compare-booked.js';
export type { BookDifference, BookedRow } from './compare-booked.js';
export { checkStanding } from './check-standing.js';
export type { Standing, StandingDifference } from './check-standing.js';
export { levelPresence, orderConditions } from './level-presence.js';
export type { LevelPresence, OrderCondition } from './level-presence.js';
export { countsForTeam, expectedCounts, performanceAt } from './team-counts.js';
export type { TeamCount } from './team-counts.js';
export { foreseeDues, slotsOf } from './foresee-dues.js';
export type { ComingDue, OwedSlots } from './foresee-dues.js';
