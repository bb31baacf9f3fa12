import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseEvent, type Topic } from '@qingfen/contracts';
import { endOf, ensureTopics } from '@qingfen/testing';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { BadFileError, publishFile } from './publish-file.js';

const run = promisify(execFile);
const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const program = path.join(import.meta.dirname, '..', 'dist', 'main.js');
const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
// Not order-refunded: another spec hears everything that is said there.
const topics: Topic[] = ['order-completed', 'payee-upserted'];

// A broker that has just started takes its time with the first topics and groups.
jest.setTimeout(120_000);

let admin: Admin;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'qf-publish-csv-'));
  admin = kafka.admin();
  await admin.connect();
  await ensureTopics(admin, topics);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await admin.disconnect();
});

interface Said {
  readonly key: string;
  readonly id: string;
  /** Why it would be dead-lettered. */
  readonly problem: string | null;
}

/** Everything that one source has ever said on a topic. */
async function saidOn(topic: Topic, source: string): Promise<Said[]> {
  const said: Said[] = [];
  const wanted = await endOf(admin, topic);
  let seen = 0;
  const consumer = kafka.consumer({ groupId: `publish-${topic}-${source}-${wanted}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ message: { key, value } }) => {
          const event: Record<string, unknown> = JSON.parse(value?.toString() ?? '{}');
          if (event['source'] === source) {
            const parsed = parseEvent(topic, value);
            const problem = parsed.ok ? null : parsed.reason;
            said.push({ key: key?.toString() ?? '', id: String(event['id']), problem });
          }
          seen += 1;
          if (seen >= wanted) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return said;
}

const header = 'shopId,orderId,currency,paidAt,completedAt,itemId,supplierId,amount';
const when = '2026-01-05T10:00:00+08:00,2026-01-06T10:00:00+08:00';
const rowsOf = (shop: string, order: string): string[] =>
  ['1', '2'].map((item) => `${shop},${order},CNY,${when},${item},s-1,1.00`);

function csvOf(shop: string, count: number): string {
  const orders = Array.from({ length: count }, (_, index) => rowsOf(shop, `o-${index}`));
  return [header, ...orders.flat()].join('\r\n');
}

function written(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('publishing CSV to a real broker', () => {
  it('R-UPS-1 R-IMP-1 sends orders and payees, and the same events again', async () => {
    const files = [
      { file: 'orders.csv', topic: 'order-completed' as const, count: 40 },
      { file: 'payees.csv', topic: 'payee-upserted' as const, count: 45 },
    ];
    for (const { file, topic, count } of files) {
      const before = await endOf(admin, topic);
      const payees = topic === 'payee-upserted';
      const time = payees ? '2010-11-30T12:00:00+08:00' : undefined;
      const options = { file: path.join(fixtures, file), brokers, payees, time };
      const whole = { published: count, before: 0, skipped: 0, isStopped: false };
      expect(await publishFile(options)).toMatchObject(whole);
      expect(await publishFile(options)).toMatchObject(whole);
      expect((await endOf(admin, topic)) - before).toBe(2 * count);
      const said = await saidOn(topic, '/shops/shop-1/csv');
      const again = await saidOn(topic, '/shops/shop-2/csv');
      const ids = [...said, ...again].map(({ id }) => id);
      expect(ids.length % (2 * count)).toBe(0);
      expect(new Set(ids).size).toBe(count);
    }
  });

  it('sends nothing of a file with a bad row, or the rest where that is asked for', async () => {
    const topic = 'order-completed';
    const rows = [header, ...rowsOf('skip', 'o-1'), ...rowsOf('skip', 'o-2')];
    const file = written('bad.csv', [...rows, 'skip,o-3,CNY,,,1,s-1,1'].join('\n'));
    const before = await endOf(admin, topic);
    await expect(publishFile({ file, brokers })).rejects.toBeInstanceOf(BadFileError);
    expect(await endOf(admin, topic)).toBe(before);
    const { published, unreadable } = await publishFile({ file, brokers, skipBad: true });
    expect([published, unreadable.length]).toEqual([2, 2]);
    expect((await endOf(admin, topic)) - before).toBe(2);
    const apart = written('apart.csv', [...rows, ...rowsOf('skip', 'o-1')].join('\n'));
    await expect(publishFile({ file: apart, brokers, skipBad: true })).rejects.toThrow('apart');
    expect((await endOf(admin, topic)) - before).toBe(2);
  });

  it('R-UPS-1 goes on behind the last acknowledged line', async () => {
    const topic = 'order-completed';
    const file = written('long.csv.gz', gzipSync(csvOf('resume', 3000)));
    const progressFile = `${file}.progress`;
    const before = await endOf(admin, topic);
    const stop = new AbortController();
    const first = await publishFile({
      ...{ file, brokers, progressFile, signal: stop.signal },
      onProgress: (published) => published >= 2000 && stop.abort(),
    });
    expect(first).toMatchObject({ published: 2000, isStopped: true });
    expect(JSON.parse(readFileSync(progressFile, 'utf8'))).toMatchObject({ line: 4001 });

    const other = { file, brokers, progressFile, resume: true, until: '2030-01-01T00:00:00Z' };
    await expect(publishFile(other)).rejects.toThrow('other options');
    const rest = await publishFile({ file, brokers, progressFile, resume: true });
    expect(rest).toMatchObject({ published: 1000, before: 2000, isStopped: false });
    expect((await endOf(admin, topic)) - before).toBe(3000);
    expect(existsSync(progressFile)).toBe(false);
    const said = await saidOn(topic, '/shops/resume/csv');
    expect(new Set(said.map(({ key }) => key)).size).toBe(3000);
  });

  it('R-UPS-1 loses nothing and makes no second event when it is killed at work', async () => {
    const file = written('killed.csv', csvOf('killed', 3000));
    const args = [program, file, '--brokers', brokers.join(','), '--rate', '1000'];
    const killed = execFile(process.execPath, args);
    // It speaks of nothing so early on; the note is what tells that a batch has gone.
    while (!existsSync(`${file}.progress`)) {
      if (killed.exitCode !== null) throw new Error('it ended before it could be killed');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const ended = new Promise((resolve) => killed.once('exit', resolve));
    killed.kill('SIGKILL');
    await ended;
    const again = [program, file, '--brokers', brokers.join(','), '--resume'];
    const { stdout } = await run(process.execPath, again);
    expect(stdout).toMatch(/^\d+ messages published, \d+ before\n$/);
    const said = await saidOn('order-completed', '/shops/killed/csv');
    const ids = new Set(said.map(({ id }) => id));
    expect([ids.size, new Set(said.map(({ key }) => key)).size]).toEqual([3000, 3000]);
  });

  it('keeps to a rate', async () => {
    const file = written('slow.csv', csvOf('slow', 30));
    const startedAt = performance.now();
    const steps: number[] = [];
    await publishFile({ file, brokers, rate: 20, onProgress: (count) => steps.push(count) });
    // Never faster than it was told; how much slower is the machine's affair.
    expect(performance.now() - startedAt).toBeGreaterThan(1_400);
    expect(steps).toEqual([4, 8, 12, 16, 20, 24, 28, 30]);
  });

  it('goes on without a note where none can be kept, and says so', async () => {
    const file = written('read-only.csv', csvOf('noted', 5));
    const progressFile = path.join(folder, 'nowhere', 'note');
    const told: string[] = [];
    const onNoNote = (reason: string): void => void told.push(reason);
    const { published } = await publishFile({ file, brokers, progressFile, onNoNote });
    expect([published, told.length]).toEqual([5, 1]);
    expect(told[0]).toContain('ENOENT');
  });
});

describe('the command', () => {
  it('tells bad lines with their numbers, and how many were published', async () => {
    const good = path.join(folder, 'command.ndjson');
    const lines = readFileSync(path.join(fixtures, 'online-retail.ndjson'), 'utf8').split('\n');
    writeFileSync(good, lines.filter((line) => line.includes('"order-completed"')).join('\n'));
    const { stdout } = await run(process.execPath, [program, good, '--brokers', brokers.join(',')]);
    expect(stdout).toBe('40 messages published\n');
    expect(existsSync(`${good}.progress`)).toBe(false);

    const bad = written('command.csv', [header, 's,o-1,CNY,,,1,s-1,1.00'].join('\n'));
    const refused = run(process.execPath, [program, bad, '--brokers', brokers.join(',')]);
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^line 2 \(order o-1\), paidAt: is empty\n.*\n2 bad lines, nothing was published/,
      ),
    });
  });
});

describe('the sample producer', () => {
  it('R-UPS-1 writes an order that every service can read', async () => {
    const samples = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'upstream');
    // It is written without types, so that node runs it as it stands.
    const sample = path.join(folder, 'publish.mjs');
    copyFileSync(path.join(samples, 'publish.ts'), sample);
    const modules = path.join(folder, 'node_modules');
    mkdirSync(modules);
    const kafkajs = createRequire(import.meta.url).resolve('kafkajs/package.json');
    symlinkSync(path.dirname(kafkajs), path.join(modules, 'kafkajs'));
    const env = { ...process.env, KAFKA_BROKERS: brokers.join(','), NODE_NO_WARNINGS: '1' };
    const { stdout } = await run(process.execPath, [sample], { env });
    expect(stdout).toBe('o-1 is acknowledged\n');
    const said = await saidOn('order-completed', '/tea/orders');
    expect(said.at(-1)).toEqual({ key: 'o-1', id: 'completed-o-1', problem: null });
  });
});
