import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import iconv from 'iconv-lite';

import { billUser } from './bill-address.js';
import type { BillFile } from './bill-address.js';
import { billLines, billTables } from './bill-tables.js';
import type { BillTable } from './bill-tables.js';
import type { BillPeriod } from './bill-period.js';
import { beijingTime } from './clock.js';
import type { BillFlaw } from './faults.js';
import type { Merchant } from './money.js';

/** Alipay writes its bills in the small hours of the next day. */
const WRITTEN_AFTER_MS = (5 * 3600 + 46 * 60 + 49) * 1000;

/**
 * The ZIP of a bill: detail and summary, names and contents in GBK, no UTF-8 flag. The same bytes
 * every time while no movement is booked for an earlier day.
 */
export async function billZip(merchant: Merchant, { period, flaw }: BillFile): Promise<Buffer> {
  const { type, date, toMs } = period;
  const lines = flaw === 'bill-empty' ? [] : billLines(merchant, period);
  const encode = (text: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(iconv.encode(text, flaw === 'bill-wrong-encoding' ? 'utf8' : 'gbk'));
  const zip = new ZipWriter(new Uint8ArrayWriter(), {
    encodeText: encode,
    useUnicodeFileNames: false,
    extendedTimestamp: false,
    dataDescriptor: false,
    useWebWorkers: false,
    lastModDate: new Date(toMs + WRITTEN_AFTER_MS),
  });
  const user = billUser(merchant.terms);
  for (const table of billTables(type, lines)) {
    const name = `${user}_${date.replaceAll('-', '')}_${table.name}.csv`;
    await zip.add(name, new Uint8ArrayReader(encode(billText(user, period, flawed(table, flaw)))));
  }
  const bytes = Buffer.from(await zip.close());
  return flaw === 'bill-truncated' ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
}

/** Rows that are lost, or there twice; the totals below them still tell the truth. */
function flawed(table: BillTable, flaw: BillFlaw | null): BillTable {
  if (flaw === 'bill-missing-rows') {
    return { ...table, rows: table.rows.filter((_row, index) => index % 2 === 0) };
  }
  if (flaw !== 'bill-duplicated-rows') return table;
  return {
    ...table,
    rows: table.rows.flatMap((row, index) => (index % 2 === 0 ? [row, row] : [row])),
  };
}

function billText(user: string, period: BillPeriod, table: BillTable): string {
  const { fromMs, toMs } = period;
  const day = (ms: number): string =>
    beijingTime(ms).replace(/^(\d{4})-(\d\d)-(\d\d)/, '$1年$2月$3日');
  const ruled = (text: string): string => `#${'-'.repeat(41)}${text}${'-'.repeat(40)}`;
  const lines = [
    `#${table.title}`,
    `#账号：[${user}]`,
    `#起始日期：[${day(fromMs)}]   终止日期：[${day(toMs)}]`,
    ruled(table.rule),
    table.head.join(','),
    ...table.rows.map((cells) => cells.map(cell).join(',')),
    ruled(`${table.rule}结束`),
    ...table.totals.map((total) => `#${total}`),
    `#导出时间：[${day(toMs + WRITTEN_AFTER_MS)}]`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** A cell that would break its row is quoted. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
