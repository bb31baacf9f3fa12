import { randomUUID } from 'node:crypto';

import { type EachBatchPayload, Kafka, logLevel } from 'kafkajs';

import { until } from './probe.js';

/** A message as it stands on a topic. */
export interface TopicMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

const readMsMax = 60_000;

/**
 * Everything that stood on a topic when the call began, partition by partition in order of offset.
 *
 * @throws ProbeFailed when not all of it came within a minute.
 */
export async function readTopic(brokers: string, topic: string): Promise<readonly TopicMessage[]> {
  const kafka = new Kafka({
    clientId: 'topic-reader',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
  });
  const ends = await endsOf(kafka, topic);
  if (ends.size === 0) return [];
  const messages: TopicMessage[] = [];
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 50 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        take(payload, messages);
        const end = ends.get(payload.batch.partition);
        const next = BigInt(payload.batch.lastOffset()) + 1n;
        if (end !== undefined && next >= end) ends.delete(payload.batch.partition);
      },
    });
    await until(`all of ${topic}`, () => [...ends].map(String), {
      deadlineMs: readMsMax,
      everyMs: 20,
      holds: (missing) => missing.length === 0,
    });
  } finally {
    await consumer.disconnect();
  }
  return messages.sort((a, b) =>
    a.partition === b.partition ? Number(a.offset - b.offset) : a.partition - b.partition,
  );
}

/** Partitions that hold anything, each with the offset behind its last message. */
async function endsOf(kafka: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets
        .filter(({ low, high }) => BigInt(high) > BigInt(low))
        .map(({ partition, high }) => [partition, BigInt(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

function take({ batch }: EachBatchPayload, messages: TopicMessage[]): void {
  for (const { offset, key, value, headers = {} } of batch.messages) {
    messages.push({
      partition: batch.partition,
      offset: BigInt(offset),
      key: key === null ? null : key.toString('utf8'),
      value,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, content]) => [name, String(content)]),
      ),
    });
  }
}
