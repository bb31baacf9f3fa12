import { approvalTable } from '@qingfen/approvals';

/** What was told of orders, statements and payouts; Alipay's bills; days compared and differences. */
export class CreateReconciliation1763770000006 {
  readonly name = 'CreateReconciliation1763770000006';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of [...told, ...bills, ...days, ...differences]) {
      await runner.query(statement);
    }
    for (const statement of approvalTable(['difference'])) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

/** Kept as it was told: this service refuses nothing. `told_on` is a Beijing day of business time. */
const told = [
  `CREATE TABLE shop (
     shop_id    text        PRIMARY KEY,
     timezone   text        NOT NULL,
     updated_at timestamptz NOT NULL
   )`,
  `CREATE TABLE told_order (
     shop_id    text   NOT NULL,
     order_id   text   NOT NULL,
     currency   text   NOT NULL,
     -- What was paid and subsidised, all lines together.
     base_minor bigint NOT NULL CHECK (base_minor >= 0),
     told_on    date   NOT NULL,
     PRIMARY KEY (shop_id, order_id)
   )`,
  `CREATE INDEX told_order_on ON told_order (shop_id, told_on)`,
  `CREATE TABLE told_refund (
     shop_id      text   NOT NULL,
     order_id     text   NOT NULL,
     refund_id    text   NOT NULL,
     amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
     told_on      date   NOT NULL,
     PRIMARY KEY (shop_id, order_id, refund_id)
   )`,
  `CREATE INDEX told_refund_on ON told_refund (shop_id, told_on)`,
  `CREATE TABLE told_reversal (
     shop_id   text NOT NULL,
     order_id  text NOT NULL,
     refund_id text NOT NULL,
     told_on   date NOT NULL,
     PRIMARY KEY (shop_id, order_id, refund_id)
   )`,
  `CREATE INDEX told_reversal_on ON told_reversal (shop_id, told_on)`,
  `CREATE TABLE told_statement (
     shop_id      text   NOT NULL,
     statement_id text   NOT NULL,
     currency     text   NOT NULL,
     net_minor    bigint NOT NULL CHECK (net_minor > 0),
     told_on      date   NOT NULL,
     PRIMARY KEY (shop_id, statement_id)
   )`,
  `CREATE INDEX told_statement_on ON told_statement (shop_id, told_on)`,
  // A payout's end may be heard before its request: each part is there once it was told.
  `CREATE TABLE told_payout (
     shop_id      text   NOT NULL,
     payout_id    text   NOT NULL,
     statement_id text   NOT NULL,
     out_biz_no   text   NOT NULL,
     currency     text   NOT NULL,
     amount_minor bigint NOT NULL CHECK (amount_minor > 0),
     is_requested boolean NOT NULL,
     status       text   CHECK (status IN ('succeeded', 'failed', 'cancelled', 'returned')),
     seq          bigint NOT NULL,
     -- When the books moved the money, out and back: an overtaken success left and came back at once.
     succeeded_at timestamptz,
     returned_at  timestamptz,
     told_on      date   NOT NULL,
     PRIMARY KEY (shop_id, payout_id),
     UNIQUE (shop_id, out_biz_no)
   )`,
  `CREATE INDEX told_payout_of_statement ON told_payout (shop_id, statement_id)`,
  `CREATE INDEX told_payout_on ON told_payout (shop_id, told_on)`,
  `CREATE INDEX told_payout_succeeded ON told_payout (shop_id, succeeded_at)
     WHERE succeeded_at IS NOT NULL`,
  `CREATE INDEX told_payout_returned ON told_payout (shop_id, returned_at)
     WHERE returned_at IS NOT NULL`,
];

const bills = [
  `CREATE TABLE bill (
     shop_id       text    NOT NULL,
     day           date    NOT NULL,
     -- Each file that Alipay gave for the day; the last one counts.
     version       integer NOT NULL CHECK (version > 0),
     sha256        text    NOT NULL CHECK (length(sha256) = 64),
     byte_count    bigint  NOT NULL,
     -- Null: every line of it stands in bill_line.
     problem       text,
     why           text,
     account       text    NOT NULL,
     line_count    integer NOT NULL,
     opening_minor bigint,
     closing_minor bigint,
     fetched_at    timestamptz NOT NULL,
     PRIMARY KEY (shop_id, day, version),
     CHECK ((problem IS NULL) = (why IS NULL)),
     CHECK ((opening_minor IS NULL) = (closing_minor IS NULL))
   )`,
  // The file, byte for byte, in pieces that a row can hold.
  `CREATE TABLE bill_piece (
     shop_id  text    NOT NULL,
     day      date    NOT NULL,
     version  integer NOT NULL,
     piece_no integer NOT NULL,
     bytes    bytea   NOT NULL,
     PRIMARY KEY (shop_id, day, version, piece_no)
   )`,
  // The lines of the last version that could be read: a copy of the file, made anew with a newer one.
  `CREATE TABLE bill_line (
     shop_id       text     NOT NULL,
     day           date     NOT NULL,
     line_no       integer  NOT NULL,
     log_no        text     NOT NULL,
     out_no        text     NOT NULL,
     alipay_no     text     NOT NULL,
     at            timestamptz NOT NULL,
     amount_minor  bigint   NOT NULL,
     balance_minor bigint   NOT NULL,
     class         text     NOT NULL,
     kind          text     NOT NULL,
     account       text     NOT NULL,
     title         text     NOT NULL,
     PRIMARY KEY (shop_id, day, line_no)
   )`,
  `CREATE INDEX bill_line_of_number ON bill_line (shop_id, out_no) WHERE class = 'ours'`,
  `CREATE INDEX bill_line_stray ON bill_line (shop_id, day) WHERE class IN ('split', 'other')`,
  `CREATE INDEX bill_line_of_log ON bill_line (shop_id, log_no) WHERE class IN ('split', 'other')`,
];

const days = [
  // One row, '*': up to which day bills have been looked for.
  `CREATE TABLE bill_schedule (
     shop_id     text PRIMARY KEY,
     planned_day date NOT NULL
   )`,
  `CREATE TABLE reconciliation (
     shop_id      text    NOT NULL,
     day          date    NOT NULL,
     state        text    NOT NULL CHECK (state IN ('due', 'done', 'given-up')),
     -- Whether Alipay is to be asked for the bill, though one is there.
     wants_bill   boolean NOT NULL DEFAULT true,
     tries        integer NOT NULL DEFAULT 0,
     next_try_at  timestamptz NOT NULL,
     waits_for    text,
     -- Real time: who works on it lets others know for how long.
     leased_until timestamptz,
     owner        text,
     orders       bigint  NOT NULL DEFAULT 0,
     entries      bigint  NOT NULL DEFAULT 0,
     statements   bigint  NOT NULL DEFAULT 0,
     payouts      bigint  NOT NULL DEFAULT 0,
     bill_lines   bigint  NOT NULL DEFAULT 0,
     ledger_minor bigint  NOT NULL DEFAULT 0,
     alipay_minor bigint  NOT NULL DEFAULT 0,
     completions  integer NOT NULL DEFAULT 0,
     done_at      timestamptz,
     PRIMARY KEY (shop_id, day),
     CHECK (state <> 'done' OR done_at IS NOT NULL)
   )`,
  `CREATE INDEX reconciliation_due ON reconciliation (next_try_at) WHERE state = 'due'`,
];

const differences = [
  `CREATE TABLE difference (
     shop_id       text    NOT NULL,
     difference_id text    NOT NULL,
     -- What it is about, and the how manieth time that something is wrong with it.
     finding_key   text    NOT NULL,
     occurrence    integer NOT NULL CHECK (occurrence > 0),
     day           date    NOT NULL,
     comparison    text    NOT NULL,
     class         text    NOT NULL,
     subject_type  text    NOT NULL,
     subject_id    text    NOT NULL,
     currency      text    NOT NULL,
     amount_minor  bigint  NOT NULL,
     cash_minor    bigint  NOT NULL,
     ours          jsonb,
     theirs        jsonb,
     state         text    NOT NULL CHECK (state IN ('open', 'explained', 'corrected', 'cleared')),
     opened_at     timestamptz NOT NULL,
     -- The ledger has heard of its present amount and account.
     is_booked     boolean NOT NULL,
     closed_by     text,
     approved_by   text,
     closed_at     timestamptz,
     reason        text,
     PRIMARY KEY (shop_id, difference_id),
     UNIQUE (shop_id, finding_key, occurrence),
     -- Nobody closes a difference alone.
     CHECK ((state IN ('explained', 'corrected')) = (closed_by IS NOT NULL)),
     CHECK ((closed_by IS NULL) = (approved_by IS NULL)),
     CHECK (closed_by <> approved_by),
     CHECK ((state = 'open') = (closed_at IS NULL))
   )`,
  `CREATE INDEX difference_open ON difference (shop_id)
     WHERE state = 'open' OR (comparison = 'payouts' AND cash_minor <> 0)`,
  `CREATE INDEX difference_by_age ON difference (shop_id, opened_at, difference_id)`,
  `CREATE INDEX difference_on ON difference (shop_id, day)`,
  `CREATE INDEX difference_unbooked ON difference (shop_id) WHERE NOT is_booked`,
  // Every step of it, only ever appended to.
  `CREATE TABLE difference_step (
     shop_id       text    NOT NULL,
     difference_id text    NOT NULL,
     step_no       bigint  GENERATED ALWAYS AS IDENTITY,
     at            timestamptz NOT NULL,
     day           date    NOT NULL,
     state         text    NOT NULL,
     class         text    NOT NULL,
     amount_minor  bigint  NOT NULL,
     ours          jsonb,
     theirs        jsonb,
     PRIMARY KEY (shop_id, difference_id, step_no)
   )`,
  `CREATE FUNCTION keep_difference() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF OLD.state <> 'open' AND NEW.state <> OLD.state
     THEN RAISE EXCEPTION 'a closed difference stays closed'; END IF;
     IF (NEW.shop_id, NEW.difference_id, NEW.finding_key, NEW.occurrence)
        IS DISTINCT FROM (OLD.shop_id, OLD.difference_id, OLD.finding_key, OLD.occurrence)
     THEN RAISE EXCEPTION 'a difference stays about what it is about'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER keep_difference BEFORE UPDATE ON difference
     FOR EACH ROW EXECUTE FUNCTION keep_difference()`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION '% is only ever appended to', TG_TABLE_NAME; END $$`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON difference_step
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
];
