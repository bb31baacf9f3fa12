import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

import type { EventData, Topic } from '@qingfen/contracts';
import { Kafka, logLevel, type Producer } from 'kafkajs';

/** A message as it goes to Kafka. */
export interface UpstreamMessage {
  readonly topic: Topic;
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An event in the form that goes to Kafka, and what it says. */
export interface UpstreamEvent<T extends Topic = Topic> extends UpstreamMessage {
  readonly id: string;
  readonly data: EventData[T];
  readonly topic: T;
}

const batchSize = 500;

/** A CloudEvent in structured JSON; a new id unless one is given. */
export function eventMessage<T extends Topic>(
  topic: T,
  data: EventData[T],
  envelope: {
    readonly key: string;
    readonly id?: string;
    readonly source?: string;
    readonly time?: string;
    readonly correlationId?: string;
  },
): UpstreamEvent<T> {
  const { key, id = randomUUID(), source = '/upstream/orders', time, correlationId } = envelope;
  const event = {
    specversion: '1.0',
    id,
    source,
    type: topic,
    ...(time === undefined ? {} : { time }),
    data,
  };
  const headers =
    correlationId === undefined ? {} : { headers: { 'x-correlation-id': correlationId } };
  return { topic, key, id, data, value: JSON.stringify(event), ...headers };
}

/** `order-completed`, keyed by its order. */
export function orderMessage(
  data: EventData['order-completed'],
  envelope: { readonly id?: string; readonly correlationId?: string } = {},
): UpstreamEvent<'order-completed'> {
  return eventMessage('order-completed', data, { key: data.orderId, ...envelope });
}

/** `payee-upserted`, keyed by its payee; `time` decides which of two wins. */
export function payeeMessage(
  data: EventData['payee-upserted'],
  time: string,
): UpstreamEvent<'payee-upserted'> {
  return eventMessage('payee-upserted', data, {
    key: data.payeeId,
    time,
    source: '/upstream/payees',
  });
}

/**
 * An order system: publishes to Kafka and keeps a journal of what the broker has acknowledged.
 * With a file the journal survives the publisher.
 */
export class Upstream {
  /** Ids of acknowledged events, in order. */
  readonly acknowledged: string[] = [];
  readonly #producer: Producer;
  readonly #journal: number | undefined;

  private constructor(producer: Producer, journalFile: string | undefined) {
    this.#producer = producer;
    this.#journal = journalFile === undefined ? undefined : openSync(journalFile, 'a', 0o600);
  }

  /** Connects to brokers (`host:port`, several with commas). */
  static async connect(brokers: string, journalFile?: string): Promise<Upstream> {
    const kafka = new Kafka({
      clientId: 'upstream',
      brokers: brokers.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    return new Upstream(producer, journalFile);
  }

  /** Publishes events, every one of them acknowledged by all in-sync replicas on return. */
  async publish(events: readonly UpstreamEvent[]): Promise<void> {
    for (let start = 0; start < events.length; start += batchSize) {
      const chunk = events.slice(start, start + batchSize);
      await this.send(chunk);
      this.#note(chunk.map(({ id }) => id));
    }
  }

  /** Sends any bytes; nothing is noted. */
  async send(messages: readonly UpstreamMessage[]): Promise<void> {
    const topics = new Map<Topic, UpstreamMessage[]>();
    for (const message of messages) {
      const others = topics.get(message.topic);
      if (others === undefined) topics.set(message.topic, [message]);
      else others.push(message);
    }
    await this.#producer.sendBatch({
      acks: -1,
      topicMessages: [...topics].map(([topic, chosen]) => ({
        topic,
        messages: chosen.map(({ key, value, headers = {} }) => ({
          key,
          value,
          headers: { ...headers },
        })),
      })),
    });
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
    if (this.#journal !== undefined) closeSync(this.#journal);
  }

  #note(ids: readonly string[]): void {
    this.acknowledged.push(...ids);
    if (this.#journal === undefined) return;
    writeSync(this.#journal, ids.map((id) => `${id}\n`).join(''));
    fsyncSync(this.#journal);
  }
}
