/** Batches: payouts that are given to Alipay together, and resolved each by itself. */
export class AddBatches1763770000504 {
  readonly name = 'AddBatches1763770000504';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE TABLE payout_batch (
     shop_id        text        NOT NULL,
     batch_no       text        NOT NULL CONSTRAINT one_batch_number UNIQUE
                    CHECK (batch_no ~ '^QB[0-9a-f]{30}$'),
     app_id         text        NOT NULL,
     kind           text        NOT NULL CHECK (kind IN ('commission', 'supplier', 'team-reward')),
     mode           text        NOT NULL CHECK (mode IN ('confirmed', 'direct')),
     payouts        integer     NOT NULL CHECK (payouts BETWEEN 1 AND 1000),
     amount_minor   bigint      NOT NULL CHECK (amount_minor > 0),
     -- Byte for byte what Alipay was and will be sent, encrypted: it holds accounts and names.
     request        text        NOT NULL,
     -- Alipay's own number, once it has told it.
     batch_trans_id text,
     stored_at      timestamptz NOT NULL,
     PRIMARY KEY (shop_id, batch_no)
   )`,
  `ALTER TABLE payout ADD COLUMN batch_no text,
     ADD FOREIGN KEY (shop_id, batch_no) REFERENCES payout_batch (shop_id, batch_no)`,
  `CREATE INDEX payout_by_batch ON payout (shop_id, batch_no) WHERE batch_no IS NOT NULL`,
  `INSERT INTO payout_move (from_state, to_state) VALUES
     ('waiting', 'unknown'), ('unknown', 'waiting')`,
  `CREATE FUNCTION keep_batch() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.batch_no IS DISTINCT FROM OLD.batch_no
        AND (OLD.batch_no IS NOT NULL OR OLD.app_id IS NOT NULL)
     THEN RAISE EXCEPTION 'a payout keeps the way by which it was first sent'; END IF;
     IF OLD.state = 'waiting' AND OLD.reason <> 'confirmation'
        AND NEW.state IN ('unknown', 'succeeded', 'failed', 'returned')
     THEN RAISE EXCEPTION 'only what waits for its payer ends without being sent'; END IF;
     IF OLD.state = 'unknown' AND NEW.state = 'waiting' AND NEW.reason <> 'confirmation'
     THEN RAISE EXCEPTION 'an unknown payout waits for nobody but its payer'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER keep_batch BEFORE UPDATE ON payout FOR EACH ROW EXECUTE FUNCTION keep_batch()`,
  `CREATE FUNCTION keep_batch_request() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'DELETE' OR (OLD.batch_trans_id IS NOT NULL
        AND NEW.batch_trans_id IS DISTINCT FROM OLD.batch_trans_id)
        OR (to_jsonb(NEW) - 'batch_trans_id') IS DISTINCT FROM (to_jsonb(OLD) - 'batch_trans_id')
     THEN RAISE EXCEPTION 'a stored batch is never changed'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER keep_batch_request BEFORE UPDATE OR DELETE ON payout_batch
     FOR EACH ROW EXECUTE FUNCTION keep_batch_request()`,
  // What Alipay is asked for in a batch is what its payouts add up to: when it is stored, and for ever.
  `CREATE FUNCTION batch_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (SELECT (count(*), coalesce(sum(p.amount_minor), 0)) IS DISTINCT FROM
                (NEW.payouts::bigint, NEW.amount_minor::numeric)
           FROM payout p WHERE p.shop_id = NEW.shop_id AND p.batch_no = NEW.batch_no)
     THEN RAISE EXCEPTION 'the payouts of batch % do not add up to it', NEW.batch_no; END IF;
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER batch_adds_up AFTER INSERT ON payout_batch
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION batch_adds_up()`,
];
