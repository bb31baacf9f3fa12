import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '@qingfen/clock';
import { deadLetterSchema, pageOf, topicSpecs, type DeadLetter } from '@qingfen/contracts';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { createKafka } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { createLogger } from '@qingfen/telemetry';
import type { Admin, Message } from 'kafkajs';
import { CreateGateway1763770000007 } from '../migrations/1763770000007-create-gateway.js';
import { DeadLetterService } from './dead-letter.service.js';

// No other spec uses this topic, on a broker that all of them share.
const topic = 'reconciliation-completed';
const dead = `${topic}.dlq`;
const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger({ service: 'gateway', level: 'silent' });
const kafka = createKafka({ brokers, clientId: 'gateway-spec', logger, retries: 20 });
const caller: Caller = { issuer: 'gateway', subject: 'olga', roles: [], requestId: 'r-1' };

// A broker that has just started takes its time with the first topics and groups.
jest.setTimeout(60_000);

let admin: Admin;
let scratch: ScratchDatabase;
let service: DeadLetterService;

beforeAll(async () => {
  admin = kafka.admin();
  await admin.connect();
  const topics = topicSpecs
    .filter(({ name }) => name === topic || name === dead)
    .map(({ name, partitions, config }) => {
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
      return { topic: name, numPartitions: partitions, configEntries };
    });
  await admin.createTopics({ topics, waitForLeaders: true });
  const migrations = migrationsOf({ migrations: [CreateGateway1763770000007] });
  scratch = await scratchDatabase({ migrations });
  const env = { brokers, instance: 'spec' };
  service = new DeadLetterService(env, logger, scratch.database, new SystemClock());
});
afterAll(async () => {
  await admin.deleteTopics({ topics: [topic, dead] });
  await admin.disconnect();
  await scratch.drop();
});

async function send(to: string, messages: Message[]): Promise<string> {
  const producer = kafka.producer();
  await producer.connect();
  const [sent] = await producer.send({ topic: to, messages });
  await producer.disconnect();
  return sent?.baseOffset ?? '';
}

function letterOf(key: string, value: string | null): Message {
  return {
    key,
    value,
    headers: { 'x-signature': 's', 'x-error': 'invalid-data', 'x-reason': 'data.day is missing' },
  };
}

async function listed(limit: number): Promise<DeadLetter[][]> {
  const pages: DeadLetter[][] = [];
  let cursor: string | undefined;
  do {
    const page = await service.page({ topic, limit, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(pageOf(deadLetterSchema).parse(page).items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

async function ends(name: string): Promise<number> {
  const [offsets] = await admin.fetchTopicOffsets(name);
  return Number(offsets?.high);
}

async function audited(): Promise<unknown[]> {
  return scratch.database.query(
    'SELECT actor, action, subject_id AS topic, after, reason FROM audit ORDER BY audit_id',
  );
}

describe('dead letters at the gateway, on a real broker', () => {
  it('R-UPS-1 there are none at first, and nothing to replay', async () => {
    expect(await listed(10)).toEqual([[]]);
    const nothing = { topic, replayed: 0, left: 0, nextOffset: null };
    expect(await service.replay({ topic, all: true }, caller)).toEqual(nothing);
    await expect(service.replay({ topic, offsets: ['0'] }, caller)).rejects.toMatchObject({
      problem: { status: 422, errors: [expect.objectContaining({ pointer: '/offsets/0' })] },
    });
  });

  it('R-UPS-1 are listed page by page, oldest first, none twice', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await send(dead, [letterOf(key, `{"${key}":1}`)]);
    const pages = await listed(2);
    expect(pages.map((page) => page.map(({ key }) => key))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ]);
    expect(pages[0]?.[1]).toMatchObject({
      topic,
      offset: '1',
      value: '{"b":1}',
      error: 'invalid-data',
      reason: 'data.day is missing',
    });
    const all = await service.page({ topic, limit: 500 });
    expect([all.items.length, all.nextCursor]).toEqual([5, null]);
    const other = Buffer.from('["order-completed","1"]').toString('base64url');
    const asked = service.page({ topic, limit: 5, cursor: other });
    await expect(asked).rejects.toThrow('bad-query');
  });

  it('R-UPS-1 a page with long values is shorter, and loses none', async () => {
    const before = (await listed(500)).flat().length;
    const value = 'x'.repeat(60_000);
    const more = Array.from({ length: 100 }, (_, index) => letterOf(`long-${index}`, value));
    await send(dead, more);
    const pages = await listed(500);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toHaveLength(before + 100);
    expect(new Set(pages.flat().map(({ offset }) => offset)).size).toBe(before + 100);
  });

  it('R-SEC-3 go back as they were, and the audit says who wanted it and what became of it', async () => {
    await scratch.database.query('TRUNCATE audit');
    const unkept = await send(dead, [letterOf('gone', null)]);
    const [before, deadBefore] = [await ends(topic), await ends(dead)];
    const body = { topic, offsets: ['3', '1', unkept], reason: 'corrected' } as const;
    const answer = await service.replay({ ...body, offsets: [...body.offsets] }, caller);
    expect(answer).toEqual({ topic, replayed: 2, left: 1, nextOffset: null });
    expect(await ends(dead)).toBe(deadBefore);
    expect(await ends(topic)).toBe(before + 2);
    const by = { actor: 'olga', topic, reason: 'corrected' };
    expect(await audited()).toEqual([
      { ...by, action: 'dead-letters.replay', after: { offsets: ['1', '3', unkept] } },
      {
        ...by,
        action: 'dead-letters.replayed',
        after: { replayed: 2, left: 1, nextOffset: null },
      },
    ]);
  });

  it('R-UPS-1 all of them go back, from one on, with key, value and their own headers', async () => {
    const first = await send(dead, [letterOf('k-1', '1'), letterOf('k-2', '2')]);
    const before = await ends(topic);
    const answer = await service.replay({ topic, all: true, from: first }, caller);
    expect(answer).toEqual({ topic, replayed: 2, left: 0, nextOffset: null });
    const seen: unknown[] = [];
    const consumer = kafka.consumer({ groupId: 'gateway-dead-letter-spec', maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({ message }: { message: Message & { offset: string } }) => {
        const { key, value, headers } = message;
        if (Number(message.offset) >= before) seen.push([String(key), String(value), headers]);
        if (seen.length === 2) resolve();
        return Promise.resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    const headers = { 'x-signature': Buffer.from('s') };
    expect(seen).toEqual([
      ['k-1', '1', headers],
      ['k-2', '2', headers],
    ]);
  });

  it('says that Kafka does not answer, and reads no more than four at once', async () => {
    const env = { brokers: ['127.0.0.1:1'], instance: 'spec' };
    const lost = new DeadLetterService(env, logger, scratch.database, new SystemClock());
    const asked = Array.from({ length: 5 }, () => lost.page({ topic, limit: 5 }));
    const answers = await Promise.allSettled(asked);
    const statuses = answers.map((answer) => {
      return answer.status === 'rejected' ? answer.reason.problem?.status : 200;
    });
    expect(statuses).toEqual([503, 503, 503, 503, 429]);
  });
});
