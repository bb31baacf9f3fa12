/** The tax that was withheld with what is paid, for who reports taxes; it moves no money here. */
export class AddWithheld1763770000904 {
  readonly name = 'AddWithheld1763770000904';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `ALTER TABLE payout ADD COLUMN withheld_minor bigint NOT NULL DEFAULT 0 CHECK (withheld_minor >= 0)`,
  `CREATE FUNCTION keep_withheld() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION 'the tax withheld with a payout is never changed'; END $$`,
  `CREATE TRIGGER keep_withheld BEFORE UPDATE ON payout
     FOR EACH ROW WHEN (NEW.withheld_minor <> OLD.withheld_minor) EXECUTE FUNCTION keep_withheld()`,
];
