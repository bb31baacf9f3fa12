/** Four eyes (domain.md 7): what a program may forget, the database refuses. */
export class AddMakers1763770000104 {
  readonly name = 'AddMakers1763770000104';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Null: told by upstream, or never changed by hand.
  'ALTER TABLE payee ADD COLUMN account_changed_by text',
  `CREATE FUNCTION keep_makers() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION 'a maker of a payout stays one'; END $$`,
  `CREATE TRIGGER keep_makers BEFORE UPDATE ON payout
     FOR EACH ROW WHEN (NOT NEW.makers @> OLD.makers) EXECUTE FUNCTION keep_makers()`,
  // Approving is the only way from review to requested.
  `CREATE FUNCTION refuse_maker() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF EXISTS (SELECT 1 FROM payout p
                  LEFT JOIN payee y ON y.shop_id = p.shop_id AND y.payee_id = p.payee_id
                 WHERE p.shop_id = NEW.shop_id AND p.payout_id = NEW.payout_id
                   AND (NEW."by" = ANY (p.makers) OR NEW."by" = y.account_changed_by))
     THEN RAISE EXCEPTION 'a maker of a payout does not approve it'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER refuse_maker BEFORE INSERT ON payout_transition
     FOR EACH ROW WHEN (NEW.from_state = 'review' AND NEW.to_state = 'requested')
     EXECUTE FUNCTION refuse_maker()`,
];
