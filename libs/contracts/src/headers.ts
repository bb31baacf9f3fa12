/** Names of the Kafka headers that Qingfen reads and writes. */
export const headerNames = {
  /** `<keyId>:<base64 Ed25519 over topic, key and value bytes>`, by the writing service. */
  signature: 'x-signature',
  correlationId: 'x-correlation-id',
  /** A {@link DeadLetterCode}. */
  error: 'x-error',
  /** One English sentence that names the field. */
  reason: 'x-reason',
  originalTopic: 'x-original-topic',
  originalPartition: 'x-original-partition',
  originalOffset: 'x-original-offset',
  /** Instant, ISO 8601. */
  failedAt: 'x-failed-at',
} as const;

/** Headers that a dead letter has and the original message has not. */
export const deadLetterHeaderNames: readonly string[] = [
  headerNames.error,
  headerNames.reason,
  headerNames.originalTopic,
  headerNames.originalPartition,
  headerNames.originalOffset,
  headerNames.failedAt,
];

/** Why a message went to the dead letters (`x-error`). */
export const deadLetterCodes = [
  'not-json',
  'not-a-cloudevent',
  'wrong-type',
  'invalid-data',
  'too-large',
  'event-id-reused',
  'contradicts',
  'refund-exceeds-paid',
  'unknown-line',
  'unauthenticated',
] as const;

/** Why a message went to the dead letters (`x-error`). */
export type DeadLetterCode = (typeof deadLetterCodes)[number];
