/** Credentials, payees' accounts, payouts with their log, stops and notifications. */
export class CreatePayouts1763770000004 {
  readonly name = 'CreatePayouts1763770000004';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of [...tablesOfShops, ...tablesOfPayouts, ...guards]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const tablesOfShops = [
  `CREATE TABLE shop (
     shop_id    text        PRIMARY KEY,
     name       text        NOT NULL,
     timezone   text        NOT NULL,
     updated_at timestamptz NOT NULL
   )`,
  `CREATE TABLE credential (
     shop_id    text        PRIMARY KEY,
     pid        text,
     app_id     text        NOT NULL,
     mode       text        NOT NULL CHECK (mode IN ('key', 'certificate')),
     -- Keys and certificates, encrypted; never leaves this service.
     secrets    text        NOT NULL,
     version    bigint      NOT NULL CHECK (version > 0),
     updated_at timestamptz NOT NULL
   )`,
  `CREATE TABLE payee (
     shop_id            text        NOT NULL,
     payee_id           text        NOT NULL,
     name               text        NOT NULL,
     roles              text[]      NOT NULL,
     team_id            text,
     tasks              text[]      NOT NULL,
     level              text,
     identity_type      text,
     -- Encrypted; found by the blind index alone.
     identity           text,
     account_name       text,
     account_type       text,
     account_index      text,
     -- The event's own time: the latest wins.
     told_at            timestamptz NOT NULL,
     account_changed_at timestamptz NOT NULL,
     PRIMARY KEY (shop_id, payee_id),
     CHECK ((identity IS NULL) = (account_index IS NULL)),
     CHECK ((identity IS NULL) = (identity_type IS NULL)),
     CHECK ((identity IS NULL) = (account_name IS NULL))
   )`,
  `CREATE INDEX payee_account ON payee (shop_id, account_index) WHERE account_index IS NOT NULL`,
  `CREATE TABLE emergency_stop (
     shop_id text        PRIMARY KEY, -- '*' is the stop of all shops
     stopped boolean     NOT NULL,
     reason  text        NOT NULL,
     by      text        NOT NULL,
     at      timestamptz NOT NULL
   )`,
  `CREATE TABLE notification (
     shop_id     text        NOT NULL,
     notify_id   text        NOT NULL,
     method      text        NOT NULL,
     out_biz_no  text,
     status      text,
     -- The form as it came, encrypted.
     form        text        NOT NULL,
     verdict     text        NOT NULL,
     received_at timestamptz NOT NULL,
     PRIMARY KEY (shop_id, notify_id)
   )`,
];

const tablesOfPayouts = [
  `CREATE TABLE payout (
     shop_id         text        NOT NULL,
     payout_id       text        NOT NULL,
     statement_id    text        NOT NULL,
     part            integer     NOT NULL CHECK (part BETWEEN 1 AND parts),
     parts           integer     NOT NULL,
     payee_id        text        NOT NULL,
     kind            text        NOT NULL CHECK (kind IN ('commission', 'supplier', 'team-reward')),
     amount_minor    bigint      NOT NULL CHECK (amount_minor > 0),
     currency        text        NOT NULL,
     pay_via         text        NOT NULL CHECK (pay_via IN ('transfer', 'batch', 'royalty')),
     legs            jsonb       NOT NULL DEFAULT '[]',
     remark          text        NOT NULL,
     requested_at    timestamptz NOT NULL,
     out_biz_no      text        NOT NULL CONSTRAINT one_number UNIQUE
                     CHECK (out_biz_no ~ '^QF[0-9a-f]{30}$'),
     correlation_id  text        NOT NULL,
     state           text        NOT NULL DEFAULT 'requested',
     reason          text,
     seq             integer     NOT NULL DEFAULT 0 CHECK (seq >= 0),
     app_id          text,
     attempts        integer     NOT NULL DEFAULT 0,
     is_unsent       boolean     NOT NULL DEFAULT false,
     refusal         jsonb,
     failure         jsonb,
     payee_fault     boolean     NOT NULL DEFAULT false,
     alipay_order_id text,
     approved_doubts text[]      NOT NULL DEFAULT '{}',
     makers          text[]      NOT NULL DEFAULT '{}',
     unknown_at      timestamptz,
     asked           integer     NOT NULL DEFAULT 0,
     not_found_at    timestamptz,
     ask_at          timestamptz,
     recheck_at      timestamptz,
     changed_at      timestamptz NOT NULL,
     -- Real time: when Alipay is asked next.
     ask_real_at     timestamptz,
     -- Who holds it while it is being sent; one that is gone is asked about instead.
     owner           text,
     -- Counts every write, so that none is made on what somebody else has changed meanwhile.
     revision        integer     NOT NULL DEFAULT 0,
     PRIMARY KEY (shop_id, payout_id),
     CHECK (state <> 'waiting' OR reason IN ('stop', 'funds', 'limit', 'payee', 'confirmation',
                                             'cooling-off', 'credentials', 'rate')),
     CHECK (state NOT IN ('sending', 'unknown', 'succeeded', 'returned') OR app_id IS NOT NULL)
   )`,
  `CREATE INDEX payout_by_age ON payout (shop_id, requested_at, payout_id)`,
  `CREATE INDEX payout_by_payee ON payout (shop_id, payee_id, requested_at, payout_id)`,
  `CREATE INDEX payout_requested ON payout (requested_at, shop_id, payout_id)
     WHERE state = 'requested'`,
  `CREATE INDEX payout_open ON payout (state, reason)
     WHERE state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')`,
  `CREATE INDEX payout_waiting ON payout (shop_id, reason, requested_at, payout_id)
     WHERE state = 'waiting'`,
  `CREATE INDEX payout_sending ON payout (shop_id, payout_id) WHERE state = 'sending'`,
  `CREATE INDEX payout_rechecked ON payout (recheck_at)
     WHERE state = 'waiting' AND recheck_at IS NOT NULL`,
  `CREATE INDEX payout_asked_on_real_time ON payout (ask_real_at) WHERE ask_real_at IS NOT NULL`,
  `CREATE INDEX payout_asked_on_business_time ON payout (ask_at) WHERE ask_at IS NOT NULL`,
  `CREATE TABLE payout_transition (
     shop_id    text        NOT NULL,
     payout_id  text        NOT NULL,
     seq        integer     NOT NULL CHECK (seq > 0),
     from_state text        NOT NULL,
     to_state   text        NOT NULL,
     at         timestamptz NOT NULL,
     why        text        NOT NULL,
     by         text        NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (shop_id, payout_id, seq)
   )`,
  // Byte for byte what Alipay was and will be sent, encrypted: it holds an account and a name.
  `CREATE TABLE stored_request (
     shop_id   text        NOT NULL,
     payout_id text        NOT NULL,
     app_id    text        NOT NULL,
     request   text        NOT NULL,
     stored_at timestamptz NOT NULL,
     PRIMARY KEY (shop_id, payout_id)
   )`,
  // Which senders live, on the database's own clock.
  `CREATE TABLE sender (
     owner   text        PRIMARY KEY,
     seen_at timestamptz NOT NULL
   )`,
];

const guards = [
  `CREATE TABLE payout_move (
     from_state text NOT NULL,
     to_state   text NOT NULL,
     PRIMARY KEY (from_state, to_state)
   )`,
  `INSERT INTO payout_move (from_state, to_state) VALUES
     ('requested', 'review'), ('requested', 'blocked'), ('requested', 'waiting'),
     ('requested', 'sending'), ('requested', 'cancelled'),
     ('review', 'requested'), ('review', 'cancelled'),
     ('blocked', 'requested'), ('blocked', 'cancelled'),
     ('waiting', 'requested'), ('waiting', 'cancelled'),
     ('sending', 'succeeded'), ('sending', 'failed'), ('sending', 'unknown'),
     ('sending', 'waiting'), ('sending', 'review'),
     ('unknown', 'succeeded'), ('unknown', 'failed'), ('unknown', 'sending'),
     ('succeeded', 'returned')`,
  `ALTER TABLE payout_transition ADD CONSTRAINT legal_move
     FOREIGN KEY (from_state, to_state) REFERENCES payout_move (from_state, to_state)`,
  // What was told to be paid, and under which number, is written once.
  `CREATE FUNCTION keep_instruction() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.shop_id, NEW.payout_id, NEW.statement_id, NEW.payee_id, NEW.amount_minor,
         NEW.currency, NEW.out_biz_no, NEW.pay_via)
        IS DISTINCT FROM
        (OLD.shop_id, OLD.payout_id, OLD.statement_id, OLD.payee_id, OLD.amount_minor,
         OLD.currency, OLD.out_biz_no, OLD.pay_via)
     THEN RAISE EXCEPTION 'an instruction to pay is never changed'; END IF;
     IF OLD.app_id IS NOT NULL AND NEW.app_id IS DISTINCT FROM OLD.app_id
     THEN RAISE EXCEPTION 'a payout keeps its merchant'; END IF;
     IF NEW.seq < OLD.seq OR (NEW.state <> OLD.state AND NEW.seq = OLD.seq)
     THEN RAISE EXCEPTION 'a payout moves by a transition'; END IF;
     IF OLD.state IN ('failed', 'cancelled', 'returned') AND NEW.state <> OLD.state
     THEN RAISE EXCEPTION 'a final payout is final'; END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER keep_instruction BEFORE UPDATE ON payout
     FOR EACH ROW EXECUTE FUNCTION keep_instruction()`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION '% is only ever appended to', TG_TABLE_NAME; END $$`,
  ...['payout_transition', 'stored_request', 'notification'].map(
    (table) => `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ${table}
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ),
  `CREATE TRIGGER never_deleted BEFORE DELETE ON payout
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
];
