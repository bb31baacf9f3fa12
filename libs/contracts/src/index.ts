export {
  type AnyEvent,
  type CloudEvent,
  type EventData,
  eventDataSchemas,
  type EventOf,
  eventSchema,
  needsTime,
} from './events.js';
export {
  currencyDigits,
  type EntryKind,
  isInstant,
  type JsonObject,
  type Kind,
  type PayVia,
} from './fields.js';
export {
  type DeadLetterCode,
  deadLetterCodes,
  deadLetterHeaderNames,
  headerNames,
} from './headers.js';
export {
  buildEvent,
  type EventEnvelope,
  type ParsedEvent,
  parseEvent,
  type ParseFailure,
  type ParseFailureCode,
  valueBytesMax,
} from './parse-event.js';
export {
  deadLettererOf,
  deadLetterTopic,
  isTopic,
  mustBeSigned,
  ownTopics,
  type ServiceName,
  serviceNames,
  type Topic,
  topicNames,
  topicOfDeadLetters,
  topics,
  topicSpecs,
  topicSpecsFor,
  type TopicSizing,
  type TopicSpec,
  type Writer,
  writerOf,
} from './topics.js';
export type { AlipayIdentityType, PayeeRole } from './upstream-events.js';
