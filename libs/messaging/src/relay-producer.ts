import { CompressionTypes, Partitioners, type Kafka, type Message, type Producer } from 'kafkajs';
import type { Logger } from '@qingfen/telemetry';
import { pause } from './backoff.js';
import { createKafka } from './kafka-client.js';

const sendMs = 5000;
/** From here on a request is packed: a value near a topic's limit would not get through else. */
const packedFromBytes = 4 * 1024 * 1024;

/** No acknowledgement came in time; the messages may be there all the same. */
export class SendTimedOut extends Error {
  override readonly name = 'SendTimedOut';
}

/** The relay's producer: connects when it is first needed, and anew after a failure. */
export class RelayProducer {
  private readonly kafka: Kafka;
  private producer: Promise<Producer> | null = null;

  constructor(options: {
    readonly brokers: readonly string[];
    readonly clientId: string;
    readonly logger: Logger;
  }) {
    this.kafka = createKafka({ ...options, requestTimeoutMs: sendMs, retries: 2 });
  }

  /** Sends all of it in one request to each broker, acknowledged by all replicas, within 5 s. */
  async send(byTopic: ReadonlyMap<string, Message[]>, bytes: number): Promise<void> {
    const connecting = (this.producer ??= this.connect());
    const timer = new AbortController();
    const late = pause(sendMs, timer.signal).then(() => {
      if (!timer.signal.aborted) throw new SendTimedOut(`no acknowledgement within ${sendMs} ms`);
    });
    try {
      const sending = connecting.then((producer) => {
        return producer.sendBatch({
          acks: -1,
          timeout: sendMs,
          compression: bytes >= packedFromBytes ? CompressionTypes.GZIP : CompressionTypes.None,
          topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
        });
      });
      await Promise.race([sending, late]);
    } catch (error) {
      this.drop(connecting);
      throw error;
    } finally {
      timer.abort();
    }
  }

  async close(): Promise<void> {
    const producer = this.producer;
    this.producer = null;
    if (producer !== null) await producer.then((open) => open.disconnect()).catch(() => undefined);
  }

  /** What failed once may be half connected for ever; the next send begins afresh. */
  private drop(failed: Promise<Producer>): void {
    if (this.producer === failed) this.producer = null;
    void failed.then((open) => open.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
    });
    await producer.connect();
    return producer;
  }
}
