/** What happened to alerts, for ever: the list itself tells of the last raising of each alone. */
export class AddAlertSteps1763770000301 {
  readonly name = 'AddAlertSteps1763770000301';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const told = `shop_id, alert_id, raised_at, class, severity, subject_type, subject_id, message, message_zh`;

const statements = [
  `CREATE TABLE alert_step (
     shop_id      text        NOT NULL,
     step_no      bigint      GENERATED ALWAYS AS IDENTITY,
     alert_id     text        NOT NULL,
     what         text        NOT NULL CHECK (what IN ('raised', 'acknowledged', 'resolved')),
     at           timestamptz NOT NULL,
     -- Of the raising that it belongs to.
     raised_at    timestamptz NOT NULL,
     class        text        NOT NULL,
     severity     text        NOT NULL,
     subject_type text        NOT NULL,
     subject_id   text        NOT NULL,
     message      text        NOT NULL,
     message_zh   text        NOT NULL,
     by           text,
     reason       text,
     PRIMARY KEY (shop_id, step_no)
   )`,
  // Of alerts from before, what their present state still tells.
  `INSERT INTO alert_step (${told}, what, at, by)
   SELECT ${told}, 'raised', raised_at, raised_by FROM alert_state ORDER BY raised_at, alert_id`,
  `INSERT INTO alert_step (${told}, what, at, by, reason)
   SELECT ${told}, 'acknowledged', acknowledged_at, acknowledged_by, acknowledged_reason
     FROM alert_state WHERE acknowledged_at IS NOT NULL ORDER BY acknowledged_at, alert_id`,
  `INSERT INTO alert_step (${told}, what, at)
   SELECT ${told}, 'resolved', resolved_at
     FROM alert_state WHERE resolved_at IS NOT NULL ORDER BY resolved_at, alert_id`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION '% is only ever appended to', TG_TABLE_NAME; END $$`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON alert_step
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
];
