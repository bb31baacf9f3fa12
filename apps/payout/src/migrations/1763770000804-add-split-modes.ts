/**
 * Splits in the mode `async`. A trade keeps the mode of its first split, so it is noted when that is about
 * to go out and no longer when one has succeeded.
 */
export class AddSplitModes1763770000804 {
  readonly name = 'AddSplitModes1763770000804';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `ALTER TABLE trade_finish ADD COLUMN mode text NOT NULL DEFAULT 'sync'
     CHECK (mode IN ('sync', 'async'))`,
  `ALTER TABLE trade_finish ALTER COLUMN mode DROP DEFAULT`,
  // Splits that are under way: until now a trade was noted when they had ended.
  `INSERT INTO trade_finish (shop_id, trade_no, app_id, mode, look_at)
   SELECT DISTINCT ON (shop_id, trade_no) shop_id, trade_no, app_id, 'sync',
          changed_at + interval '10 minutes'
     FROM payout
    WHERE trade_no IS NOT NULL AND app_id IS NOT NULL AND state NOT IN ('failed', 'cancelled')
    ORDER BY shop_id, trade_no, changed_at
   ON CONFLICT DO NOTHING`,
  `CREATE OR REPLACE FUNCTION keep_finish() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF OLD.state IN ('finished', 'ended') OR NEW.mode <> OLD.mode
        OR (OLD.request IS NOT NULL AND NEW.request IS DISTINCT FROM OLD.request)
     THEN RAISE EXCEPTION 'what finishes a trade is never changed'; END IF;
     RETURN NEW;
   END $$`,
];
