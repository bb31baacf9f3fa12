export { alertIdOf } from './alerts.js';
export { BatchErrorFilter } from './batch-error-filter.js';
export { BatchServer, batchTransport, type BatchServerOptions } from './batch-server.js';
export type { ConsumerOptions, GroupDefinition, OffsetDivergence } from './consumer-options.js';
export { originOf, type DeadLetter, type DeadLetterOrigin } from './dead-letter.js';
export {
  DeadLettersAway,
  deadLettersStanding,
  readDeadLetters,
  type Place,
  type ReadOptions,
} from './dead-letter-reader.js';
export { sendingBack, type SendBack, type SentBack } from './dead-letter-replay.js';
export { doTogether, type GroupWork, type Waiting } from './group-work.js';
export { derivedUuid, eventKey, factDigest } from './identity.js';
export { Intake, type BatchHandler, type IntakeOptions } from './intake.js';
export type { SignatureCheck } from './judge.js';
export {
  createKafka,
  fetchBounds,
  fetchEndOffsets,
  type KafkaOptions,
  type PartitionBounds,
} from './kafka-client.js';
export { isKafkaError, isMembershipError, isRetriableKafkaError } from './kafka-errors.js';
export { messagingMigrations } from './migrations/index.js';
export {
  OffsetStore,
  StoredOffsetBehind,
  type PartitionOffset,
  type TopicPartition,
} from './offset-store.js';
export type { MessageSigning } from './outbox.js';
export type { Batch, RawMessage } from './raw-message.js';
export { Relay, RelayBehind, type RelayOptions } from './relay.js';
export { TopicBounds, type TopicOffsets } from './topic-bounds.js';
export { unitOfWork, Units, type UnitsOptions } from './units.js';
export type { AlertInput, AlertSubject, IncomingEvent, OutgoingEvent, Unit } from './unit.js';
