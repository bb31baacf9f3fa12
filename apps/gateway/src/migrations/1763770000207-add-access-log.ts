/** Who read or changed what, month by month; a month that need not be kept any more goes as a whole. */
export class AddAccessLog1763770000207 {
  readonly name = 'AddAccessLog1763770000207';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  'CREATE SEQUENCE access_log_id AS bigint',
  // No body, no answer, no address: ids, names of calls and statuses alone.
  `CREATE TABLE access_log (
     -- '*': of a call that names no shop.
     shop_id     text        NOT NULL,
     access_id   bigint      NOT NULL DEFAULT nextval('access_log_id'),
     -- Business time, like every act's; the month that it belongs to.
     at          timestamptz NOT NULL,
     actor       text        NOT NULL,
     roles       text        NOT NULL,
     call        text        NOT NULL,
     subject     text        NOT NULL,
     status      smallint    NOT NULL,
     request_id  text        NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (shop_id, access_id, at)
   ) PARTITION BY RANGE (at)`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION '% is only ever appended to', TG_TABLE_NAME; END $$`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON access_log
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
];
