export { arbitraryMinor, arbitraryOrder, type OrderWorld, sampleOrders } from './arbitraries.js';
export { endOf, ensureTopics } from './broker-topics.js';
export { fenOf, sumFen, yuanOf } from './fen.js';
export { type CallOptions, GatewayClient } from './gateway-client.js';
export { type Answer, type HttpCall, send, UnexpectedAnswer } from './http.js';
export { instantMs, later, midnight, nextMonday, shanghaiText, span } from './instants.js';
export { ProbeFailed, type ProbeOptions, until } from './probe.js';
export {
  bookKey,
  type ExpectedBook,
  expectedBook,
  type ExpectedStatement,
  type KnownPayee,
  type PublishedOrder,
  type ReferenceKind,
} from './reference/expected-book.js';
export {
  type CycleTerms,
  inForce,
  type ReferencePlan,
  type ReferenceVersion,
  type ShareTerms,
  type TierTerms,
} from './reference/plan-in-force.js';
export { type ReferenceLine, type ReferenceSplit, splitLine } from './reference/split-line.js';
export {
  type FaultWish,
  type SandboxAccount,
  SandboxClient,
  type SandboxFault,
  type SandboxMerchant,
  type SandboxRequest,
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
