import type { Logger, Metrics } from '@qingfen/telemetry';
import type { OffsetStore, PartitionOffset } from './offset-store.js';
import type { Batch } from './raw-message.js';

/** One consumer group and what it hears. */
export interface GroupDefinition {
  /** The group's full id, `qf-<service>-<name>`. */
  readonly name: string;
  readonly topics: readonly string[];
}

/** A partition whose stored offset is behind what Kafka says was processed. */
export interface OffsetDivergence extends PartitionOffset {
  readonly group: string;
  /** What Kafka keeps for the group: the next offset as of the last commit. */
  readonly committed: bigint;
}

/** What every consumer of a service has in common. */
export interface ConsumerOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  /** How long a fetch waits for something to come (100). */
  readonly maxWaitTimeInMs?: number;
  /** Messages in one call of a handler (500). */
  readonly batchMessagesMax?: number;
  /** Bytes of values in one call of a handler, unless one message alone is larger (8 MiB). */
  readonly batchBytesMax?: number;
  /** Bytes fetched of one partition at a time, as they stand on the broker (1 MiB). */
  readonly maxBytesPerPartition?: number;
  /** Batches of different partitions under way at once in one consumer (2). */
  readonly concurrency?: number;
  /** A consumer that shows no sign of life for so long is started anew (30 s or 3 sessions). */
  readonly silentMs?: number;
  /** A handler that neither returns nor heartbeats for so long is fatal (5 min). */
  readonly stuckMs?: number;
  readonly offsets: OffsetStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The process can do no more good: it ends, and whoever watches it starts it again. */
  readonly onFatal: (reason: Error) => void;
  /**
   * The database knows less than Kafka: it was restored from a backup. Called, and waited for,
   * before the first message is read again; the emergency stop belongs here.
   */
  readonly onRestored?: (partitions: readonly OffsetDivergence[]) => Promise<void>;
}

/** Hands a batch to whoever hears its topic. */
export type Deliver = (batch: Batch) => Promise<void>;
