import { randomUUID } from 'node:crypto';
import { deadLetterTopic, topicOfDeadLetters, type Topic } from '@qingfen/contracts';
import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
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
  /** Where to begin on a topic; with its first one where null or absent. */
  readonly from?: (topic: Topic) => bigint | null;
  /** The next letter is read when it has resolved; 'enough' ends its topic. */
  readonly onLetter: (letter: DeadLetter) => Promise<'more' | 'enough'>;
}

/** Nothing came from the brokers for so long that the rest is given up. */
export class DeadLettersAway extends Error {
  override readonly name = 'DeadLettersAway';

  constructor() {
    super(`the brokers have handed over no dead letter for ${patienceMs / 1000} s`);
  }
}

/** Which offsets a dead letter topic has now; letters that come later lie behind the end. */
export interface Stretch {
  readonly topic: Topic;
  readonly partition: number;
  readonly from: bigint;
  /** The first offset that is not read. */
  readonly end: bigint;
}

/** Real time without a letter or an answer after which the brokers count as gone. */
const patienceMs = 30_000;

/**
 * Reads what stands on the dead letter topics now, each topic in its order; what comes meanwhile is
 * left. Its consumer group commits nothing, so the broker forgets it.
 *
 * @throws DeadLettersAway when the brokers do not answer
 */
export async function readDeadLetters(options: ReadOptions): Promise<void> {
  const { kafka, topics, at, from, onLetter } = options;
  const standing = await deadLettersStanding(kafka, topics);
  const stretches = standing
    .map((stretch) => (at === undefined ? stretch : cutTo(stretch, at)))
    .map((stretch) => beginAt(stretch, from?.(stretch.topic) ?? null))
    .filter((stretch) => stretch.from < stretch.end);
  if (stretches.length === 0) return;
  const groupId = `qingfen-dlq-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await new Reading(consumer, stretches, onLetter).toItsEnd();
}

/** What stands on the dead letter topics now, empty ones included. */
export async function deadLettersStanding(
  kafka: Kafka,
  topics: readonly Topic[],
): Promise<Stretch[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const found = await Promise.all(topics.map((topic) => stretchesOf(admin, topic)));
    return found.flat();
  } finally {
    await admin.disconnect();
  }
}

async function stretchesOf(admin: Admin, topic: Topic): Promise<Stretch[]> {
  const offsets = await admin.fetchTopicOffsets(deadLetterTopic(topic));
  return offsets.map(({ partition, low, high }) => {
    return { topic, partition, from: BigInt(low), end: BigInt(high) };
  });
}

function cutTo(stretch: Stretch, at: Place): Stretch {
  const wanted = BigInt(at.offset);
  const isThere =
    stretch.partition === at.partition && wanted >= stretch.from && wanted < stretch.end;
  if (!isThere) return { ...stretch, end: stretch.from };
  return { ...stretch, from: wanted, end: wanted + 1n };
}

function beginAt(stretch: Stretch, from: bigint | null): Stretch {
  return from === null || from <= stretch.from ? stretch : { ...stretch, from };
}

/** One pass of a consumer over some stretches. */
class Reading {
  private readonly open: Map<string, Stretch>;
  private finish: () => void = () => undefined;
  private fail: (error: Error) => void = () => undefined;
  private patience: NodeJS.Timeout | null = null;

  constructor(
    private readonly consumer: Consumer,
    private readonly stretches: readonly Stretch[],
    private readonly onLetter: ReadOptions['onLetter'],
  ) {
    this.open = new Map(
      stretches.map((stretch) => {
        return [placeOf(deadLetterTopic(stretch.topic), stretch.partition), stretch];
      }),
    );
  }

  async toItsEnd(): Promise<void> {
    const { consumer } = this;
    const done = new Promise<void>((resolve, reject) => {
      [this.finish, this.fail] = [resolve, reject];
    });
    this.wait();
    await consumer.connect();
    try {
      consumer.on(consumer.events.CRASH, ({ payload }) => this.fail(payload.error));
      await consumer.subscribe({
        topics: [...new Set(this.stretches.map(({ topic }) => deadLetterTopic(topic)))],
        fromBeginning: true,
      });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.take(payload),
      });
      for (const { topic, partition, from } of this.stretches) {
        consumer.seek({ topic: deadLetterTopic(topic), partition, offset: String(from) });
      }
      await done;
    } finally {
      if (this.patience !== null) clearTimeout(this.patience);
      await consumer.disconnect();
    }
  }

  private async take({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const topic = topicOfDeadLetters(batch.topic);
    if (topic === null) throw new TypeError(`${batch.topic} has no dead letters`);
    const { partition } = batch;
    const place = placeOf(batch.topic, partition);
    for (const { offset, key, value, headers = {} } of batch.messages) {
      const stretch = this.open.get(place);
      const at = BigInt(offset);
      // A batch that was fetched before the seek may begin too early.
      if (stretch === undefined || at < stretch.from) continue;
      if (at < stretch.end) {
        const wish = await this.onLetter({ topic, partition, offset, key, value, headers });
        this.open.set(place, { ...stretch, from: at + 1n });
        if (wish === 'enough') this.open.delete(place);
      }
      if (at + 1n >= stretch.end) this.open.delete(place);
      this.wait();
      resolveOffset(offset);
      await heartbeat();
    }
    if (this.open.size === 0) this.finish();
  }

  /** Begins to wait anew. */
  private wait(): void {
    if (this.patience !== null) clearTimeout(this.patience);
    this.patience = setTimeout(() => this.fail(new DeadLettersAway()), patienceMs);
  }
}

function placeOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
