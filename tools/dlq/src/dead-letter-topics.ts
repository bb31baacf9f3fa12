import { randomUUID } from 'node:crypto';
import { deadLetterTopic, type Topic, topicOfDeadLetters } from '@qingfen/contracts';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import type { DeadLetter } from './dead-letter.js';

/** Where one dead letter stands on its dead letter topic. */
export interface Place {
  readonly partition: number;
  readonly offset: string;
}

/** What to read. */
export interface ReadOptions {
  readonly kafka: Kafka;
  /** The original topics. */
  readonly topics: readonly Topic[];
  /** Only this one, of the one topic. */
  readonly at?: Place | undefined;
  /** The next letter is read when it has resolved. */
  readonly onLetter: (letter: DeadLetter) => Promise<void>;
}

interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  /** The first offset that is not read. */
  readonly end: bigint;
}

/** A client for the tool's own connections. */
export function connect(brokers: readonly string[]): Kafka {
  return new Kafka({
    clientId: 'qingfen-dlq',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
  });
}

/**
 * Reads what stands on the dead letter topics now; what comes meanwhile is left. Its
 * consumer group commits nothing, so the broker forgets it.
 */
export async function readDeadLetters(options: ReadOptions): Promise<void> {
  const { kafka, topics, at } = options;
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `qingfen-dlq-${randomUUID()}`;
  try {
    const stretches: Stretch[] = [];
    for (const topic of topics) {
      const name = deadLetterTopic(topic);
      for (const { partition, low, high } of await admin.fetchTopicOffsets(name)) {
        const stretch = { topic: name, partition, from: BigInt(low), end: BigInt(high) };
        const cut = at === undefined ? stretch : cutTo(stretch, at);
        if (cut.from < cut.end) stretches.push(cut);
      }
    }
    if (stretches.length === 0) return;
    await consume(kafka.consumer({ groupId, maxWaitTimeInMs: 100 }), stretches, options.onLetter);
  } finally {
    await admin.disconnect();
  }
}

function cutTo(stretch: Stretch, at: Place): Stretch {
  if (stretch.partition !== at.partition) return { ...stretch, end: stretch.from };
  const wanted = BigInt(at.offset);
  if (wanted < stretch.from || wanted >= stretch.end) return { ...stretch, end: stretch.from };
  return { ...stretch, from: wanted, end: wanted + 1n };
}

async function consume(
  consumer: Consumer,
  stretches: readonly Stretch[],
  onLetter: ReadOptions['onLetter'],
): Promise<void> {
  const open = new Map(stretches.map((stretch) => [placeOf(stretch), stretch]));
  let finish = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  const done = new Promise<void>((resolve, reject) => {
    [finish, fail] = [resolve, reject];
  });
  await consumer.connect();
  try {
    consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
    await consumer.subscribe({
      topics: [...new Set(stretches.map((stretch) => stretch.topic))],
      fromBeginning: true,
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, heartbeat, resolveOffset }) => {
        const place = placeOf({ topic: batch.topic, partition: batch.partition });
        for (const message of batch.messages) {
          const stretch = open.get(place);
          const offset = BigInt(message.offset);
          if (stretch === undefined || offset < stretch.from) continue;
          if (offset < stretch.end) {
            const topic = topicOfDeadLetters(batch.topic);
            if (topic === null) throw new TypeError(`${batch.topic} has no dead letters`);
            const { key, value, headers = {} } = message;
            const { partition } = batch;
            await onLetter({ topic, partition, offset: message.offset, key, value, headers });
            open.set(place, { ...stretch, from: offset + 1n });
          }
          if (offset + 1n >= stretch.end) open.delete(place);
          resolveOffset(message.offset);
          await heartbeat();
        }
        if (open.size === 0) finish();
      },
    });
    for (const { topic, partition, from } of stretches) {
      consumer.seek({ topic, partition, offset: String(from) });
    }
    await done;
  } finally {
    await consumer.disconnect();
  }
}

function placeOf(of: { readonly topic: string; readonly partition: number }): string {
  return `${of.topic}:${of.partition}`;
}
