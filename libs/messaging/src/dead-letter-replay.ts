import { Partitioners, type Kafka, type Producer } from 'kafkajs';
import { originalOf, type DeadLetter } from './dead-letter.js';

/** Where an original message stands now that it was sent again. */
export interface SentBack {
  readonly partition: number | null;
  readonly offset: string | null;
}

/** Sends a letter's original back; null where its value could not be kept. */
export type SendBack = (letter: DeadLetter) => Promise<SentBack | null>;

/**
 * Lets `work` send dead letters back to the topic they came from, key, value and original headers
 * unchanged, each acknowledged by all in-sync replicas before the next: they keep their order.
 *
 * The letters stay where they are, as the record of what was refused. A replay may be repeated: an
 * event that was taken meanwhile is one event, and one that is still refused becomes a dead letter of
 * its own.
 */
export async function sendingBack<T>(
  kafka: Kafka,
  work: (sendBack: SendBack) => Promise<T>,
): Promise<T> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    return await work((letter) => send(producer, letter));
  } finally {
    await producer.disconnect();
  }
}

async function send(producer: Producer, letter: DeadLetter): Promise<SentBack | null> {
  const message = originalOf(letter);
  if (message === null) return null;
  const [sent] = await producer.send({ topic: letter.topic, acks: -1, messages: [message] });
  return { partition: sent?.partition ?? null, offset: sent?.baseOffset ?? null };
}
