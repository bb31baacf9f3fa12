/** Of which kind statements and payouts are, and when they were made and ended: what a day's report sums up. */
export class KeepDaysOfPayouts1763770000106 {
  readonly name = 'KeepDaysOfPayouts1763770000106';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

/** What was heard before has no kind, and of its instants only the Beijing day that it was heard on. */
const heardAt = `told_on::timestamp AT TIME ZONE 'Asia/Shanghai'`;

const statements = [
  `ALTER TABLE told_statement
     ADD COLUMN kind text CHECK (kind IN ('commission', 'supplier', 'team-reward')),
     ADD COLUMN issued_at timestamptz`,
  `UPDATE told_statement SET issued_at = ${heardAt}`,
  `ALTER TABLE told_statement ALTER COLUMN issued_at SET NOT NULL`,
  `CREATE INDEX told_statement_issued ON told_statement (shop_id, issued_at)`,
  `ALTER TABLE told_payout
     ADD COLUMN kind text CHECK (kind IN ('commission', 'supplier', 'team-reward')),
     ADD COLUMN requested_at timestamptz,
     -- When its latest end was, whichever it is.
     ADD COLUMN ended_at timestamptz`,
  `UPDATE told_payout
      SET requested_at = CASE WHEN is_requested THEN ${heardAt} END,
          ended_at = CASE WHEN status IS NOT NULL
                          THEN coalesce(returned_at, succeeded_at, ${heardAt}) END`,
  `ALTER TABLE told_payout
     ADD CHECK (is_requested = (requested_at IS NOT NULL)),
     ADD CHECK ((status IS NULL) = (ended_at IS NULL))`,
  `CREATE INDEX told_payout_requested ON told_payout (shop_id, requested_at)
     WHERE requested_at IS NOT NULL`,
  `CREATE INDEX told_payout_unpaid ON told_payout (shop_id, ended_at)
     WHERE status IN ('failed', 'cancelled')`,
];
