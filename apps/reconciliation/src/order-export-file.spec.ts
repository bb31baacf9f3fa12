import { describe, expect, it } from '@jest/globals';
import { dayEnd, dayStart } from '@qingfen/core-reconciliation';
import { readOrderExport, type ExportedRow, type ExportReading } from './order-export-file.js';

const day = '2026-01-05';
const terms = {
  shopId: 'tea',
  from: dayStart(day),
  to: dayEnd(day),
  ignoredColumns: ['remark'],
  rowsMax: 2_000,
  errorsMax: 5,
};
const header = 'orderId,currency,completedAt,amount,refunded';
const at = '2026-01-05T10:00:00+08:00';

async function read(
  file: string | Buffer,
): Promise<{ readonly reading: ExportReading; readonly rows: readonly ExportedRow[] }> {
  const rows: ExportedRow[] = [];
  const reading = await readOrderExport(Buffer.from(file), terms, (some) => {
    rows.push(...some);
    return Promise.resolve();
  });
  return { reading, rows };
}

async function faults(file: string | Buffer): Promise<readonly string[]> {
  const { reading } = await read(file);
  if (reading.kind === 'read') return [];
  return reading.errors.map(({ pointer, message }) => `${pointer} ${message}`);
}

describe('an export of the order system', () => {
  it('R-REC-2 has one row for each order, columns in any order, a byte order mark, CRLF, blank lines', async () => {
    const file = [
      '\ufeffremark,refunded,amount,subsidy,currency,shopId,completedAt,paidAt,orderId',
      `"a ""b"", c",0.50, 100.00 ,5,CNY,tea,${at},2026-01-01T00:00:00+08:00,o-1`,
      '',
      ',,,,,,,,',
      `,0,0.01,,CNY,,2026-01-05T15:59:59.999Z,,o-2`,
    ].join('\r\n');
    const { reading, rows } = await read(file);
    expect(reading).toEqual({ kind: 'read', rowCount: 2 });
    expect(rows).toMatchObject([
      {
        line: 2,
        orderId: 'o-1',
        paidMinor: 10_500n,
        refundedMinor: 50n,
        completedAt: new Date(at),
      },
      { line: 5, orderId: 'o-2', paidMinor: 1n, refundedMinor: 0n },
    ]);
  });

  it('R-REC-2 may have no orders', async () => {
    expect((await read(`${header}\n`)).reading).toEqual({ kind: 'read', rowCount: 0 });
  });

  it.each([
    ['nothing', '', ' The file has no header'],
    ['no UTF-8', Buffer.from([0xb6, 0xa9, 0xb5, 0xa5]), ' The file is not UTF-8'],
    [
      'a misspelt column',
      `${header},refundd\n`,
      '/lines/1/refundd Line 1: refundd: is not a column',
    ],
    [
      'no refunds',
      'orderId,currency,completedAt,amount\n',
      '/lines/1/refunded Line 1: refunded: is missing',
    ],
    ['a column twice', `${header},amount\n`, '/lines/1/amount Line 1: amount: stands there twice'],
    [
      'a cell too few',
      `${header}\no-1,CNY\n`,
      '/lines/2 Line 2: has 2 cells where the header has 5',
    ],
    [
      'an empty cell',
      `${header}\no-1,CNY,${at},1.00,\n`,
      '/lines/2/refunded Line 2: refunded: is missing',
    ],
    [
      'no amount',
      `${header}\no-1,CNY,${at},1;0,0\n`,
      '/lines/2/amount Line 2: amount: "1;0" is not a decimal',
    ],
    [
      'minus',
      `${header}\no-1,CNY,${at},-1,0\n`,
      '/lines/2/amount Line 2: amount: "-1" is not a decimal',
    ],
    [
      'a tenth of a fen',
      `${header}\no-1,CNY,${at},1.001,0\n`,
      '/lines/2/amount Line 2: amount: has more digits',
    ],
    ['no offset', `${header}\no-1,CNY,2026-01-05T10:00:00,1,0\n`, '/lines/2/completedAt'],
    [
      'the next day',
      `${header}\no-1,CNY,2026-01-05T16:00:00Z,1,0\n`,
      '/lines/2/completedAt Line 2: completedAt: is not within',
    ],
    [
      'another shop',
      `shopId,${header}\nmilk,o-1,CNY,${at},1,0\n`,
      '/lines/2/shopId Line 2: shopId: is another shop',
    ],
    ['an open quote', `${header}\no-1,"CNY,${at},1,0\n`, '/lines/2 Line 2: has quotation marks'],
    [
      'an order twice',
      `${header}\no-1,CNY,${at},1,0\n\no-1,CNY,${at},1,0\n`,
      '/lines/4/orderId Line 4: orderId: stands on line 2',
    ],
    [
      'more back than paid',
      `${header}\no-1,CNY,${at},1,1.01\n`,
      '/lines/2/refunded Line 2: refunded: is more',
    ],
  ])('R-REC-2 with %s is refused', async (_, file, fault) => {
    const found = await faults(file);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  it('R-REC-2 names some of its faults and counts all; nothing of it is handed on behind the first', async () => {
    const good = Array.from({ length: 1_200 }, (_, index) => `o-${index},CNY,${at},1,0`);
    const bad = Array.from({ length: 700 }, (_, index) => `x-${index},CNY,${at},x,0`);
    const { reading, rows } = await read([header, ...good, ...bad].join('\n'));
    expect(reading).toMatchObject({ kind: 'refused', count: 700 });
    expect(reading.kind === 'refused' && reading.errors).toHaveLength(5);
    expect(rows).toHaveLength(1_000);
  });

  it('R-REC-2 is not read behind the greatest number of rows', async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => `o-${index},CNY,${at},1,0`);
    expect(await faults([header, ...rows].join('\n'))).toEqual([
      '/lines/2002 Line 2002: There are more than 2000 rows',
    ]);
  });
});
