/** Exports of the order system, and as of when what the topics told is compared with them. */
export class AddOrderExports1763770000206 {
  readonly name = 'AddOrderExports1763770000206';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of [...told, ...exports]) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

/** Null of what was told before: it is in no export's span, and before every export's instant. */
const told = [
  `ALTER TABLE told_order ADD COLUMN completed_at timestamptz`,
  `CREATE INDEX told_order_completed ON told_order (shop_id, completed_at)`,
  `ALTER TABLE told_refund ADD COLUMN refunded_at timestamptz`,
  `ALTER TABLE told_reversal ADD COLUMN reversed_at timestamptz`,
];

const exports = [
  `CREATE TABLE order_export (
     shop_id      text   NOT NULL,
     -- Numbers uploads as they came: of two made as of one instant the later one counts.
     export_no    bigint GENERATED ALWAYS AS IDENTITY,
     export_id    text   NOT NULL,
     sha256       text   NOT NULL CHECK (length(sha256) = 64),
     byte_count   bigint NOT NULL,
     row_count    integer NOT NULL CHECK (row_count >= 0),
     from_at      timestamptz NOT NULL,
     to_at        timestamptz NOT NULL,
     as_of        timestamptz NOT NULL,
     uploaded_by  text   NOT NULL,
     uploaded_at  timestamptz NOT NULL,
     -- A refused one is of no shop of ours, or another: it decides nothing.
     state        text   NOT NULL CHECK (state IN ('due', 'done', 'refused')),
     problem      text,
     -- How often a comparison was asked for.
     asked        integer NOT NULL DEFAULT 1,
     leased_until timestamptz,
     owner        text,
     compared_at  timestamptz,
     -- How many differences the last comparison found, by class.
     found        jsonb  NOT NULL DEFAULT '{}',
     PRIMARY KEY (shop_id, export_no),
     UNIQUE (shop_id, export_id),
     CHECK (from_at < to_at),
     CHECK ((state = 'refused') = (problem IS NOT NULL))
   )`,
  `CREATE INDEX order_export_due ON order_export (export_no) WHERE state = 'due'`,
  `CREATE INDEX order_export_newest ON order_export (shop_id, as_of, export_no)`,
  `CREATE TABLE order_export_row (
     shop_id        text   NOT NULL,
     order_id       text   NOT NULL,
     export_no      bigint NOT NULL,
     line_no        integer NOT NULL,
     currency       text   NOT NULL,
     paid_minor     bigint NOT NULL CHECK (paid_minor >= 0),
     refunded_minor bigint NOT NULL CHECK (refunded_minor BETWEEN 0 AND paid_minor),
     completed_at   timestamptz NOT NULL,
     PRIMARY KEY (shop_id, order_id, export_no)
   )`,
  `CREATE INDEX order_export_row_of ON order_export_row (shop_id, export_no, order_id)`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON order_export_row
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  // Whether a message is about an order with such a difference is asked with every batch.
  `CREATE INDEX difference_of_exports ON difference (shop_id, subject_id)
     WHERE comparison = 'exports' AND state = 'open'`,
];
