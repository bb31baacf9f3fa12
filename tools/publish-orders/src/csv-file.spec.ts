import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseEvent } from '@qingfen/contracts';
import fc from 'fast-check';
import { type BadLine, type FileMessage, type FileReading, sentenceOf } from './file-message.js';
import { readOrderFile } from './order-file.js';

const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
let folder: string;
let written = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qf-csv-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Read {
  readonly messages: readonly FileMessage[];
  readonly bad: readonly BadLine[];
}

async function read(file: string, reading?: FileReading): Promise<Read> {
  const [messages, bad]: [FileMessage[], BadLine[]] = [[], []];
  for await (const entry of readOrderFile(file, reading)) {
    if ('unreadable' in entry) bad.push(entry);
    else messages.push(entry);
  }
  return { messages, bad };
}

/** Reads rows as a CSV file. */
function readRows(rows: readonly string[], reading?: FileReading): Promise<Read> {
  const file = path.join(folder, `${(written += 1)}.csv`);
  writeFileSync(file, rows.join('\n'));
  return read(file, reading);
}

function dataOf({ value }: FileMessage): unknown {
  const event: unknown = JSON.parse(value.toString());
  return typeof event === 'object' && event !== null && 'data' in event ? event.data : null;
}

const sentences = async (rows: readonly string[], reading?: FileReading): Promise<string[]> =>
  (await readRows(rows, reading)).bad.map(sentenceOf);

const header = 'shopId,orderId,currency,paidAt,completedAt,itemId,supplierId,amount';
const when = '2026-01-05T10:00:00+08:00,2026-01-06T10:00:00+08:00';
const row = (order: string, item: string, amount = '1.00'): string =>
  `shop-1,${order},CNY,${when},${item},s-1,${amount}`;

describe('the same orders as CSV', () => {
  it('R-UPS-1 become the very facts that the order system said itself', async () => {
    const said = await read(path.join(fixtures, 'online-retail.ndjson'));
    expect(said.messages).toHaveLength(60);
    for (const [name, topic] of [
      ['orders.csv', 'order-completed'],
      ['refunds.csv', 'order-refunded'],
    ]) {
      const { messages, bad } = await read(path.join(fixtures, name ?? ''));
      const wanted = said.messages.filter((message) => message.topic === topic);
      expect(bad).toEqual([]);
      expect(messages.map(dataOf)).toEqual(wanted.map(dataOf));
      const outside = ({ key, time, invalid }: FileMessage): unknown => [key, time, invalid];
      expect(messages.map(outside)).toEqual(wanted.map(outside));
    }
  });

  it('are the same events in every copy: packed, without a byte order mark, LF alone', async () => {
    const bytes = readFileSync(path.join(fixtures, 'orders.csv'));
    const first = await read(path.join(fixtures, 'orders.csv'));
    const bare = bytes
      .toString()
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n');
    const copy = path.join(folder, 'copy.csv.gz');
    writeFileSync(copy, gzipSync(bare));
    const again = await read(copy);
    expect(again.messages.map(({ value }) => value.toString())).toEqual(
      first.messages.map(({ value }) => value.toString()),
    );
  });

  it('have ids that tell apart what says different things', async () => {
    const { messages } = await readRows([header, row('o-1', '1'), row('o-2', '1')]);
    const other = await readRows([header, row('o-1', '1', '1.01'), row('o-2', '1')]);
    const idOf = ({ value }: FileMessage): unknown => JSON.parse(value.toString()).id;
    const [first, second] = messages.map(idOf);
    const [changed, same] = other.messages.map(idOf);
    expect([second, new Set([first, second, changed]).size]).toEqual([same, 3]);
    expect(first).toMatch(/^csv-[0-9a-f]{32}$/);
  });
});

describe('a CSV of orders', () => {
  it('takes every column, in any place, with blanks around the cells', async () => {
    const { messages, bad } = await readRows(
      [
        'kind, subsidy,distributor2,amount,supplierId,itemId,teamId,buyerPayeeId,alipayTradeNo,' +
          'completedAt,paidAt,currency,orderId,shopId,distributor1,remark',
        `goods,1.00,,"128.50",s-1,1,t-1,d-9,2026010122001476\t,2026-01-06T10:00:00+08:00,` +
          `2026-01-05T02:00:00Z,CNY,o-1,shop-1,d-1,"two\nlines, and ""quotes"""`,
        `shipping,,,10.00,s-1,2,t-1,d-9,2026010122001476,2026-01-06T10:00:00+08:00,` +
          `2026-01-05T02:00:00Z,CNY,o-1,shop-1,d-1,`,
        ',,,,,,,,,,,,,,,',
      ],
      { ignoredColumns: ['remark'] },
    );
    expect(bad).toEqual([]);
    expect(messages.map(dataOf)).toEqual([
      {
        ...{ shopId: 'shop-1', orderId: 'o-1', currency: 'CNY', teamId: 't-1' },
        ...{ paidAt: '2026-01-05T02:00:00Z', completedAt: '2026-01-06T10:00:00+08:00' },
        ...{ alipayTradeNo: '2026010122001476', buyerPayeeId: 'd-9' },
        items: [
          { itemId: '1', supplierId: 's-1', amount: '128.50', subsidy: '1.00', kind: 'goods' },
          { itemId: '2', supplierId: 's-1', amount: '10.00', kind: 'shipping' },
        ],
        distributors: ['d-1', null],
      },
    ]);
    expect(messages[0]).toMatchObject({ line: 2, lastLine: 4, key: 'o-1' });
  });

  it('takes the shop from the command where the file does not name it', async () => {
    const rows = ['orderId,refundId,refundedAt,itemId,amount', 'o-1,r-1,2026-01-05T10:00:00Z,1,2'];
    await expect(readRows(rows)).rejects.toThrow('--shop');
    const { messages } = await readRows(rows, { shop: 'shop-7' });
    expect(messages.map(dataOf)).toEqual([expect.objectContaining({ shopId: 'shop-7' })]);
  });

  it('R-UPS-1 tells each bad cell with its line, its column and why', async () => {
    expect(
      await sentences([
        `${header},distributor1`,
        `shop-1,o-1,CNY,2026-01-05 10:00,2026-01-06T10:00:00+08:00,1,s-1,"1,000.00",`,
        `shop-1,o-1,CNY,2026-01-05 10:00,2026-01-06T10:00:00+08:00,1,s-1,2.00,d-1`,
        `shop-1,o-2,,2026-01-05T10:00:00+08:00,2026-01-04T10:00:00+08:00,1,,1,d 1`,
        `shop-1,,CNY,${when},1,s-1,1.00,`,
        `shop-1,o-3,CNY,${when},1,s-1,1.00`,
      ]),
    ).toEqual([
      'line 3 (order o-1), distributor1: "d-1" is not "" as on line 2',
      expect.stringMatching(/^line 2 \(order o-1\), paidAt: "2026-01-05 10:00" is not an ISO 8601/),
      expect.stringMatching(/^line 2 \(order o-1\), amount: "1,000.00" is not a decimal amount/),
      'line 3 (order o-1), itemId: "1" stands twice in items',
      'line 5, orderId: is empty',
      'line 6 has 8 cells where the header has 9',
      'line 4 (order o-2), currency: is empty',
      'line 4 (order o-2), supplierId: is empty',
      expect.stringMatching(/^line 4 \(order o-2\), distributor1: "d 1" is not an id of/),
      'line 4 (order o-2) is left out too: line 5 may be one of its rows',
    ]);
  });

  it('leaves out a whole order rather than one of its lines', async () => {
    const { messages, bad } = await readRows([
      header,
      row('o-1', '1'),
      row('o-2', '1'),
      row('o-2', '2', 'free'),
      row('o-3', '1'),
      'shop-1,,,,,2,s-1,5.00',
      row('o-4', '1'),
      row('o-5', '1'),
    ]);
    expect(messages.map(({ key }) => key)).toEqual(['o-1', 'o-5']);
    expect(bad.map(sentenceOf)).toEqual([
      expect.stringMatching(/^line 4 \(order o-2\), amount: "free" is not/),
      'line 6, orderId: is empty',
      'line 5 (order o-3) is left out too: line 6 may be one of its rows',
      'line 7 (order o-4) is left out too: line 6 may be one of its rows',
    ]);
    expect(bad.some(({ isFatal }) => isFatal)).toBe(false);
  });

  it.each([
    ['rows of an order apart', [row('o-1', '1'), row('o-2', '1'), row('o-1', '2')], 4],
    ['an open quote', [row('o-1', '1'), row('o-2', '1').replace('CNY', '"CNY')], 3],
    ['text behind a quote', [`${row('o-1', '1')}"`, row('o-2', '1')], 2],
    ['a line break in a cell', [row('o-1', '1').replace('CNY', '"CN\nY"')], 2],
  ])('is not safe to publish in part with %s', async (_name, rows, line) => {
    const { bad } = await readRows([header, ...rows]);
    expect(bad.filter(({ isFatal }) => isFatal)).toMatchObject([{ line }]);
  });

  it.each([
    ['shopId;orderId', 'commas between them'],
    [`${header},distributer1`, '"distributer1" is not known'],
    [`${header},distributor1,distributor3`, '"distributor3" is not known'],
    [`${header},amount`, '"amount" stands there twice'],
    ['shopId,orderId,refundId', '"refundedAt", "itemId", "amount" are missing'],
    ['shopId,payeeId', 'say --payees'],
    ['', 'has no header'],
  ])('refuses the header %j', async (text, words) => {
    await expect(readRows([text])).rejects.toThrow(words);
  });

  it('R-UPS-1 makes only events that every service can read, whatever the cells', async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        'CNY',
        'o-1',
        'o-2',
        '1.00',
        '0',
        '2026-01-05T10:00:00+08:00',
        '  ',
        'd-1',
      ),
      fc.string({ maxLength: 5 }),
    );
    const columns = [...header.split(','), 'distributor1', 'subsidy'];
    const sound = row('o-1', '1').split(',');
    const table = fc.array(
      fc.tuple(fc.nat(columns.length - 1), cell, fc.constantFrom('o-1', 'o-2')),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(table, async (changes) => {
        const rows = changes.map(([place, text, order], index) => {
          const cells = [...sound, 'd-1', ''];
          cells.splice(5, 1, `${index}`);
          cells.splice(1, 1, order);
          cells.splice(place, 1, `"${text.replaceAll('"', '""')}"`);
          return cells.join(',');
        });
        const { messages, bad } = await readRows([columns.join(','), ...rows]);
        for (const { topic, value } of messages) {
          expect(parseEvent(topic, value)).toMatchObject({ ok: true });
        }
        const lines = messages.reduce((sum, { value }) => {
          return sum + JSON.parse(value.toString()).data.items.length;
        }, 0);
        if (bad.length === 0) expect(lines).toBe(rows.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a CSV of payees', () => {
  const columns = 'shopId,payeeId,name,roles,identityType,identity,accountName';
  const time = '2026-01-05T00:00:00+08:00';

  it('R-IMP-1 becomes whole payees from an instant on', async () => {
    const { messages, bad } = await read(path.join(fixtures, 'payees.csv'), { payees: true, time });
    expect(bad).toEqual([]);
    expect(messages).toHaveLength(45);
    for (const message of messages) {
      const { topic, value } = message;
      expect(parseEvent(topic, value)).toMatchObject({ ok: true, event: { time } });
    }
    const rows = [
      'payeeId,name,roles,identityType,identity,accountName,teamId,tasks,level,time',
      'd-1,张三,distributor;team-leader,ALIPAY_LOGON_ID,z@example.test,张三,t-1,kyc; exam,3,',
      `s-1,茶厂,supplier,,,,,,,2026-02-01T00:00:00+08:00`,
    ];
    const full = await readRows(rows, { payees: true, shop: 'shop-1', time });
    expect(full.messages.map(dataOf)).toEqual([
      {
        ...{ shopId: 'shop-1', payeeId: 'd-1', name: '张三', teamId: 't-1', level: '3' },
        ...{ roles: ['distributor', 'team-leader'], tasks: ['kyc', 'exam'] },
        alipay: { identityType: 'ALIPAY_LOGON_ID', identity: 'z@example.test', name: '张三' },
      },
      { shopId: 'shop-1', payeeId: 's-1', name: '茶厂', roles: ['supplier'] },
    ]);
    expect(full.messages.map((message) => [message.key, message.time])).toEqual([
      ['d-1', time],
      ['s-1', '2026-02-01T00:00:00+08:00'],
    ]);
  });

  it('R-IMP-1 tells what is wrong, never repeating an account', async () => {
    const found = await sentences(
      [
        columns,
        'shop-1,d-1,A,boss,ALIPAY_LOGON_ID,a@example.test,A',
        'shop-1,d-2,B,,,,',
        'shop-1,d-3,C,supplier,MAIL,secret@example.test,',
        'shop-1,d-4,D,supplier,,,',
        'shop-1,d-4,E,supplier,,,',
      ],
      { payees: true, time },
    );
    expect(found).toEqual([
      expect.stringMatching(/^line 2 \(payee d-1\), roles: "boss" is not one of "supplier"/),
      'line 3 (payee d-2), roles: is empty',
      expect.stringMatching(/^line 4 \(payee d-3\), identityType: "MAIL" is not one of/),
      'line 4 (payee d-3), accountName: is missing',
      'line 6 (payee d-4) stands on line 5 already',
    ]);
    expect(found.join()).not.toContain('secret');
  });

  it('must say from when on it holds', async () => {
    await expect(readRows([columns], { payees: true })).rejects.toThrow('--time');
    const rows = [`${columns},time`, 'shop-1,d-1,A,supplier,,,,yesterday'];
    expect(await sentences(rows, { payees: true })).toEqual([
      expect.stringMatching(/^line 2 \(payee d-1\), time: "yesterday" is not an ISO 8601/),
    ]);
  });
});
