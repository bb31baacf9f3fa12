import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { deadLetterTopic } from '@qingfen/contracts';
import { endOf, ensureTopics } from '@qingfen/testing';
import {
  type Admin,
  type IHeaders,
  Kafka,
  type KafkaMessage,
  logLevel,
  type Message,
} from 'kafkajs';
import { list, replay, show } from './commands.js';

const topic = 'ledger-head';
const dead = deadLetterTopic(topic);
const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });

// A broker that has just started takes its time with the first topics and groups.
jest.setTimeout(60_000);

let admin: Admin;
beforeAll(async () => {
  admin = kafka.admin();
  await admin.connect();
  await ensureTopics(admin, [topic, dead]);
});
afterAll(() => admin.disconnect());

function reasons(error: string): IHeaders {
  return {
    'x-error': error,
    'x-reason': 'data.hash is missing',
    'x-original-topic': topic,
    'x-original-partition': '0',
    'x-original-offset': '3',
    'x-failed-at': '2026-01-05T10:00:00+08:00',
  };
}

async function deadLetterOf(message: Message): Promise<string> {
  const producer = kafka.producer();
  await producer.connect();
  const [sent] = await producer.send({ topic: dead, messages: [message] });
  await producer.disconnect();
  return sent?.baseOffset ?? '';
}

async function readFrom(offset: number, count: number): Promise<KafkaMessage[]> {
  const consumer = kafka.consumer({ groupId: `dlq-spec-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const found: KafkaMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: KafkaMessage }): Promise<void> => {
      if (Number(message.offset) >= offset) found.push(message);
      if (found.length === count) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return found;
}

describe('dead letters on a real broker', () => {
  it('are listed by topic and reason, and one is shown whole', async () => {
    const offset = await deadLetterOf({
      key: 'shop-1',
      value: '{"specversion":"1.0"}',
      headers: { traceparent: '00-1', ...reasons('invalid-data') },
    });
    const lines: string[] = [];
    const print = (line: string): unknown => lines.push(line);
    expect(await list(kafka, { topic }, print)).toBeGreaterThanOrEqual(1);
    expect(lines.find((line) => line.startsWith(`0:${offset}  `))).toContain(
      'invalid-data  data.hash is missing  (from ledger-head/0@3)',
    );
    expect(lines.at(-1)).toMatch(/^ledger-head\.dlq: .*[1-9][0-9]* invalid-data/);

    const whole: string[] = [];
    const at = { partition: 0, offset };
    expect(await show(kafka, { topic, at }, (text) => whole.push(text))).toBe(1);
    expect(whole.join('\n')).toContain('traceparent: 00-1');
    expect(whole.join('\n')).toContain('"specversion": "1.0"');
    const beyond = { partition: 0, offset: '999999' };
    expect(await show(kafka, { topic, at: beyond }, print)).toBe(0);
  });

  it('F4 go back as they were, and stay on record', async () => {
    const signature = Buffer.from([1, 2, 255]);
    const offset = await deadLetterOf({
      key: 'shop-1',
      value: Buffer.from([0, 255, 123]),
      headers: { 'x-signature': signature, ...reasons('not-json') },
    });
    const [before, deadBefore] = [await endOf(admin, topic), await endOf(admin, dead)];
    const selection = { topic, at: { partition: 0, offset } } as const;
    const outcome = await replay(kafka, selection, () => undefined);
    expect(outcome).toEqual({ replayed: 1, left: 0 });
    const [message] = await readFrom(before, 1);
    expect(message?.key?.toString()).toBe('shop-1');
    expect(message?.value).toEqual(Buffer.from([0, 255, 123]));
    expect(message?.headers).toEqual({ 'x-signature': signature });
    expect(await endOf(admin, dead)).toBe(deadBefore);
  });

  it('whose value was not kept are left', async () => {
    const offset = await deadLetterOf({ value: null, headers: reasons('too-large') });
    const before = await endOf(admin, topic);
    const selection = { topic, at: { partition: 0, offset } } as const;
    expect(await replay(kafka, selection, () => undefined)).toEqual({ replayed: 0, left: 1 });
    expect(await endOf(admin, topic)).toBe(before);
  });

  it('all of them go back in their order', async () => {
    for (const key of ['a', 'b']) await deadLetterOf({ key, value: '1', headers: reasons('x') });
    const before = await endOf(admin, topic);
    const { replayed } = await replay(kafka, { topic }, () => undefined);
    const messages = await readFrom(before, replayed);
    expect(messages.slice(-2).map(({ key }) => key?.toString())).toEqual(['a', 'b']);
  });
});
