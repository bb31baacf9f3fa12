import type { DeadLetterCode, EventData, EventOf, ServiceName, Topic } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import type { RawMessage } from './raw-message.js';

/** Something for others to hear once the transaction has committed. */
export interface OutgoingEvent<T extends Topic = Topic> {
  readonly topic: T;
  /** The Kafka key: messages of one key keep their order. */
  readonly key: string;
  readonly data: EventData[T];
  /** What it was caused by; the one of the work around unless given. */
  readonly correlationId?: string;
  /** The event's instant; the unit's now unless given. */
  readonly time?: Date;
  /** Derived from topic, key and data unless given: the same said twice is one event. */
  readonly id?: string;
}

/** A well-formed, authentic event that this service has not seen before. */
export interface IncomingEvent<T extends Topic = Topic> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: bigint;
  readonly event: EventOf<T>;
  readonly data: EventOf<T>['data'];
  readonly correlationId: string;
  /** The service that signed it; null for what upstream writes. */
  readonly signedBy: ServiceName | null;
  /** The message as it came, for a dead letter. */
  readonly raw: RawMessage;
}

/** What an alert is about. */
export interface AlertSubject {
  readonly type: string;
  readonly id: string;
}

/** A condition that somebody should know of; said once for as long as it lasts. */
export interface AlertInput {
  readonly class: string;
  readonly severity: 'info' | 'warning' | 'critical';
  /** Null for what concerns the whole installation. */
  readonly shopId: string | null;
  readonly subject: AlertSubject;
  readonly message: string;
  readonly messageZh: string;
  /**
   * `by-itself` unless said: whoever raises it ends it when the condition is over. What has happened
   * and is never over ends when somebody says that they have looked.
   */
  readonly ends?: 'by-itself' | 'when-acknowledged';
}

/** One transaction's worth of work: rows through `tx`, and what is to be said when it commits. */
export interface Unit {
  readonly tx: Tx;
  /** The clock's now, one instant for the whole unit. */
  readonly now: Date;
  /** Says an event: it reaches Kafka if and only if this unit commits. */
  say<T extends Topic>(event: OutgoingEvent<T>): void;
  /** Sends an event to the dead letters; it does not count as seen and may come again. */
  refuse(event: IncomingEvent, code: DeadLetterCode, reason: string): void;
  /** Raises an alert, unless the same condition is raised already. */
  alert(alert: AlertInput): void;
  /** Ends the alert of this class and subject, of one shop or (without) of any. */
  resolveAlert(alertClass: string, subject: AlertSubject, shopId?: string | null): void;
  /** Ends one alert by its id, if it is raised. */
  endAlert(alertId: string, shopId: string | null): void;
  /** Has something done once this unit has committed, such as remembering what it made; no I/O. */
  onCommit(work: () => void): void;
}
