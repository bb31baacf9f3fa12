/** Splits: which trade is split for a payout, and what has come back of it with refunds. */
export class AddSplits1763770000704 {
  readonly name = 'AddSplits1763770000704';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `ALTER TABLE payout ADD COLUMN trade_no text, ADD COLUMN order_id text,
     ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0,
     ADD CHECK (returned_minor BETWEEN 0 AND amount_minor),
     ADD CHECK (returned_minor = 0 OR state IN ('succeeded', 'returned'))`,
  `CREATE INDEX payout_of_order ON payout (shop_id, order_id) WHERE order_id IS NOT NULL`,
  `INSERT INTO payout_move (from_state, to_state) VALUES ('succeeded', 'succeeded')`,
  // What came back of a split never becomes less, and its trade is written once.
  `CREATE FUNCTION keep_split() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.returned_minor < OLD.returned_minor
        OR (NEW.trade_no, NEW.order_id) IS DISTINCT FROM (OLD.trade_no, OLD.order_id)
     THEN RAISE EXCEPTION 'a split keeps its trade, and what came back of it'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER keep_split BEFORE UPDATE ON payout FOR EACH ROW EXECUTE FUNCTION keep_split()`,
];
