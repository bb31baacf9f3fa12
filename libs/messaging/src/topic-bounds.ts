import type { Kafka } from 'kafkajs';
import { isRetriableKafkaError } from './kafka-errors.js';

/** An offset of every partition, by topic. */
export type TopicOffsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
}

/** What of kafkajs' cluster is used: the part under its admin, producer and consumer. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  fetchTopicsOffset(
    asked: readonly (TopicPartitions & { readonly fromBeginning: boolean })[],
  ): Promise<
    {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

const makerOfClusters = 'private:Kafka:createCluster';
const metadataMaxAge = 60_000;
const triesMax = 3;

/**
 * Tells where topics begin and end, however many, with one request to each broker. kafkajs 2.2.4 can do
 * that and its admin does not: that one sends two requests for each topic, every time, and a gateway
 * that waits for idle asks about all topics many times a second.
 */
export class TopicBounds {
  private connecting: Promise<Cluster> | null = null;

  constructor(private readonly kafka: Kafka) {}

  /** The offset behind the last acknowledged message of every partition of the topics. */
  ends(topics: readonly string[]): Promise<TopicOffsets> {
    return this.read(topics, false);
  }

  /** The first offset that is still there. */
  beginnings(topics: readonly string[]): Promise<TopicOffsets> {
    return this.read(topics, true);
  }

  async close(): Promise<void> {
    const { connecting } = this;
    this.connecting = null;
    await connecting?.then((cluster) => cluster.disconnect()).catch(() => undefined);
  }

  /** @throws what kafkajs throws; the next call connects anew. */
  private async read(topics: readonly string[], fromBeginning: boolean): Promise<TopicOffsets> {
    const connecting = (this.connecting ??= this.connect());
    try {
      const cluster = await connecting;
      await cluster.addMultipleTargetTopics(topics);
      await cluster.refreshMetadataIfNecessary();
      return await readFrom(cluster, topics, fromBeginning);
    } catch (error) {
      if (this.connecting === connecting) this.connecting = null;
      void connecting.then((cluster) => cluster.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  private async connect(): Promise<Cluster> {
    const cluster = clusterOf(this.kafka);
    await cluster.connect();
    return cluster;
  }
}

/** A partition that has another leader than it had is looked for anew. */
async function readFrom(
  cluster: Cluster,
  topics: readonly string[],
  fromBeginning: boolean,
): Promise<TopicOffsets> {
  for (let tries = 1; ; tries += 1) {
    try {
      const asked = topics.map((topic) => ({ ...partitionsOf(cluster, topic), fromBeginning }));
      const told = await cluster.fetchTopicsOffset(asked);
      return new Map(
        told.map(({ topic, partitions }) => [
          topic,
          new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)])),
        ]),
      );
    } catch (error) {
      if (tries >= triesMax || !isRetriableKafkaError(error)) throw error;
      await cluster.refreshMetadata();
    }
  }
}

function partitionsOf(cluster: Cluster, topic: string): TopicPartitions {
  const known = cluster.findTopicPartitionMetadata(topic);
  // A topic without partitions would look like one without messages.
  if (known.length === 0) throw new Error(`the brokers do not tell the partitions of ${topic}`);
  return { topic, partitions: known.map(({ partitionId }) => ({ partition: partitionId })) };
}

/**
 * The client's own way to its brokers, under its settings.
 * Source: kafkajs 2.2.4, src/index.js, where `producer`, `consumer` and `admin` make theirs.
 */
function clusterOf(kafka: Kafka): Cluster {
  for (const key of Object.getOwnPropertySymbols(kafka)) {
    if (key.description !== makerOfClusters) continue;
    const make: unknown = Reflect.get(kafka, key);
    const cluster: unknown = typeof make === 'function' ? make({ metadataMaxAge }) : null;
    if (isCluster(cluster)) return cluster;
  }
  throw new Error('this kafkajs makes its clusters in another way than 2.2.4 does');
}

function isCluster(made: unknown): made is Cluster {
  return (
    typeof made === 'object' &&
    made !== null &&
    'fetchTopicsOffset' in made &&
    'addMultipleTargetTopics' in made &&
    'findTopicPartitionMetadata' in made
  );
}
