import { createTopics, startKafka, startPostgres, type LoneServer } from '@qingfen/local';
import { topicSpecs } from '@qingfen/contracts';
import { until } from '@qingfen/testing';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Message } from './orders.js';

const sendAtOnce = 1_000;
const durable = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;

/** A real PostgreSQL and a real Kafka of this run alone, and what measures do with them. */
export class Servers {
  private constructor(
    readonly directory: string,
    readonly postgres: LoneServer,
    readonly kafka: LoneServer,
    readonly client: Kafka,
    readonly admin: Admin,
  ) {}

  static async start(say: (line: string) => void): Promise<Servers> {
    const directory = mkdtempSync(path.join(tmpdir(), 'qingfen-bench-'));
    chmodSync(directory, 0o711); // PostgreSQL may run as another user
    const started = await Promise.allSettled([
      startPostgres({ directory: path.join(directory, 'postgres'), progress: say }),
      startKafka({
        directory: path.join(directory, 'kafka'),
        tuning: 'throughput',
        progress: say,
      }),
    ]);
    const [postgres, kafka] = started;
    if (postgres.status === 'rejected' || kafka.status === 'rejected') {
      for (const one of started) if (one.status === 'fulfilled') await one.value.stop();
      rmSync(directory, { recursive: true, force: true });
      throw started.find((one) => one.status === 'rejected')?.reason;
    }
    const client = new Kafka({
      clientId: 'bench',
      brokers: [kafka.value.address],
      logLevel: logLevel.NOTHING,
    });
    const admin = client.admin();
    const servers = new Servers(directory, postgres.value, kafka.value, client, admin);
    await servers.prepare();
    return servers;
  }

  get brokers(): string {
    return this.kafka.address;
  }

  async stop(): Promise<void> {
    await this.admin.disconnect().catch(() => undefined);
    await Promise.allSettled([this.postgres.stop(), this.kafka.stop()]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A client of the server's owner, on a database of its own or on the first one. */
  async connect(database?: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    client.on('error', () => undefined); // whoever asks next hears of it
    await client.connect();
    return client;
  }

  urlOf(database?: string): string {
    const url = new URL(this.postgres.address);
    if (database !== undefined) url.pathname = `/${database}`;
    return url.href;
  }

  /** A fresh database and a checkpoint before it, so that no round pays for the one before. */
  async newDatabase(name: string): Promise<void> {
    await this.asOwner([`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `CREATE DATABASE ${name}`]);
  }

  /** A copy of a database that nobody is connected to. */
  async copyDatabase(from: string, name: string): Promise<void> {
    await this.asOwner([
      `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
      `CREATE DATABASE ${name} TEMPLATE ${from} STRATEGY FILE_COPY`,
      'CHECKPOINT',
    ]);
  }

  async dropDatabase(name: string): Promise<void> {
    await this.asOwner([`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, 'CHECKPOINT']);
  }

  /** A topic like `order-completed`, under another name. */
  async newTopic(topic: string): Promise<void> {
    const like = topicSpecs.find(({ name }) => name === 'order-completed');
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: like?.partitions ?? 6,
          replicationFactor: 1,
          configEntries: Object.entries(like?.config ?? {}).map(([name, value]) => ({
            name,
            value,
          })),
        },
      ],
    });
  }

  async publish(topic: string, messages: readonly Message[]): Promise<void> {
    const producer = this.client.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      for (let from = 0; from < messages.length; from += sendAtOnce) {
        const chunk = messages.slice(from, from + sendAtOnce);
        await producer.send({
          topic,
          acks: -1,
          messages: chunk.map(({ key, value, headers = {} }) => ({
            key,
            value,
            headers: { ...headers },
          })),
        });
      }
    } finally {
      await producer.disconnect();
    }
  }

  /** How many messages of a topic a group has left behind it, by Kafka's own offsets. */
  async committed(group: string, topic: string): Promise<number> {
    const [found] = await this.admin.fetchOffsets({ groupId: group, topics: [topic] });
    const offsets = found?.partitions ?? [];
    return offsets.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  /** Makes the broker forget groups whose members have gone. */
  async forgetGroups(groups: readonly string[]): Promise<void> {
    for (const group of groups) {
      const isGone = async (): Promise<boolean> => {
        const { groups: known } = await this.admin.listGroups();
        if (!known.some(({ groupId }) => groupId === group)) return true;
        await this.admin.deleteGroups([group]); // throws while a member is still leaving
        return false;
      };
      await until(`group ${group} to be gone`, isGone, { deadlineMs: 30_000 });
    }
  }

  private async prepare(): Promise<void> {
    await createTopics([this.kafka.address], {});
    await this.admin.connect();
    const client = await this.connect();
    try {
      for (const setting of durable) {
        const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`);
        if (rows[0]?.[setting] !== 'on') throw new Error(`PostgreSQL runs with ${setting} off`);
      }
    } finally {
      await client.end();
    }
  }

  private async asOwner(statements: readonly string[]): Promise<void> {
    const client = await this.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }
}
