import { deflateRawSync, crc32 } from 'node:zlib';
import iconv from 'iconv-lite';
import type { BillLine } from './bill-line.js';

/** What is written differently from how Alipay writes it. */
export interface Oddness {
  readonly day?: string;
  readonly encoding?: 'gbk' | 'utf8';
  readonly newline?: '\r\n' | '\n';
  /** Columns that newer files have behind the known ones. */
  readonly moreColumns?: readonly string[];
  /** Columns in another order. */
  readonly order?: readonly number[];
  readonly changeLines?: (lines: string[]) => string[];
}

const head =
  '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注';

const yuan = (fen: bigint): string => {
  const text = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  return `${fen < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
};
const beijing = (at: Date): string =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
const cell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The lines of a detail file, written from the published samples and not from the reader. */
export function billText(lines: readonly BillLine[], odd: Oddness = {}): string {
  const { day = '2026-01-05', newline = '\r\n', moreColumns = [], changeLines = same } = odd;
  const [year, month, date] = day.split('-');
  const order = odd.order ?? [...head.split(',').keys()];
  const inOrder = (cells: readonly string[]): string =>
    order
      .map((at) => cells[at] ?? '')
      .map(cell)
      .join(',');
  const more = (line: BillLine): string =>
    moreColumns.map((name) => `,${name === '业务基础订单号' ? line.tradeNo : ''}`).join('');
  const rows = lines.map(
    (line) =>
      inOrder([
        `${line.logNo}\t`,
        `${line.alipayNo}\t`,
        `${line.outNo}\t`,
        line.title,
        beijing(line.at),
        `${line.account}\t`,
        yuan(line.amountMinor > 0n ? line.amountMinor : 0n),
        yuan(line.amountMinor > 0n ? 0n : line.amountMinor),
        yuan(line.balanceMinor),
        '支付宝',
        `${line.kind}\t`,
        line.memo,
      ]) + more(line),
  );
  const names = head.split(',');
  const out = lines.filter(({ amountMinor }) => amountMinor <= 0n);
  const income = lines.filter(({ amountMinor }) => amountMinor > 0n);
  const sum = (some: readonly BillLine[]): string =>
    yuan(some.reduce((total, line) => total + line.amountMinor, 0n));
  return changeLines([
    '#支付宝账务明细查询',
    '#账号：[20880211096256330156]',
    `#起始日期：[${year}年${month}月${date}日 00:00:00]   终止日期：[2099年01月01日 00:00:00]`,
    '#-----------------------------------------账务明细列表----------------------------------------',
    [...order.map((at) => names[at] ?? ''), ...moreColumns].join(','),
    ...rows,
    '#----------------------------------------账务明细列表结束-------------------------------------',
    `#支出合计：${out.length}笔，共${sum(out)}元`,
    `#收入合计：${income.length}笔，共${sum(income)}元`,
    '#导出时间：[2026年01月06日 05:46:49]',
    '',
  ]).join(newline);
}

function same(lines: string[]): string[] {
  return lines;
}

/** A ZIP of the detail and its summary, names in GBK without a flag, from the format's own document. */
export function billFile(lines: readonly BillLine[], odd: Oddness = {}): Buffer {
  const encode = (text: string): Buffer => iconv.encode(text, odd.encoding ?? 'gbk');
  return zipOf([
    { name: encode('20880211096256330156_20260105_账务明细(汇总).csv'), data: encode('#汇总\r\n') },
    {
      name: encode('20880211096256330156_20260105_账务明细.csv'),
      data: encode(billText(lines, odd)),
    },
  ]);
}

/** Source: PKWARE's APPNOTE 6.3, local headers, central directory, its end. */
export function zipOf(files: readonly { readonly name: Buffer; readonly data: Buffer }[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const packed = deflateRawSync(data);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version needed
    facts.writeUInt16LE(8, 4); // deflated
    facts.writeUInt32LE(crc32(data), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(data.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), facts, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const start = Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1');
    centrals.push(Buffer.concat([start, facts, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
}
