import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageError } from './config.js';
import { checkEvent } from './check-event.js';
import { checkFile } from './check-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qf-orders-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const reversal = {
  topic: 'order-refund-reversed',
  key: 'o-1',
  value: {
    specversion: '1.0',
    id: 'e-1',
    source: '/shops/shop-1',
    type: 'order-refund-reversed',
    time: '2026-01-05T10:00:00+08:00',
    data: { shopId: 'shop-1', orderId: 'o-1', refundId: 'r-1', at: '2026-01-05T10:00:00+08:00' },
  },
};
const good = JSON.stringify(reversal);

function written(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('checking a file', () => {
  it('takes lines with any ending, a byte order mark and empty lines', async () => {
    const file = written('good.ndjson', `\ufeff${good}\r\n\n${good}`);
    expect(await checkFile(file)).toEqual({
      messages: 2,
      inside: { sound: 2, invalid: 0 },
      ...{ unreadable: [], unreadableCount: 0, fatal: null, invalid: [], invalidCount: 0 },
    });
  });

  it('takes gzip', async () => {
    const file = written('good.ndjson.gz', gzipSync(`${good}\n`.repeat(3)));
    expect(await checkFile(file)).toMatchObject({ messages: 3, unreadable: [] });
  });

  it('names each bad line and why', async () => {
    const { value, ...rest } = reversal;
    const bad = { ...value, data: { ...value.data, at: 'noon' } };
    const lines = [
      good,
      '{',
      '[]',
      JSON.stringify({ ...rest, value, topic: 'payout-result' }),
      JSON.stringify({ value }),
      JSON.stringify({ ...rest, value, key: 5 }),
      JSON.stringify(rest),
      JSON.stringify({ ...rest, value: bad }),
      JSON.stringify({ ...rest, value: 'not even JSON' }),
    ];
    const found = await checkFile(written('bad.ndjson', lines.join('\n')));
    expect(found.unreadable.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(found.unreadable[2]?.reason).toContain('"payout-result", not one of order-completed');
    expect(found.invalid.map(({ reason }) => reason)).toEqual([
      'line 8: invalid-data: data.at: "noon" is not an ISO 8601 instant with an offset such as ' +
        '"2026-01-05T02:00:00+08:00"',
      expect.stringMatching(/^line 9: not-json: /),
    ]);
  });

  it('wants a time of what is picked by time', async () => {
    const { time: _time, ...timeless } = reversal.value;
    const line = JSON.stringify({ ...reversal, value: timeless });
    const file = written('timeless.ndjson', line);
    expect((await checkFile(file)).unreadable).toEqual([]);
    const span = { until: '2026-01-06T00:00:00+08:00' };
    expect((await checkFile(file, span)).unreadable).toHaveLength(1);
  });

  it.each([
    ['orders.csv', 'orderId\n1\n', 'missing'],
    ['latin.ndjson', Buffer.from([0x7b, 0xe9, 0x7d]), 'not UTF-8'],
    ['orders.json', '[]', 'kind'],
    ['cut.ndjson.gz', gzipSync(good.repeat(100)).subarray(0, 40), 'to its end'],
    ['plain.ndjson.gz', good, 'to its end'],
  ])('refuses %s', async (name, content, words) => {
    const check = checkFile(written(name, content));
    await expect(check).rejects.toBeInstanceOf(UsageError);
    await expect(checkFile(path.join(folder, name))).rejects.toThrow(words);
  });

  it('R-UPS-1 judges one event as its dead letter would', async () => {
    const topic = 'order-refund-reversed';
    const sound = written('event.json', JSON.stringify(reversal.value));
    expect(await checkEvent(topic, sound)).toBeNull();
    expect(await checkEvent('order-completed', sound)).toMatch(/^wrong-type: type: /);
    expect(await checkEvent(topic, written('half.json', '{'))).toMatch(/^not-json: /);
    await expect(checkEvent('payout-requested', sound)).rejects.toThrow('say one of');
  });

  it('says that a file is missing', async () => {
    await expect(checkFile(path.join(folder, 'none.ndjson'))).rejects.toThrow('ENOENT');
  });
});
