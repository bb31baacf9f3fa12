import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { lastBill } from './bill.store.js';
import { reconciliationService } from './index.js';
import { SplitBillLines1763770000606 } from './migrations/1763770000606-split-bill-lines.js';

const { migrations: all } = reconciliationService;
const before = all.slice(
  0,
  all.findIndex((one) => one === SplitBillLines1763770000606),
);
const shopId = 's';
const day = '2026-01-05';

let scratch: ScratchDatabase;
beforeAll(async () => {
  const migrations = migrationsOf({ migrations: before });
  scratch = await scratchDatabase({ migrations, schema: 'reconciliation' });
});
afterAll(() => scratch.drop());

it('R-REC-4 lines that were read before are where they are compared now, and add up to the same', async () => {
  const { database } = scratch;
  // The first file was no bill, the second had too few lines; the third counts.
  for (const [version, problem] of [null, 'truncated', null].entries()) {
    await database.query(
      `INSERT INTO bill (shop_id, day, version, sha256, byte_count, problem, why, account, line_count,
                         trade_lines, fetched_at)
       VALUES ($1, $2, $3, $4, 1, $5, $5, 'a', 5, 2, now())`,
      [shopId, day, version + 1, String(version).repeat(64), problem],
    );
  }
  const lines = [
    ['ours', 'QF1', 'f1', -500],
    ['trade', 'T1', '20261', 900],
    ['trade', 'T2', '', 50],
    ['trade-refund', 'T1', '20261', -100],
    ['fee', 'T1', '', -1],
    ['fee', 'T2', '', -2],
    ['other', '', '', -7],
  ];
  for (const [index, [lineClass, outNo, alipayNo, amount]] of lines.entries()) {
    await database.query(
      `INSERT INTO bill_line (shop_id, day, line_no, log_no, out_no, alipay_no, at, amount_minor,
                              balance_minor, class, kind, account, title)
       VALUES ($1, $2, $3::int, 'l' || $3::int, $4, $5, '2026-01-05T04:00:00Z', $6, 0, $7, 'k', 'c', 't')`,
      [shopId, day, index + 1, outNo, alipayNo, amount, lineClass],
    );
  }
  await new SplitBillLines1763770000606().up(database);
  const bill = await lastBill(database, { shopId, day }, 'any');
  expect(bill?.version).toBe(3);
  expect(bill?.sums).toEqual(
    new Map([
      ['ours', -500n],
      ['trade', 950n],
      ['trade-refund', -100n],
      ['fee', -3n],
      ['other', -7n],
    ]),
  );
  const trades = await database.query('SELECT * FROM trade_line ORDER BY is_refund');
  const same = { bill_no: bill?.billNo, trade_no: '20261', at: new Date('2026-01-05T04:00:00Z') };
  expect(trades).toEqual([
    { ...same, amount_minor: 900n, is_refund: false },
    { ...same, amount_minor: -100n, is_refund: true },
  ]);
  const compared = await database.query('SELECT log_no, class FROM bill_line ORDER BY line_no');
  expect(compared).toEqual([
    { log_no: 'l1', class: 'ours' },
    { log_no: 'l7', class: 'other' },
  ]);
});
