import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommitCutter, type Database } from '@qingfen/database';
import { createLogger, Metrics } from '@qingfen/telemetry';
import { SpecKafka } from './fixtures/kafka.js';
import { until } from './fixtures/probe.js';
import { specService, type SpecService } from './fixtures/service.js';
import { writeOutbox } from './outbox.js';
import { Relay, RelayBehind } from './relay.js';

const kafka = new SpecKafka(createLogger({ service: 'spec', level: 'silent' }));
let service: SpecService;
const relays: Relay[] = [];

beforeAll(() => kafka.connect());
afterAll(() => kafka.close());
beforeEach(async () => {
  service = await specService('order');
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await service.scratch.drop();
});

function relayOn(database: Database, brokers: readonly string[] = kafka.brokers): Relay {
  const { logger } = service;
  const relay = new Relay({ database, brokers, clientId: 'spec', logger, metrics: new Metrics() });
  relays.push(relay);
  return relay;
}

async function write(topic: string, messages: readonly [key: string, text: string][]) {
  await service.database.transaction(async (tx) => {
    const rows = messages.map(([key, text]) => {
      const bytes = { key: Buffer.from(key), value: Buffer.from(text) };
      return { topic, orderKey: key, ...bytes, headers: '{"x-a":"1"}' };
    });
    await writeOutbox(tx, rows);
  });
}

/** What came of each key, in the order in which it stands. */
async function byKey(topic: string): Promise<Map<string, number[]>> {
  const seen = new Map<string, number[]>();
  for (const { key, value } of await kafka.read(topic)) {
    const name = String(key);
    seen.set(name, [...(seen.get(name) ?? []), Number(String(value))]);
  }
  return seen;
}

function firstTimes(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

const isRising = (numbers: readonly number[]): boolean => {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0));
};

describe('the relay', () => {
  it('sends what was committed, with key, value and headers, and nothing else', async () => {
    const topic = await kafka.topic(3);
    const relay = relayOn(service.database);
    relay.start();
    const failing = service.database.transaction(async (tx) => {
      const message = { topic, orderKey: 'k', key: null, value: Buffer.from('no'), headers: '{}' };
      await writeOutbox(tx, [message]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await write(topic, [['k-1', 'yes']]);
    await relay.flushed();
    const messages = await kafka.read(topic);
    expect(messages.map(({ value }) => String(value))).toEqual(['yes']);
    expect(String(messages[0]?.key)).toBe('k-1');
    expect(String(messages[0]?.headers?.['x-a'])).toBe('1');
    expect(await relay.pending()).toBe(0);
  });

  it('keeps the order of every key with two relays at once', async () => {
    const topic = await kafka.topic(4);
    const other = relayOn(await service.scratch.open());
    const relay = relayOn(service.database);
    relay.start();
    other.start();
    const keys = Array.from({ length: 40 }, (_, at) => `k-${at}`);
    for (let turn = 0; turn < 100; turn += 1) {
      await write(
        topic,
        keys.map((key) => [key, String(turn)]),
      );
    }
    await relay.flushed();
    const seen = await byKey(topic);
    expect(seen.size).toBe(40);
    for (const numbers of seen.values()) {
      expect(firstTimes(numbers)).toHaveLength(100);
      expect(isRising(firstTimes(numbers))).toBe(true);
    }
  });

  it('R-ARC-1 lesson 17: loses nothing and keeps order when it dies between send and commit', async () => {
    const topic = await kafka.topic(2);
    const cutter = new CommitCutter(new URL(service.scratch.url));
    const database = await service.scratch.open({ url: (await cutter.listen()).href });
    const messages = Array.from({ length: 50 }, (_, at) => [`k-${at % 5}`, String(at)] as const);
    await write(
      topic,
      messages.map(([key, text]) => [key, text]),
    );
    cutter.arm('before-commit');
    const dying = relayOn(database);
    dying.start();
    await until('the commit is cut', () => cutter.cuts === 1);
    await dying.flushed();
    await cutter.close();
    const seen = await byKey(topic);
    const all = [...seen.values()].flat();
    expect(all.length).toBeGreaterThan(50);
    expect(new Set(all).size).toBe(50);
    for (const numbers of seen.values()) expect(isRising(firstTimes(numbers))).toBe(true);
  });

  it('publishes a row with a low id that committed late', async () => {
    const topic = await kafka.topic(1);
    const relay = relayOn(service.database);
    relay.start();
    await service.database.transaction(async (tx) => {
      const bytes = { key: Buffer.from('k'), value: Buffer.from('late') };
      const message = { topic, orderKey: 'k', ...bytes, headers: '{}' };
      await writeOutbox(tx, [message]);
      await write(topic, [['k', 'early']]);
      await relay.flushed();
    });
    await relay.flushed();
    const texts = (await kafka.read(topic)).map(({ value }) => String(value));
    expect(texts).toEqual(['early', 'late']);
  });

  it('waits for a broker that is away, and says so to whoever asks for all of it', async () => {
    const topic = await kafka.topic(1);
    await write(topic, [['k', 'patient']]);
    const lost = relayOn(await service.scratch.open(), ['127.0.0.1:1']);
    lost.start();
    await expect(lost.flushed(1500)).rejects.toThrow(RelayBehind);
    expect(await lost.pending()).toBe(1);
    const relay = relayOn(service.database);
    relay.start();
    await relay.flushed();
    expect(await kafka.read(topic)).toHaveLength(1);
  });

  it('holds up one shard alone when a topic is missing', async () => {
    const topic = await kafka.topic(1);
    await write('spec-topic-not-there', [['k-0', 'stuck']]);
    const keys = Array.from({ length: 30 }, (_, at) => `k-${at}`);
    await write(
      topic,
      keys.map((key) => [key, '1']),
    );
    const relay = relayOn(service.database);
    relay.start();
    const left = () => service.database.query<{ shard: number }>('SELECT shard FROM outbox');
    await until('only one shard is left', async () => {
      return new Set((await left()).map(({ shard }) => shard)).size === 1;
    });
    expect((await kafka.read(topic)).length).toBeGreaterThan(15);
  });

  it('sends dead letters of many megabytes', async () => {
    const topic = await kafka.topic(1);
    const value = Buffer.alloc(16 * 1024 * 1024, 'abcdefgh');
    await service.database.transaction(async (tx) => {
      const rows = [0, 1].map(() => ({ topic, orderKey: 'k', key: null, value, headers: '{}' }));
      await writeOutbox(tx, rows);
    });
    const relay = relayOn(service.database);
    relay.start();
    await relay.flushed();
    const sizes = (await kafka.read(topic)).map((message) => message.value?.length);
    expect(sizes).toEqual([value.length, value.length]);
  });
});
