import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { endOf, ensureTopics } from '@qingfen/testing';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { publishFile } from './publish-file.js';

const topic = 'order-dispute-resolved';
const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });

// A broker that has just started takes its time with the first topics and groups.
jest.setTimeout(60_000);

let admin: Admin;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'qf-publish-'));
  admin = kafka.admin();
  await admin.connect();
  await ensureTopics(admin, [topic]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await admin.disconnect();
});

function lineAt(index: number, time: string): string {
  const value = {
    specversion: '1.0',
    id: `e-${index}`,
    source: '/shops/publish-test',
    type: topic,
    time,
    data: { shopId: 's', orderId: `o-${index % 7}`, disputeId: `x-${index}`, resolvedAt: time },
  };
  return JSON.stringify({ topic, key: value.data.orderId, value });
}

const endOffsets = (): Promise<number> => endOf(admin, topic);

describe('publishing a file to a real broker', () => {
  it('R-ARC-1 sends every message once, batch after batch, and only those of the span', async () => {
    const days = ['2026-01-05T23:59:59+08:00', '2026-01-05T16:00:00Z', '2026-01-07T00:00:00+08:00'];
    const lines = Array.from({ length: 3000 }, (_, i) => lineAt(i, days[i % 3] ?? ''));
    const file = path.join(folder, 'days.ndjson');
    writeFileSync(file, lines.join('\n'));
    const before = await endOffsets();
    const steps: number[] = [];
    const whole = await publishFile({ file, brokers, onProgress: (count) => steps.push(count) });
    expect(whole).toMatchObject({ published: 3000, skipped: 0, invalid: [] });
    expect(steps).toEqual([1000, 2000, 3000]);
    expect((await endOffsets()) - before).toBe(3000);

    const span = { from: '2026-01-06T00:00:00+08:00', until: '2026-01-07T00:00:00+08:00' };
    const oneDay = await publishFile({ file, brokers, ...span });
    expect(oneDay).toMatchObject({ published: 1000, skipped: 2000, invalid: [] });
    expect((await endOffsets()) - before).toBe(4000);
  });

  it('sends nothing of a file with a line that is no message', async () => {
    const file = path.join(folder, 'bad.ndjson');
    writeFileSync(file, `${lineAt(1, '2026-01-05T10:00:00Z')}\n{"topic":"nowhere"}\n`);
    const before = await endOffsets();
    await expect(publishFile({ file, brokers })).rejects.toThrow('line 2 has the topic "nowhere"');
    expect(await endOffsets()).toBe(before);
  });

  it('sends what will be dead-lettered, and says so', async () => {
    const file = path.join(folder, 'invalid.ndjson');
    writeFileSync(file, lineAt(1, 'noon'));
    const before = await endOffsets();
    const { published, invalid } = await publishFile({ file, brokers });
    expect([published, invalid.length, (await endOffsets()) - before]).toEqual([1, 1, 1]);
  });
});
