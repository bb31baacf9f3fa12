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
  // Trades of which something was split, until what is frozen of them is released to the shop.
  `CREATE TABLE trade_finish (
     shop_id    text        NOT NULL,
     trade_no   text        NOT NULL,
     app_id     text        NOT NULL,
     state      text        NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'sent', 'finished', 'ended')),
     reason     text,
     -- Byte for byte what Alipay was and will be sent; it names nobody.
     request    text,
     tries      integer     NOT NULL DEFAULT 0,
     -- Business time.
     look_at    timestamptz NOT NULL,
     PRIMARY KEY (shop_id, trade_no),
     CHECK (state NOT IN ('sent', 'finished') OR request IS NOT NULL)
   )`,
  `CREATE INDEX trade_finish_due ON trade_finish (look_at) WHERE state IN ('open', 'sent')`,
  `CREATE FUNCTION keep_finish() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF OLD.state IN ('finished', 'ended')
        OR (OLD.request IS NOT NULL AND NEW.request IS DISTINCT FROM OLD.request)
     THEN RAISE EXCEPTION 'what finishes a trade is never changed'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER keep_finish BEFORE UPDATE ON trade_finish
     FOR EACH ROW EXECUTE FUNCTION keep_finish()`,
];
