import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { inheritedVariables } from './config.js';
import { findJava } from './java.js';
import { silentKafka } from './kafka-client.js';
import { KafkaConsole } from './kafka-console.js';
import { ensureKafkaJars } from './kafka-jars.js';
import { cloneDirectory } from './places.js';
import { startKafka, type LoneServer } from './servers.js';
import { checkTopics, createTopics } from './topic-admin.js';
import { probe } from './waiting.js';

jest.setTimeout(300_000);

/** A group member in a process of its own, and what it has read. */
class Member {
  readonly got: { readonly partition: number; readonly offset: string; readonly value: string }[] =
    [];
  joins = 0;
  readonly process: ChildProcess;

  constructor(brokers: string, group: string, topic: string) {
    const script = path.join(cloneDirectory(), 'tools', 'local', 'proof', 'group-member.mjs');
    this.process = spawn(process.execPath, [script, brokers, group, topic], {
      env: { ...inheritedVariables(), NODE_OPTIONS: undefined },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (this.process.stdout === null) throw new Error('no output to listen to');
    createInterface(this.process.stdout).on('line', (line) => this.#hear(line));
  }

  #hear(line: string): void {
    const [word, partition = '', offset = '', value = ''] = line.split(' ');
    if (word === 'joined') this.joins += 1;
    if (word === 'got') this.got.push({ partition: Number(partition), offset, value });
  }
}

const directory = mkdtempSync(path.join(tmpdir(), 'qingfen-kafka-'));
let broker: LoneServer;
let kafka: Kafka;
let kafkaConsole: KafkaConsole;
let members: Member[] = [];

beforeAll(async () => {
  broker = await startKafka({ directory });
  kafka = silentKafka([broker.address], { attempts: 60 });
  const env = inheritedVariables();
  const java = await findJava(env['JAVA_HOME']);
  const cacheDirectory = env['QINGFEN_CACHE_DIR'];
  const jars = await ensureKafkaJars({ cacheDirectory, env, progress: () => undefined });
  kafkaConsole = new KafkaConsole({ java, jars, bootstrap: broker.address, env });
  await createTopics([broker.address], {});
});

afterEach(() => {
  for (const member of members) member.process.kill('SIGKILL');
  members = [];
});

afterAll(async () => {
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function produce(topic: string, values: readonly string[]): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ key: value, value })) });
  await producer.disconnect();
}

async function lagOf(group: string, topic: string): Promise<bigint> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return ends.reduce((sum, { partition, high }) => {
      const at = committed?.partitions.find((each) => each.partition === partition)?.offset;
      return sum + BigInt(high) - (at === undefined || at === '-1' ? 0n : BigInt(at));
    }, 0n);
  } finally {
    await admin.disconnect();
  }
}

function start(group: string, topic: string): Member {
  const member = new Member(broker.address, group, topic);
  members.push(member);
  return member;
}

const read = (): Set<string> => new Set(members.flatMap(({ got }) => got.map((m) => m.value)));

async function until(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  if (!(await probe(ask, { withinMs: 150_000 }))) throw new Error(`did not happen: ${what}`);
}

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe('the broker that Maven brings, and kafkajs', () => {
  it('has every topic as the contract says', async () => {
    expect(await checkTopics([broker.address], {})).toEqual([]);
    expect(await createTopics([broker.address], {})).toEqual([]);
  });

  it('says which topic is not as it should be', async () => {
    const problems = await checkTopics([broker.address], { partitions: 7 });
    expect(problems).toContainEqual({
      topic: 'order-completed',
      problem: 'has 6 partitions, 7 wanted',
      isMissing: false,
    });
  });

  it('hands kafkajs what the console producer packed with any codec', async () => {
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
    for (const codec of codecs) {
      const messages = numbered(codec, 40).map((value) => ({ key: value, value }));
      await kafkaConsole.produce('order-refunded', messages, codec);
    }
    const member = start('codecs', 'order-refunded');
    await until('200 messages of five codecs', () => member.got.length >= 200);
    expect([...read()].sort()).toEqual(codecs.flatMap((codec) => numbered(codec, 40)).sort());
  });

  it('hands the console consumer what kafkajs produced', async () => {
    await produce('payee-upserted', numbered('payee', 30));
    const got = await kafkaConsole.consume('payee-upserted', { count: 30, withinMs: 20_000 });
    expect(got.map(({ value }) => value).sort()).toEqual([...numbered('payee', 30)].sort());
    expect(got.every(({ key, value }) => key === value)).toBe(true);
  });

  it('stamps messages itself, whatever time they claim', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const message = { value: 'old', timestamp: String(Date.UTC(2001, 0, 1)) };
    await producer.send({ topic: 'alert-raised', messages: [message] });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: 'stamps' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'alert-raised', fromBeginning: true });
    const stamp = await new Promise<number>((resolve) => {
      void consumer.run({
        eachMessage: ({ message: read }) => Promise.resolve(resolve(Number(read.timestamp))),
      });
    });
    await consumer.disconnect();
    expect(stamp).toBeGreaterThan(Date.UTC(2020, 0, 1));
  });

  it('takes a message of 16 MiB less its envelope, and refuses a larger one', async () => {
    const producer = kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    const send = (bytes: number): Promise<unknown> =>
      producer.send({ topic: 'order-disputed', messages: [{ value: Buffer.alloc(bytes, 'x') }] });
    await send(16_000_000);
    await expect(send(20_000_000)).rejects.toThrow(/larger than|too large/i);
    await producer.disconnect();
  });
});

describe('a group of two', () => {
  it('shares the partitions, commits, and has no lag at the end', async () => {
    const [one, two] = [start('pair', 'order-completed'), start('pair', 'order-completed')];
    await until('both have joined', () => one.joins > 0 && two.joins > 0);
    await produce('order-completed', numbered('order', 300));
    await until('300 orders were read', () => read().size === 300);
    expect(one.got.length).toBeGreaterThan(0);
    expect(two.got.length).toBeGreaterThan(0);
    await until('no lag', async () => (await lagOf('pair', 'order-completed')) === 0n);
  });

  it('goes on when one of them is killed', async () => {
    const [one, two] = [start('killed', 'payout-result'), start('killed', 'payout-result')];
    await until('both have joined', () => one.joins > 0 && two.joins > 0);
    await produce('payout-result', numbered('before', 60));
    await until('60 were read', () => read().size === 60);
    one.process.kill('SIGKILL');
    await produce('payout-result', numbered('after', 60));
    await until('the other reads all', () => read().size === 120);
    await until('no lag', async () => (await lagOf('killed', 'payout-result')) === 0n);
  });

  // A client that lives through it is the consumer's matter (libs/messaging, and the faults): a bare
  // kafkajs consumer may end or fall silent with its broker, which says nothing about the broker.
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'finds its place after a %s of the broker',
    async (signal) => {
      const group = `broker-${signal}`;
      const topic = signal === 'SIGTERM' ? 'statement-issued' : 'payout-requested';
      await produce(topic, numbered('before', 60));
      const first = start(group, topic);
      await until('60 were read', () => first.got.length >= 60);
      await until('offsets are committed', async () => (await lagOf(group, topic)) === 0n);
      first.process.kill('SIGKILL');
      await produce(topic, numbered('while-away', 60));
      const killed = broker.pid();
      if (killed === undefined) throw new Error('the broker does not run');
      process.kill(killed, signal);
      await until('another broker process answers', async () => {
        return broker.pid() !== killed && (await broker.isReady());
      });
      await produce(topic, numbered('after', 60));
      const next = start(group, topic);
      const heard = (): string[] => [...new Set(next.got.map(({ value }) => value))].sort();
      await until('the rest was read', () => heard().length >= 120);
      await until('no lag', async () => (await lagOf(group, topic)) === 0n);
      expect(heard()).toEqual([...numbered('while-away', 60), ...numbered('after', 60)].sort());
    },
  );

  it('keeps what it logs out of the console', () => {
    expect(readFileSync(path.join(directory, 'kafka.log'), 'utf8')).toContain(
      'Kafka Server started',
    );
  });
});
