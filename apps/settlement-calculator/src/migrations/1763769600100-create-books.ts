interface Runner {
  query(sql: string): Promise<unknown>;
}

/**
 * The books of settlement. Every primary key leads with the shop, so that the same tables can be
 * distributed by shop; amounts are minor units; facts (`accrual`, `single_entry`,
 * `statement`, `ledger_transaction`, `journal_batch`) are only ever inserted, `unstated` is what of the
 * entries is on no statement yet.
 */
export class CreateBooks1763769600100 {
  readonly name = 'CreateBooks1763769600100';

  async up(runner: Runner): Promise<void> {
    for (const statement of [
      ...copies,
      ...orders,
      ...accounts,
      ...entries,
      ...runs,
      ...payouts,
      ...ledger,
    ]) {
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
     subject_type text        NOT NULL 
       CHECK (subject_type IN ('payee', 'order', 'entry', 'run')),
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

const accounts = [
  // The accounts of the ledger, named once: rows by the million carry a number instead. A name is the
  // account's own, with `#` before a team, which no id may begin with; `label` is what people read,
  // `bucket` the lock of its owner.
  `CREATE TABLE account (
     shop_id    text   NOT NULL,
     account_no bigint GENERATED ALWAYS AS IDENTITY,
     currency   text   NOT NULL,
     name       text   NOT NULL,
     kind       text   GENERATED ALWAYS AS
       (CASE WHEN name LIKE 'payable:%:%' THEN split_part(name, ':', 2) END) STORED,
     owner_id   text   GENERATED ALWAYS AS
       (CASE WHEN name LIKE 'payable:%:%' THEN regexp_replace(name, '^payable:[^:]+:', '') END) STORED,
     label      text   GENERATED ALWAYS AS (replace(name, ':#', ':team:')) STORED,
     bucket     smallint NOT NULL,
     PRIMARY KEY (shop_id, account_no),
     UNIQUE (shop_id, currency, name)
   )`,
  `CREATE INDEX account_of_kind ON account (shop_id, kind, currency, owner_id) WHERE kind IS NOT NULL`,
];

const entries = [
  `CREATE SEQUENCE entry_block_seq AS bigint`,
  `CREATE SEQUENCE journal_batch_id_seq AS bigint`,
  // One row for what an order's completion owes, its entries beside each other: the entry at place i
  // (from 0) has the number block * 16384 + i. An order has at most 500 lines of 22 parties.
  `CREATE TABLE accrual (
     shop_id       text        NOT NULL,
     block         bigint      NOT NULL,
     order_id      text        NOT NULL,
     currency      text        NOT NULL,
     plan_version  integer     NOT NULL,
     item_ids      text[]      NOT NULL,
     item_nos      smallint[]  NOT NULL,
     levels        smallint[]  NOT NULL,
     account_nos   bigint[]    NOT NULL,
     amounts       bigint[]    NOT NULL CHECK (0 < ALL (amounts)),
     commission_at timestamptz NOT NULL,
     supplier_at   timestamptz NOT NULL,
     booked_at     timestamptz NOT NULL,
     batch_id      bigint      NOT NULL,
     PRIMARY KEY (shop_id, block),
     CHECK (cardinality(amounts) BETWEEN 1 AND 16384),
     CHECK (cardinality(item_nos) = cardinality(amounts)),
     CHECK (cardinality(levels) = cardinality(amounts)),
     CHECK (cardinality(account_nos) = cardinality(amounts))
   )`,
  `CREATE INDEX accrual_of_order ON accrual (shop_id, order_id)`,
  // Every other entry, the first and only one of a block: corrections, give-backs, rewards, amounts by
  // hand, and what a refund owes a party that was owed nothing before.
  `CREATE TABLE single_entry (
     shop_id      text        NOT NULL,
     block        bigint      NOT NULL,
     order_id     text        NOT NULL,
     item_id      text,
     level        smallint,
     account_no   bigint      NOT NULL,
     currency     text        NOT NULL,
     amount_minor bigint      NOT NULL CHECK (amount_minor <> 0),
     matures_at   timestamptz NOT NULL,
     plan_version integer,
     corrects     bigint,
     cause        text        NOT NULL,
     cause_id     text,
     correlation_id text      NOT NULL,
     booked_at    timestamptz NOT NULL,
     batch_id     bigint      NOT NULL,
     PRIMARY KEY (shop_id, block),
     CHECK (cause <> 'order' OR amount_minor > 0)
   )`,
  `CREATE INDEX single_entry_of_order ON single_entry (shop_id, order_id) WHERE order_id <> ''`,
  // Every entry with its names; what asks for one order or one number finds it by an index.
  `CREATE VIEW entry AS
   SELECT a.shop_id, a.order_id, a.block, a.block * 16384 + t.place - 1 AS entry_id,
          a.item_ids[t.item_no] AS item_id, coalesce(c.kind, 'platform-fee') AS kind,
          nullif(t.level, 0::smallint) AS level, c.owner_id AS payee_id, a.currency, t.amount_minor,
          CASE WHEN c.kind = 'supplier' THEN a.supplier_at ELSE a.commission_at END AS matures_at,
          a.plan_version, NULL::bigint AS corrects, 'order' AS cause, NULL::text AS cause_id,
          a.booked_at, a.batch_id, t.account_no
     FROM accrual a
    CROSS JOIN LATERAL unnest(a.item_nos, a.levels, a.account_nos, a.amounts)
               WITH ORDINALITY AS t(item_no, level, account_no, amount_minor, place)
     JOIN account c ON c.shop_id = a.shop_id AND c.account_no = t.account_no
   UNION ALL
   SELECT s.shop_id, s.order_id, s.block, s.block * 16384, s.item_id, coalesce(c.kind, 'platform-fee'), s.level,
          c.owner_id, s.currency, s.amount_minor, s.matures_at, s.plan_version, s.corrects, s.cause,
          s.cause_id, s.booked_at, s.batch_id, s.account_no
     FROM single_entry s
     JOIN account c ON c.shop_id = s.shop_id AND c.account_no = s.account_no`,
  // What is owed and on no statement. Rows go when a run states them; nothing else is updated here
  // but an amount that a correction changes, under the lock of the payee's bucket.
  `CREATE TABLE unstated (
     shop_id      text        NOT NULL,
     account_no   bigint      NOT NULL,
     entry_id     bigint      NOT NULL,
     amount_minor bigint      NOT NULL,
     matures_at   timestamptz NOT NULL,
     is_give_back boolean     NOT NULL DEFAULT false,
     PRIMARY KEY (shop_id, account_no, entry_id)
   ) WITH (autovacuum_vacuum_scale_factor = 0.05)`,
  `CREATE INDEX unstated_negative ON unstated (shop_id, account_no) WHERE amount_minor < 0`,
  `CREATE VIEW open_entry AS
   SELECT u.shop_id, c.kind, c.owner_id AS payee_id, c.currency, u.entry_id, u.amount_minor,
          u.matures_at, u.is_give_back, u.account_no
     FROM unstated u JOIN account c ON c.shop_id = u.shop_id AND c.account_no = u.account_no`,
  // Entries of a block wait for the word that this window has closed; the row goes when it is there.
  `CREATE TABLE awaited_window (
     shop_id      text        NOT NULL,
     closes_at    timestamptz NOT NULL,
     block        bigint      NOT NULL,
     order_id     text        NOT NULL,
     completed_at timestamptz NOT NULL,
     waited_for   boolean     NOT NULL DEFAULT false,
     PRIMARY KEY (shop_id, closes_at, block)
   ) WITH (autovacuum_vacuum_scale_factor = 0.05)`,
  // What an entry was caused by: of an order's, the word that completed it.
  `CREATE FUNCTION correlation_of(of_shop text, of_entry bigint) RETURNS text
     LANGUAGE sql STABLE AS $$
     SELECT coalesce(
       (SELECT s.correlation_id FROM single_entry s
         WHERE s.shop_id = of_shop AND s.block = of_entry / 16384),
       (SELECT o.correlation_id
          FROM accrual a
          JOIN completed_order o ON o.shop_id = a.shop_id AND o.order_id = a.order_id
         WHERE a.shop_id = of_shop AND a.block = of_entry / 16384))
     $$`,
  // The blocks of entries that an open hold of their order, or of themselves, keeps from being stated.
  `CREATE VIEW held_block AS
   SELECT h.shop_id, h.subject_type, h.subject_id, a.block
     FROM hold h JOIN accrual a ON a.shop_id = h.shop_id AND a.order_id = h.subject_id
    WHERE h.subject_type = 'order' AND h.released_at IS NULL
   UNION ALL
   SELECT h.shop_id, h.subject_type, h.subject_id, s.block
     FROM hold h
     JOIN single_entry s ON s.shop_id = h.shop_id AND s.order_id = h.subject_id AND s.order_id <> ''
    WHERE h.subject_type = 'order' AND h.released_at IS NULL
   UNION ALL
   SELECT h.shop_id, h.subject_type, h.subject_id, h.subject_id::bigint / 16384
     FROM hold h WHERE h.subject_type = 'entry' AND h.released_at IS NULL`,
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
     -- Of the version's cycles those that name this run: 0 the kind's own, 1 and up those of payees.
     cycles        smallint[]  NOT NULL DEFAULT '{0}',
     state         text        NOT NULL CHECK (state IN ('due', 'executing', 'done')),
     topic_ends    json        NOT NULL,
     noted_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
     entry_bound   bigint,
     lanes         smallint,
     statements    integer     NOT NULL DEFAULT 0,
     stated_minor  bigint      NOT NULL DEFAULT 0,
     carried       integer     NOT NULL DEFAULT 0,
     finished_at   timestamptz,
     PRIMARY KEY (shop_id, currency, kind, period),
     CHECK ((state = 'due') = (lanes IS NULL) OR finished_at IS NOT NULL)
   )`,
  // A run of many payees has several lanes, each of payees of its own: workers and replicas take one each.
  `CREATE TABLE run_lane (
     shop_id       text     NOT NULL,
     currency      text     NOT NULL,
     kind          text     NOT NULL,
     period        text     NOT NULL,
     lane          smallint NOT NULL,
     last_owner_id text     NOT NULL DEFAULT '',
     is_done       boolean  NOT NULL DEFAULT false,
     statements    integer  NOT NULL DEFAULT 0,
     stated_minor  bigint   NOT NULL DEFAULT 0,
     carried       integer  NOT NULL DEFAULT 0,
     PRIMARY KEY (shop_id, currency, kind, period, lane)
   )`,
  `CREATE INDEX run_unfinished ON run (scheduled_at, kind, shop_id) WHERE state <> 'done'`,
  `CREATE TABLE statement (
     shop_id        text        NOT NULL,
     statement_id   text        NOT NULL,
     statement_no   bigint      NOT NULL,
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
     UNIQUE (shop_id, statement_no),
     UNIQUE (shop_id, currency, kind, period, payee_id)
   )`,
  `CREATE INDEX statement_of_payee ON statement (shop_id, payee_id, issued_at)`,
  `CREATE SEQUENCE statement_no_seq AS bigint OWNED BY statement.statement_no`,
  // The key is the entry's own, for an entry has one account for ever: it stands on one statement or on
  // none. The account comes first, as a run takes entries, so that neighbours are written together.
  `CREATE TABLE statement_entry (
     shop_id      text   NOT NULL,
     account_no   bigint NOT NULL,
     entry_id     bigint NOT NULL,
     statement_no bigint NOT NULL,
     amount_minor bigint NOT NULL,
     PRIMARY KEY (shop_id, account_no, entry_id)
   )`,
  `CREATE INDEX statement_entry_of ON statement_entry (shop_id, statement_no)`,
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
     LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
     DECLARE
       total bigint := 0;
       amount bigint;
     BEGIN
       FOREACH amount IN ARRAY amounts LOOP
         total := total + amount;
       END LOOP;
       RETURN total = 0;
     END $$`,
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
     account_nos    bigint[]    NOT NULL,
     amounts        bigint[]    NOT NULL,
     batch_id       bigint      NOT NULL,
     PRIMARY KEY (shop_id, transaction_id),
     CHECK (cardinality(account_nos) = cardinality(amounts)),
     CHECK (adds_up(amounts))
   )`,
  `CREATE VIEW posting AS
   SELECT t.shop_id, t.transaction_id, t.booked_at, t.value_at, t.currency, t.cause, t.cause_id,
          c.label AS account, leg.amount_minor, leg.account_no
     FROM ledger_transaction t
    CROSS JOIN LATERAL unnest(t.account_nos, t.amounts) AS leg(account_no, amount_minor)
     JOIN account c ON c.shop_id = t.shop_id AND c.account_no = leg.account_no`,
  `CREATE TABLE journal_batch (
     shop_id    text        NOT NULL,
     batch_id   bigint      NOT NULL,
     root       bytea       NOT NULL CHECK (length(root) = 32),
     fact_count integer     NOT NULL CHECK (fact_count > 0),
     booked_at  timestamptz NOT NULL,
     PRIMARY KEY (shop_id, batch_id)
   )`,
];
