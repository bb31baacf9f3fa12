export { laterAsksMs, nextAsk, notFoundGapMs, realGapsMs, type NextAsk } from './asking.js';
export {
  decideAct,
  decideBatchCancel,
  type Act,
  type Actor,
  type Refused,
  type Taken,
} from './decide-act.js';
export {
  batchMinimum,
  decideBatchIntent,
  decideBatchOutcome,
  decideCompanion,
  decideDetailAnswer,
  isBatched,
  type BatchOutcome,
  type DetailAnswer,
} from './decide-batch.js';
export { decideAnswer, decideLost, decideOutcome } from './decide-outcome.js';
export {
  coveredCount,
  decideIntent,
  decideResend,
  decideResume,
  decideSend,
  decideStopped,
  decideUnsendable,
  doubtIn,
  standingApprovals,
  type Confirmation,
  type Doubt,
  type SendFacts,
} from './decide-send.js';
export { foreseeCash, type CashDay, type CashForecast, type DueDay } from './foresee-cash.js';
export {
  proves,
  type Evidence,
  type QueryAnswer,
  type SendOutcome,
  type Witness,
} from './evidence.js';
export {
  asRequested,
  systemActor,
  type Decision,
  type Failure,
  type Instruction,
  type Payout,
  type PayoutAlertClass,
  type Refusal,
  type RefusalClass,
  type Transition,
} from './payout.js';
export { recheckAtFor } from './rechecks.js';
export {
  checkPayoutMoves,
  finalStates,
  isPayoutState,
  mayMove,
  paidWithoutUs,
  payoutMoves,
  payoutStates,
  waitReasons,
  type PayoutState,
  type WaitReason,
} from './states.js';
