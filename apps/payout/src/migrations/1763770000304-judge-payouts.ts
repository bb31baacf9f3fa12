/** What limits are judged by: when payouts were sent, when accounts were replaced, what was approved. */
export class JudgePayouts1763770000304 {
  readonly name = 'JudgePayouts1763770000304';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `ALTER TABLE payout ADD COLUMN sent_at timestamptz,
     ADD COLUMN approved_hash text, ADD COLUMN approved_until timestamptz,
     ADD CHECK ((approved_hash IS NULL) = (approved_until IS NULL))`,
  // Payouts from before count on the day on which they last moved.
  `UPDATE payout SET sent_at = changed_at WHERE state IN ('sending', 'unknown', 'succeeded', 'returned')`,
  `ALTER TABLE payout ADD CHECK (state NOT IN ('sending', 'unknown', 'succeeded', 'returned')
     OR sent_at IS NOT NULL)`,
  `CREATE INDEX payout_by_sent ON payout (shop_id, sent_at) WHERE sent_at IS NOT NULL`,
  // When the account reached us, whether another one was known before, and which was the last: taking one
  // away and giving another is a change too.
  `ALTER TABLE payee ADD COLUMN account_heard_at timestamptz, ADD COLUMN last_account_index text,
     ADD COLUMN has_replaced boolean NOT NULL DEFAULT false`,
  'UPDATE payee SET last_account_index = account_index, account_heard_at = account_changed_at',
  'ALTER TABLE payee ALTER COLUMN account_heard_at SET NOT NULL',
];
