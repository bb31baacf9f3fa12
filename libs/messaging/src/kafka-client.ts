import { Kafka, logLevel, type Admin, type LogEntry } from 'kafkajs';
import type { Logger } from '@qingfen/telemetry';
import { quietRequestQueue } from './quiet-request-queue.js';
import { unpackSmallBatchesAtOnce } from './unpacking.js';

/** How to reach the brokers. */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  /** How long one request may take (10 s). */
  readonly requestTimeoutMs?: number;
  /** How often the client itself tries again before it reports (5). */
  readonly retries?: number;
}

/**
 * The client's own lines. It reports every retry of every request as an error, so they are kept at
 * debug: what has become of a connection is said, once, by the consumer or relay that has it.
 */
function lineTo(logger: Logger) {
  return () => (entry: LogEntry) => {
    const { message, ...fields } = entry.log;
    const { broker, groupId, error } = fields;
    logger.debug({ kafka: entry.namespace, broker, groupId, error }, message);
  };
}

/** A client with bounded retries and a logger of its own; nothing connects before it is used. */
export function createKafka(options: KafkaOptions): Kafka {
  const { brokers, clientId, logger, requestTimeoutMs = 10_000, retries = 5 } = options;
  quietRequestQueue();
  unpackSmallBatchesAtOnce();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    requestTimeout: requestTimeoutMs,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries },
    logLevel: logger.isLevelEnabled('debug') ? logLevel.INFO : logLevel.ERROR,
    logCreator: lineTo(logger),
  });
}

/** A partition's first and behind-the-last offset. */
export interface PartitionBounds {
  readonly topic: string;
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** Where the topics begin and end now. */
export async function fetchBounds(
  admin: Admin,
  topics: readonly string[],
): Promise<PartitionBounds[]> {
  const all = await Promise.all(
    topics.map(async (topic) => {
      const partitions = await admin.fetchTopicOffsets(topic);
      return partitions.map(({ partition, low, high }) => {
        return { topic, partition, low: BigInt(low), high: BigInt(high) };
      });
    }),
  );
  return all.flat();
}

/** The offset behind the last message of every partition of the topics, by topic. */
export async function fetchEndOffsets(
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> {
  const ends = new Map<string, Map<number, bigint>>(topics.map((topic) => [topic, new Map()]));
  for (const { topic, partition, high } of await fetchBounds(admin, topics)) {
    ends.get(topic)?.set(partition, high);
  }
  return ends;
}
