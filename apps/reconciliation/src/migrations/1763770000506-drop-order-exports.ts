/** Exports of the order system need not be kept for ever: one goes with all its rows, or not at all. */
export class DropOrderExports1763770000506 {
  readonly name = 'DropOrderExports1763770000506';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE FUNCTION keep_with_export() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF EXISTS (SELECT 1 FROM order_export e
                 WHERE e.shop_id = OLD.shop_id AND e.export_no = OLD.export_no)
     THEN RAISE EXCEPTION 'a row of an export goes with it'; END IF;
     RETURN OLD;
   END $$`,
  'DROP TRIGGER append_only ON order_export_row',
  `CREATE TRIGGER append_only BEFORE UPDATE ON order_export_row
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER keep_with_export BEFORE DELETE ON order_export_row
     FOR EACH ROW EXECUTE FUNCTION keep_with_export()`,
  // Which export an open difference is of, as its evidence says.
  `CREATE INDEX difference_of_export ON difference (shop_id, (theirs->>'exportId'))
     WHERE comparison = 'exports' AND state = 'open'`,
];
