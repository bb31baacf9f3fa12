/** The services of Qingfen, by the names of their folders under `apps/`. */
export const serviceNames = [
  'order',
  'rules',
  'settlement-calculator',
  'payout',
  'reconciliation',
  'notification',
  'gateway',
] as const;

/** A service of Qingfen. */
export type ServiceName = (typeof serviceNames)[number];

/** Every topic, once; an event's `type` is the name of its topic. */
export const topics = {
  orderCompleted: 'order-completed',
  orderRefunded: 'order-refunded',
  orderRefundReversed: 'order-refund-reversed',
  orderDisputed: 'order-disputed',
  orderDisputeResolved: 'order-dispute-resolved',
  payeeUpserted: 'payee-upserted',
  shopUpserted: 'shop-upserted',
  settlementPlanPublished: 'settlement-plan-published',
  returnWindowClosed: 'return-window-closed',
  statementIssued: 'statement-issued',
  payoutRequested: 'payout-requested',
  payoutResult: 'payout-result',
  alertRaised: 'alert-raised',
  reconciliationCompleted: 'reconciliation-completed',
  ledgerHead: 'ledger-head',
  planChangeAnnounced: 'plan-change-announced',
} as const;

/** The name of a topic that carries events (dead letter topics are not among them). */
export type Topic = (typeof topics)[keyof typeof topics];

/** All topics in the order of the contract. */
export const topicNames: readonly Topic[] = Object.values(topics);

const topicSet: ReadonlySet<string> = new Set(topicNames);

/** Whether a name from outside is one of our topics (a `.dlq` name is not). */
export function isTopic(name: string): name is Topic {
  return topicSet.has(name);
}

const deadLetterSuffix = '.dlq';

/** Where what cannot be processed of a topic goes, unchanged. */
export function deadLetterTopic(topic: Topic): `${Topic}.dlq` {
  return `${topic}${deadLetterSuffix}`;
}

/** The topic whose dead letters stand on `name`, or null if `name` is no dead letter topic. */
export function topicOfDeadLetters(name: string): Topic | null {
  if (!name.endsWith(deadLetterSuffix)) return null;
  const topic = name.slice(0, -deadLetterSuffix.length);
  return isTopic(topic) ? topic : null;
}

/** Who writes a topic; `any` is any service of ours. */
export type Writer = ServiceName | 'upstream' | 'any';

const writers: Readonly<Record<Topic, Writer>> = {
  'order-completed': 'upstream',
  'order-refunded': 'upstream',
  'order-refund-reversed': 'upstream',
  'order-disputed': 'upstream',
  'order-dispute-resolved': 'upstream',
  'payee-upserted': 'upstream',
  'shop-upserted': 'rules',
  'settlement-plan-published': 'rules',
  'return-window-closed': 'order',
  'statement-issued': 'settlement-calculator',
  'payout-requested': 'settlement-calculator',
  'payout-result': 'payout',
  'alert-raised': 'any',
  'reconciliation-completed': 'reconciliation',
  'ledger-head': 'settlement-calculator',
  'plan-change-announced': 'settlement-calculator',
};

/**
 * Who writes a topic. `payee-upserted` is upstream's, and may besides come from payout, signed;
 * every topic of a service is signed by it.
 */
export function writerOf(topic: Topic): Writer {
  return writers[topic];
}

/** Topics on which a message without a valid signature of its writer has no effect. */
export const ownTopics: readonly Topic[] = topicNames.filter((topic) => {
  return writers[topic] !== 'upstream';
});

/** Whether a message of this topic counts only with a valid signature of its writer. */
export function mustBeSigned(topic: Topic): boolean {
  return writers[topic] !== 'upstream';
}

const deadLetterers: Readonly<Record<Topic, ServiceName>> = {
  'order-completed': 'settlement-calculator',
  'order-refunded': 'settlement-calculator',
  'order-refund-reversed': 'settlement-calculator',
  'order-disputed': 'settlement-calculator',
  'order-dispute-resolved': 'settlement-calculator',
  'payee-upserted': 'payout',
  'shop-upserted': 'settlement-calculator',
  'settlement-plan-published': 'settlement-calculator',
  'return-window-closed': 'settlement-calculator',
  'statement-issued': 'notification',
  'payout-requested': 'payout',
  'payout-result': 'settlement-calculator',
  'alert-raised': 'notification',
  'reconciliation-completed': 'notification',
  'ledger-head': 'notification',
  'plan-change-announced': 'notification',
};

/** The one service that dead-letters a topic's bad messages; others skip and count them. */
export function deadLettererOf(topic: Topic): ServiceName {
  return deadLetterers[topic];
}

/** What a topic must be on the broker; `config` has Kafka's own names and texts. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** What differs between brokers; all else of a topic is fixed. */
export interface TopicSizing {
  /** Partitions of the order, payee, statement, payout and announcement topics (6). */
  readonly partitions?: number;
  readonly replicationFactor?: number;
}

// The broker stamps and re-packs: old event dates would delete segments, kafkajs reads only gzip.
const everyTopic = {
  'message.timestamp.type': 'LogAppendTime',
  'compression.type': 'gzip',
  'max.message.bytes': '16777216',
};
const keptForEver = { ...everyTopic, 'cleanup.policy': 'delete', 'retention.ms': '-1' };
const compacted = { ...everyTopic, 'cleanup.policy': 'compact' };
const ninetyDaysMs = String(90 * 24 * 60 * 60 * 1000);
const ninetyDays = { ...everyTopic, 'cleanup.policy': 'delete', 'retention.ms': ninetyDaysMs };
// A dead letter carries the original bytes and headers of its own besides, hence the extra MiB.
const deadLetters = { ...keptForEver, 'max.message.bytes': '17825792' };

const singlePartition: Partial<Record<Topic, Readonly<Record<string, string>>>> = {
  'settlement-plan-published': keptForEver,
  'shop-upserted': compacted,
  'alert-raised': ninetyDays,
  'reconciliation-completed': ninetyDays,
  'ledger-head': ninetyDays,
};

/** Every topic and its dead letter topic as the broker must have them before anything starts. */
export function topicSpecsFor(sizing: TopicSizing = {}): TopicSpec[] {
  const { partitions = 6, replicationFactor = 1 } = sizing;
  return topicNames.flatMap((topic) => {
    const single = singlePartition[topic];
    return [
      {
        name: topic,
        partitions: single === undefined ? partitions : 1,
        replicationFactor,
        config: single ?? keptForEver,
      },
      { name: deadLetterTopic(topic), partitions: 1, replicationFactor, config: deadLetters },
    ];
  });
}

/** {@link topicSpecsFor} at the defaults: 6 partitions, one replica. */
export const topicSpecs: readonly TopicSpec[] = topicSpecsFor();
