interface Runner {
  query(sql: string): Promise<unknown>;
}

/**
 * The books of settlement. Every primary key leads with the shop, so that the same tables can be
 * distributed by shop; amounts are minor units; facts (`entry`, `statement`, `ledger_transaction`,
 * `journal_batch`) are only ever inserted, `open_entry` is what of them is not yet stated.
 */
export class CreateBooks1763769600100 {
  readonly name = 'CreateBooks1763769600100';

  async up(runner: Runner): Promise<void> {
    for (const statement of [...copies, ...orders, ...entries, ...runs, ...payouts, ...ledger]) {
      await runner.query(statement);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

/** What other services own and this one keeps a copy of. */
const copies = [
  `CREATE TABLE shop (
     shop_id            text        PRIMARY KEY,
     name               text        NOT NULL,
     timezone           text        NOT NULL,
     transfer_max_minor bigint      NOT NULL CHECK (transfer_max_minor > 0),
     updated_at         timestamptz NOT NULL
   )`,
  `CREATE TABLE plan_version (
     shop_id        text        NOT NULL,
     version        integer     NOT NULL CHECK (version > 0),
     currency       text        NOT NULL,
     document       json        NOT NULL,
     hash           text        NOT NULL,
     published_at   timestamptz NOT NULL,
     effective_from timestamptz NOT NULL,
     withdrawn_at   timestamptz,
     PRIMARY KEY (shop_id, version)
   )`,
  `CREATE TABLE payee (
     shop_id      text        NOT NULL,
     payee_id     text        NOT NULL,
     roles        text[]      NOT NULL,
     team_id      text,
     tasks        text[]      NOT NULL,
     level        text,
     account_hash text,
     told_at      timestamptz NOT NULL,
     PRIMARY KEY (shop_id, payee_id)
   )`,
  `CREATE TABLE hold (
     shop_id      text        NOT NULL,
     subject_type text        NOT NULL CHECK (subject_type IN ('payee', 'order', 'entry')),
     subject_id   text        NOT NULL,
     reason       text        NOT NULL,
     hold_key     text        NOT NULL,
     account_hash text,
     opened_at    timestamptz NOT NULL,
     released_at  timestamptz,
     PRIMARY KEY (shop_id, subject_type, subject_id, reason, hold_key)
   )`,
];

const orders = [
  `CREATE TABLE completed_order (
     shop_id        text        NOT NULL,
     order_id       text        NOT NULL,
     currency       text        NOT NULL,
     paid_at        timestamptz NOT NULL,
     completed_at   timestamptz NOT NULL,
     plan_version   integer,
     window_ends_at timestamptz,
     document       json        NOT NULL,
     correlation_id text        NOT NULL,
     booked_at      timestamptz NOT NULL,
     PRIMARY KEY (shop_id, order_id),
     CHECK ((plan_version IS NULL) = (window_ends_at IS NULL))
   )`,
  `CREATE INDEX completed_order_unbound ON completed_order (shop_id, paid_at)
     WHERE plan_version IS NULL`,
  `CREATE TABLE window_evidence (
     shop_id      text        NOT NULL,
     order_id     text        NOT NULL,
     completed_at timestamptz NOT NULL,
     closed_at    timestamptz NOT NULL,
     PRIMARY KEY (shop_id, order_id, completed_at)
   )`,
];

const entries = [
  `CREATE SEQUENCE entry_id_seq AS bigint`,
  `CREATE SEQUENCE journal_batch_id_seq AS bigint`,
  `CREATE TABLE entry (
     shop_id        text        NOT NULL,
     order_id       text        NOT NULL,
     entry_id       bigint      NOT NULL,
     item_id        text,
     kind           text        NOT NULL
       CHECK (kind IN ('commission', 'supplier', 'team-reward', 'platform-fee')),
     level          smallint,
     payee_id       text,
     currency       text        NOT NULL,
     amount_minor   bigint      NOT NULL CHECK (amount_minor <> 0),
     matures_at     timestamptz NOT NULL,
     plan_version   integer,
     corrects       bigint,
     cause          text        NOT NULL,
     cause_id       text,
     booked_at      timestamptz NOT NULL,
     batch_id       bigint      NOT NULL,
     PRIMARY KEY (shop_id, order_id, entry_id),
     CHECK ((kind = 'platform-fee') = (payee_id IS NULL)),
     CHECK (cause <> 'order' OR amount_minor > 0)
   )`,
  // What is owed and on no statement. Rows go when a run states them; nothing else is updated here
  // but an amount that a correction changes, under the lock of the payee's bucket.
  `CREATE TABLE open_entry (
     shop_id               text        NOT NULL,
     kind                  text        NOT NULL,
     payee_id              text        NOT NULL,
     entry_id              bigint      NOT NULL,
     order_id              text        NOT NULL,
     currency              text        NOT NULL,
     amount_minor          bigint      NOT NULL,
     matures_at            timestamptz NOT NULL,
     evidence_completed_at timestamptz,
     evidence_closed_from  timestamptz,
     waited_for            boolean     NOT NULL DEFAULT false,
     correlation_id        text        NOT NULL,
     PRIMARY KEY (shop_id, kind, payee_id, entry_id),
     CHECK ((evidence_completed_at IS NULL) = (evidence_closed_from IS NULL))
   ) WITH (autovacuum_vacuum_scale_factor = 0.05)`,
];

const runs = [
  `CREATE TABLE schedule (
     shop_id       text        NOT NULL,
     kind          text        NOT NULL,
     currency      text        NOT NULL,
     planned_until timestamptz NOT NULL,
     next_at       timestamptz,
     PRIMARY KEY (shop_id, kind, currency)
   )`,
  `CREATE INDEX schedule_next ON schedule (next_at)`,
  `CREATE TABLE run (
     shop_id       text        NOT NULL,
     currency      text        NOT NULL,
     kind          text        NOT NULL,
     period        text        NOT NULL,
     scheduled_at  timestamptz NOT NULL,
     cutoff        timestamptz NOT NULL,
     plan_version  integer     NOT NULL,
     state         text        NOT NULL CHECK (state IN ('due', 'executing', 'done')),
     topic_ends    json        NOT NULL,
     noted_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
     entry_bound   bigint,
     last_payee_id text        NOT NULL DEFAULT '',
     statements    integer     NOT NULL DEFAULT 0,
     stated_minor  bigint      NOT NULL DEFAULT 0,
     carried       integer     NOT NULL DEFAULT 0,
     finished_at   timestamptz,
     PRIMARY KEY (shop_id, currency, kind, period)
   )`,
  `CREATE INDEX run_unfinished ON run (scheduled_at, kind, shop_id) WHERE state <> 'done'`,
  `CREATE TABLE statement (
     shop_id        text        NOT NULL,
     statement_id   text        NOT NULL,
     payee_id       text        NOT NULL,
     kind           text        NOT NULL,
     currency       text        NOT NULL,
     period         text        NOT NULL,
     cutoff         timestamptz NOT NULL,
     issued_at      timestamptz NOT NULL,
     net_minor      bigint      NOT NULL CHECK (net_minor > 0),
     entry_count    integer     NOT NULL CHECK (entry_count > 0),
     correlation_id text        NOT NULL,
     batch_id       bigint      NOT NULL,
     PRIMARY KEY (shop_id, statement_id),
     UNIQUE (shop_id, currency, kind, period, payee_id)
   )`,
  `CREATE INDEX statement_of_payee ON statement (shop_id, payee_id, issued_at)`,
  // The key is the entry's own: an entry stands on one statement or on none.
  `CREATE TABLE statement_entry (
     shop_id      text   NOT NULL,
     order_id     text   NOT NULL,
     entry_id     bigint NOT NULL,
     statement_id text   NOT NULL,
     amount_minor bigint NOT NULL,
     PRIMARY KEY (shop_id, order_id, entry_id)
   )`,
  `CREATE INDEX statement_entry_of ON statement_entry (shop_id, statement_id)`,
];

const payouts = [
  `CREATE TABLE payout (
     shop_id         text        NOT NULL,
     payout_id       text        NOT NULL,
     statement_id    text        NOT NULL,
     part            integer     NOT NULL CHECK (part > 0),
     parts           integer     NOT NULL CHECK (parts >= part),
     payee_id        text        NOT NULL,
     kind            text        NOT NULL,
     currency        text        NOT NULL,
     amount_minor    bigint      NOT NULL CHECK (amount_minor > 0),
     requested_at    timestamptz NOT NULL,
     account_hash    text,
     status          text CHECK (status IN ('succeeded', 'failed', 'cancelled', 'returned')),
     seq             bigint      NOT NULL DEFAULT -1,
     alipay_order_id text,
     ended_at        timestamptz,
     PRIMARY KEY (shop_id, payout_id),
     UNIQUE (shop_id, statement_id, part)
   )`,
  `CREATE INDEX payout_of_payee ON payout (shop_id, payee_id)`,
];

const ledger = [
  `CREATE FUNCTION adds_up(amounts bigint[]) RETURNS boolean
     LANGUAGE sql IMMUTABLE PARALLEL SAFE
     AS 'SELECT coalesce(sum(a), 0) = 0 FROM unnest(amounts) AS a'`,
  // One row a fact, its legs beside each other: debits positive, credits negative. PostgreSQL
  // itself refuses a row that does not add up.
  `CREATE TABLE ledger_transaction (
     shop_id        text        NOT NULL,
     transaction_id bigint      GENERATED ALWAYS AS IDENTITY,
     booked_at      timestamptz NOT NULL,
     value_at       timestamptz,
     currency       text        NOT NULL,
     cause          text        NOT NULL,
     cause_id       text        NOT NULL,
     accounts       text[]      NOT NULL,
     amounts        bigint[]    NOT NULL,
     batch_id       bigint      NOT NULL,
     PRIMARY KEY (shop_id, transaction_id),
     CHECK (cardinality(accounts) = cardinality(amounts)),
     CHECK (adds_up(amounts))
   )`,
  `CREATE TABLE journal_batch (
     shop_id    text        NOT NULL,
     batch_id   bigint      NOT NULL,
     root       bytea       NOT NULL CHECK (length(root) = 32),
     fact_count integer     NOT NULL CHECK (fact_count > 0),
     booked_at  timestamptz NOT NULL,
     PRIMARY KEY (shop_id, batch_id)
   )`,
];
