export { arbitraryMinor, arbitraryOrder, type OrderWorld, sampleOrders } from './arbitraries.js';
export { endOf, ensureTopics } from './broker-topics.js';
export { fenOf, sumFen, yuanOf } from './fen.js';
export { type CallOptions, GatewayClient } from './gateway-client.js';
export { type Answer, type HttpCall, send, UnexpectedAnswer } from './http.js';
export { instantMs, later, midnight, nextMonday, shanghaiText, span } from './instants.js';
export { bad, good, Offline, verifiers } from './offline.js';
export { ProbeFailed, type ProbeOptions, until } from './probe.js';
export {
  bookKey,
  type ExpectedBook,
  expectedBook,
  type ExpectedStatement,
  type KnownPayee,
  type PublishedOrder,
} from './reference/expected-book.js';
export { roundedQuotient, type RoundingTerms } from './reference/exact.js';
export { dayAfter, dayMs, isLastOfMonth, isMonday } from './reference/days.js';
export { amountsOf, type ExpectedPart, partsOf, statementIdOf } from './reference/parts.js';
export {
  type ConditionTerms,
  type CycleTerms,
  inForce,
  type RateTerms,
  type ReferenceKind,
  referenceKinds,
  type ReferencePlan,
  type ReferenceVersion,
  type ShareTerms,
  type TierTerms,
} from './reference/plan-in-force.js';
export type { ReferenceRun } from './reference/schedule.js';
export { dayOf, instantOf, textOf } from './reference/shanghai.js';
export {
  adjust,
  bindByHand,
  debtOf,
  demand,
  endRecovery,
  type HandAmount,
  holdByHand,
  mendPayee,
  releaseOrder,
  releasePayee,
  type Retrial,
  retry,
} from './reference/shop/acts.js';
export { tellWindows } from './reference/shop/evidence.js';
export { isHeld, isPayeeHeld } from './reference/shop/holds.js';
export { windowEnd } from './reference/shop/owed.js';
export {
  accountsOf,
  type ReferenceBalance,
  type ShopPicture,
  withBrought,
} from './reference/shop/picture.js';
export { ReferenceShop } from './reference/shop/reference-shop.js';
export type {
  ReferenceOrder,
  ReferencePayout,
  ReferenceStatement,
  ShopState,
} from './reference/shop/state.js';
export type {
  CompletedOrder,
  Dispute,
  DisputeResolution,
  Hearing,
  PayoutResult,
  Refund,
  RefundReversal,
  UpsertedPayee,
} from './reference/shop/told.js';
export { type ReferenceLine, type ReferenceSplit, splitLine } from './reference/split-line.js';
export { type ReferenceZone, zoneNamed } from './reference/zone.js';
export {
  type FaultWish,
  type SandboxAccount,
  type SandboxBatch,
  SandboxClient,
  type SandboxFault,
  type SandboxMerchant,
  type SandboxRequest,
  type SandboxTrade,
  type SandboxTransfer,
} from './sandbox-client.js';
export { readTopic, type TopicMessage } from './topic-reader.js';
export {
  eventMessage,
  orderMessage,
  payeeMessage,
  Upstream,
  type UpstreamEvent,
  type UpstreamMessage,
} from './upstream.js';
