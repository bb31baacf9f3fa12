import type { IHeaders } from 'kafkajs';

/** One message as it came from Kafka. */
export interface RawMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Headers as text; of a name that comes several times the first. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers byte for byte, where the message has any: a dead letter carries them unchanged. */
  readonly rawHeaders?: IHeaders | undefined;
  /** When the broker appended it. */
  readonly timestamp: Date;
}

/** Messages of one partition, in order, none of them committed yet. */
export interface Batch {
  /** The group's full id, `qf-<service>-<name>`. */
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly RawMessage[];
  /**
   * The offset that must have been stored for this partition before these messages: a stored one
   * below it means that the database went back in time.
   */
  readonly from?: bigint;
  /**
   * Keeps the membership alive during long work; called more often than needed it does nothing.
   * Rejects when the partitions are being handed to others: let the error through.
   */
  heartbeat(): Promise<void>;
  /** Where a handler's error is left for the consumer, since Nest replaces errors by its own. */
  noteFailure?(error: unknown): void;
}
