import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { CreateReconciliation1763770000006 } from './migrations/1763770000006-create-reconciliation.js';
import { KeepDaysOfPayouts1763770000106 } from './migrations/1763770000106-keep-days-of-payouts.js';

let scratch: ScratchDatabase;
beforeAll(async () => {
  const migrations = migrationsOf({ migrations: [CreateReconciliation1763770000006] });
  scratch = await scratchDatabase({ migrations, schema: 'reconciliation' });
});
afterAll(() => scratch.drop());

it('R-REC-1 what was heard before has the day that it was heard on, and ends when it was told to', async () => {
  const { database } = scratch;
  await database.query(
    `INSERT INTO told_statement (shop_id, statement_id, currency, net_minor, told_on)
     VALUES ('s', 'st', 'CNY', 5, '2026-01-05')`,
  );
  await database.query(
    `INSERT INTO told_payout (shop_id, payout_id, statement_id, out_biz_no, currency, amount_minor,
                              is_requested, status, seq, succeeded_at, returned_at, told_on)
     VALUES ('s', '1', 'st', '1', 'CNY', 5, true, NULL, -1, NULL, NULL, '2026-01-05'),
            ('s', '2', 'st', '2', 'CNY', 5, true, 'failed', 3, NULL, NULL, '2026-01-05'),
            ('s', '3', 'st', '3', 'CNY', 5, false, 'succeeded', 3, '2026-01-06T02:00:00Z', NULL,
             '2026-01-06'),
            ('s', '4', 'st', '4', 'CNY', 5, true, 'returned', 5, '2026-01-06T02:00:00Z',
             '2026-01-07T02:00:00Z', '2026-01-05')`,
  );
  await new KeepDaysOfPayouts1763770000106().up(database);
  const [statement] = await database.query('SELECT kind, issued_at AS at FROM told_statement');
  const heardAt = new Date('2026-01-05T00:00:00+08:00');
  expect(statement).toEqual({ kind: null, at: heardAt });
  const payouts = await database.query<{ asked: Date | null; ended: Date | null }>(
    'SELECT requested_at AS asked, ended_at AS ended FROM told_payout ORDER BY payout_id',
  );
  expect(payouts).toEqual([
    { asked: heardAt, ended: null },
    { asked: heardAt, ended: heardAt },
    { asked: null, ended: new Date('2026-01-06T02:00:00Z') },
    { asked: heardAt, ended: new Date('2026-01-07T02:00:00Z') },
  ]);
});
