import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { payoutService } from './index.js';
import { periodBetween } from './tax-period.js';
import { taxSums, type TaxSumRow } from './tax-sum.store.js';

const timezone = 'Asia/Shanghai';
const shopId = 'taxed';

let scratch: ScratchDatabase;
beforeAll(async () => {
  scratch = await scratchDatabase({
    migrations: migrationsOf(payoutService),
    schema: 'payout',
    poolMax: 4,
  });
  for (const [index, payout] of payouts.entries()) await book(index, payout);
});
afterAll(() => scratch.drop());

/** What was paid when (Beijing), and when it came back. */
const payouts = [
  { payeeId: 'd-1', kind: 'commission', amount: 2_700n, paid: '2026-01-31T23:59:59.999+08:00' },
  {
    payeeId: 'd-1',
    kind: 'commission',
    amount: 1_000n,
    withheld: 40n,
    paid: '2026-02-01T00:00:00+08:00',
  },
  { payeeId: 'd-1', kind: 'supplier', amount: 500n, paid: '2026-02-10T10:00:00+08:00' },
  {
    payeeId: 'd-2',
    kind: 'commission',
    amount: 900n,
    withheld: 60n,
    paid: '2026-03-31T23:00:00+08:00',
    returned: '2026-04-01T00:00:00+08:00',
  },
  { payeeId: 'd-3', kind: 'commission', amount: 40n, paid: null },
  { payeeId: 'd-1', kind: 'commission', amount: 7n, paid: '2027-01-01T00:00:00+08:00' },
] as const;

async function book(index: number, payout: (typeof payouts)[number]): Promise<void> {
  const payoutId = `po_${index}`;
  const { database } = scratch;
  const number = `QF${index.toString(16).padStart(30, '0')}`;
  const at = '2025-12-31T00:00:00Z';
  await database.query(
    `INSERT INTO payout (shop_id, payout_id, statement_id, part, parts, payee_id, kind, amount_minor,
                         currency, pay_via, remark, requested_at, out_biz_no, correlation_id, changed_at,
                         withheld_minor)
     VALUES ($1, $2, $2, 1, 1, $3, $4, $5, 'CNY', 'transfer', 'r', $6, $7, 'c', $6, $8)`,
    [
      shopId,
      payoutId,
      payout.payeeId,
      payout.kind,
      payout.amount,
      at,
      number,
      'withheld' in payout ? payout.withheld : 0n,
    ],
  );
  const { paid } = payout;
  const returned = 'returned' in payout ? payout.returned : null;
  const moves = [
    { from: 'requested', to: 'sending', at },
    ...(paid === null ? [] : [{ from: 'sending', to: 'succeeded', at: paid }]),
    ...(returned === null ? [] : [{ from: 'succeeded', to: 'returned', at: returned }]),
  ];
  for (const [seq, move] of moves.entries()) {
    await database.query(
      `INSERT INTO payout_transition (shop_id, payout_id, seq, from_state, to_state, at, why, by)
       VALUES ($1, $2, $3, $4, $5, $6, 'spec', 'spec')`,
      [shopId, payoutId, seq + 1, move.from, move.to, move.at],
    );
  }
}

function sums(period: string, payeeId: string | null = null): Promise<TaxSumRow[]> {
  const time = periodBetween(period, timezone);
  return taxSums(scratch.database, { shopId, ...time, payeeId, after: null, limit: 100 });
}

const text = (rows: readonly TaxSumRow[]): string[] =>
  rows.map((row) => {
    return `${row.payee_id} ${row.kind} ${row.paid_minor} ${row.returned_minor} ${row.payouts}`;
  });

describe('R-TAX-1 what payees received within a period', () => {
  it('R-TAX-1 a month, a quarter and a year are the shop’s own, to the millisecond', async () => {
    expect(text(await sums('2026-01'))).toEqual(['d-1 commission 2700 0 1']);
    expect(text(await sums('2026-02'))).toEqual([
      'd-1 commission 1000 0 1',
      'd-1 supplier 500 0 1',
    ]);
    expect(text(await sums('2026-Q1'))).toEqual([
      'd-1 commission 3700 0 2',
      'd-1 supplier 500 0 1',
      'd-2 commission 900 0 1',
    ]);
    expect(text(await sums('2026'))).toEqual([
      'd-1 commission 3700 0 2',
      'd-1 supplier 500 0 1',
      'd-2 commission 900 900 1',
    ]);
    expect(text(await sums('2026', 'd-2'))).toEqual(['d-2 commission 900 900 1']);
  });

  it('R-TAX-1 what came back in a later period is taken off there', async () => {
    expect(text(await sums('2026-03'))).toEqual(['d-2 commission 900 0 1']);
    expect(text(await sums('2026-Q2'))).toEqual(['d-2 commission 0 900 0']);
  });

  it('R-TAX-1 what was withheld goes with what was paid, and comes back with it', async () => {
    const withheld = async (period: string): Promise<string[]> =>
      (await sums(period)).map((row) => `${row.payee_id} ${row.kind} ${row.withheld_minor}`);
    expect(await withheld('2026-Q1')).toEqual([
      'd-1 commission 40',
      'd-1 supplier 0',
      'd-2 commission 60',
    ]);
    expect(await withheld('2026-Q2')).toEqual(['d-2 commission -60']);
    expect(await withheld('2026')).toContain('d-2 commission 0');
  });

  it('R-TAX-1 page by page it is the same', async () => {
    const time = periodBetween('2026', timezone);
    const whole = await sums('2026');
    const read: TaxSumRow[] = [];
    for (let after: readonly string[] | null = null; read.length < whole.length;) {
      const wanted = { shopId, ...time, payeeId: null, after, limit: 1 };
      const [row] = await taxSums(scratch.database, wanted);
      if (row === undefined) break;
      read.push(row);
      after = [row.payee_id, row.kind, row.currency];
    }
    expect(read).toEqual(whole);
  });
});
