import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import type { BillLine, BillReading } from './bill-line.js';
import { billFile, zipOf, type Oddness } from './bill-writer.fixture.js';
import { readBill } from './read-bill.js';

const day = '2026-01-05';
const limits = { unzippedBytesMax: 10_000_000, linesMax: 1_000 };

const line = (lineNo: number, amount: bigint, balance: bigint): BillLine => ({
  lineNo,
  logNo: `31760000000${lineNo}`,
  alipayNo: '20190916110070001506380000251556',
  tradeNo: '20190916110070001506380000251556',
  outNo: `QF${'0'.repeat(29)}${lineNo}`,
  title: '8月佣金结算',
  at: new Date(`2026-01-05T10:55:1${lineNo}+08:00`),
  account: '张三(abc***@sina.com)',
  amountMinor: minor(amount),
  balanceMinor: minor(balance),
  kind: '转账',
  memo: '8月, "佣金"',
});
const three = [line(1, 100_000n, 100_000n), line(2, -1230n, 98_770n), line(3, -770n, 98_000n)];

async function read(
  bytes: Buffer,
  more: Partial<typeof limits> = {},
): Promise<{ reading: BillReading; lines: BillLine[] }> {
  const lines: BillLine[] = [];
  const reading = await readBill({ bytes, day, ...limits, ...more }, async (some) => {
    lines.push(...some);
    return Promise.resolve();
  });
  return { reading, lines };
}

const problemOf = async (bytes: Buffer, more: Partial<typeof limits> = {}): Promise<string> => {
  const { reading } = await read(bytes, more);
  return reading.kind === 'unreadable' ? reading.problem : 'read';
};

describe('a bill of one day', () => {
  it('R-REC-4 is read line by line, with what it comes to', async () => {
    const { reading, lines } = await read(billFile(three));
    expect(reading).toEqual({
      kind: 'read',
      summary: {
        account: '20880211096256330156',
        lineCount: 3,
        incomeMinor: 100_000n,
        expenseMinor: -2000n,
        openingMinor: 0n,
        closingMinor: 98_000n,
      },
    });
    expect(lines).toEqual(three);
  });

  it('R-REC-4 lesson 43: without a movement is a bill too', async () => {
    const { reading, lines } = await read(billFile([]));
    const none = { lineCount: 0, openingMinor: null, closingMinor: null };
    expect(reading).toMatchObject({ kind: 'read', summary: none });
    expect(lines).toEqual([]);
  });

  it.each<[string, Oddness]>([
    ['line feeds alone', { newline: '\n' }],
    ['newer columns', { moreColumns: ['业务描述', '业务订单号'] }],
    ['another order of columns', { order: [0, 8, 2, 1, 10, 4, 3, 5, 7, 6, 9, 11] }],
  ])('R-REC-4 lessons 43, 44: is read by its head: %s', async (_, odd) => {
    expect((await read(billFile(three, odd))).lines).toEqual(three);
  });
});

describe('the trade of a line', () => {
  const refund = { ...line(1, -1_230n, 98_770n), alipayNo: '2019091722', tradeNo: '2019091622' };

  it('R-REC-4 is the base order of newer files, and Alipay’s number where there is none', async () => {
    const newer = { moreColumns: ['业务订单号', '业务基础订单号'] };
    expect((await read(billFile([refund], newer))).lines).toEqual([refund]);
    const older = { ...refund, tradeNo: refund.alipayNo };
    expect((await read(billFile([refund]))).lines).toEqual([older]);
    expect((await read(billFile([{ ...refund, tradeNo: '' }], newer))).lines).toEqual([older]);
  });
});

/** Cuts or changes the text's lines; the rows are those from the sixth on. */
const changed = (change: (lines: string[]) => string[]): Buffer =>
  billFile(three, { changeLines: change });
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('F25 a file that is no bill of the day is told by what is wrong with it', () => {
  it.each<[string, string, () => Buffer]>([
    ['no ZIP', 'not-a-zip', () => bytesOf('<html>链接已失效</html>')],
    ['nothing at all', 'not-a-zip', () => Buffer.alloc(0)],
    ['cut in its middle', 'truncated', () => billFile(three).subarray(0, 400)],
    ['no detail in it', 'no-detail', () => zipOf([{ name: bytesOf('x.txt'), data: bytesOf('x') }])],
    ['UTF-8', 'wrong-encoding', () => billFile(three, { encoding: 'utf8' })],
    ['of another day', 'wrong-day', () => billFile(three, { day: '2026-01-04' })],
    [
      'a trade bill',
      'not-a-bill',
      () => changed(([, ...rest]) => ['#支付宝业务明细查询', ...rest]),
    ],
    ['an empty text', 'not-a-bill', () => changed(() => [])],
    ['without its footer', 'truncated', () => changed((lines) => lines.slice(0, 7))],
    ['without totals', 'truncated', () => changed((lines) => lines.slice(0, 9))],
    ['a row lost', 'missing-rows', () => changed((lines) => lines.toSpliced(6, 1))],
    [
      'a row twice',
      'duplicated-rows',
      () => changed((lines) => lines.toSpliced(6, 0, lines[6] ?? '')),
    ],
    ['another amount', 'totals-differ', () => changed((lines) => swap(lines, '-12.30', '-12.31'))],
    [
      'a column gone',
      'unknown-columns',
      () => changed((lines) => swap(lines, '账户余额（元）', 'X')),
    ],
    ['a row cut', 'bad-line', () => changed((lines) => swap(lines, ',支付宝', ''))],
    ['no amount', 'bad-line', () => changed((lines) => swap(lines, '-12.30', '-12.3O'))],
    ['no time', 'bad-line', () => changed((lines) => swap(lines, '10:55:12', '25:55:12'))],
    ['a quotation mark open', 'bad-line', () => changed((lines) => swap(lines, '"8月', '8"月'))],
    ['a row behind its end', 'bad-line', () => changed((lines) => [...lines, lines[6] ?? ''])],
  ])('%s: %s', async (_, problem, file) => {
    expect(await problemOf(file())).toBe(problem);
  });

  it('R-REC-4 no more is read of it than may be', async () => {
    expect(await problemOf(billFile(three), { linesMax: 2 })).toBe('too-large');
    expect(await problemOf(billFile(three), { unzippedBytesMax: 100 })).toBe('too-large');
  });

  it('F25 a byte that changed on the way is noticed', async () => {
    const bytes = billFile([]);
    const file = Buffer.from(bytes);
    const at = file.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    file.writeUInt32LE(7, at + 16); // the CRC that the directory tells
    expect(await problemOf(file)).toBe('truncated');
  });
});

function swap(lines: string[], from: string, to: string): string[] {
  const text = lines.join('\u0000');
  expect(text).toContain(from);
  return text.replace(from, to).split('\u0000');
}
