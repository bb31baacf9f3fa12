interface Runner {
  query(sql: string): Promise<unknown>;
}

/** The journal is sealed: batches into blocks, blocks into a chain, a day's last block signed. */
export class AddSeal1763769601150 {
  readonly name = 'AddSeal1763769601150';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Marks say which row is not what was noted; batches from before them can only be named as a whole.
  // A batch's block is the one thing that is set later, once, by the sealer.
  `ALTER TABLE journal_batch ADD COLUMN leaf_marks bytea, ADD COLUMN block bigint CHECK (block > 0)`,
  // Hashes do not compress: trying to costs, and gains nothing.
  `ALTER TABLE journal_batch ALTER COLUMN leaf_marks SET STORAGE EXTERNAL`,
  `CREATE INDEX journal_batch_unsealed ON journal_batch (shop_id, batch_id) WHERE block IS NULL`,
  `CREATE INDEX journal_batch_of_block ON journal_batch (shop_id, block) WHERE block IS NOT NULL`,
  // In which order a batch noted rows that no number of theirs tells; rows that are there get theirs in
  // the order in which they lie, which is the one in which they came.
  `ALTER TABLE statement ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY`,
  `ALTER TABLE settled_outside ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY`,
  `ALTER TABLE order_rebinding ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY`,
  // Rows of a batch lie beside each other: ranges of pages find them, and cost next to nothing to keep.
  ...[
    'accrual',
    'single_entry',
    'entry_adjustment',
    'ledger_transaction',
    'statement',
    'settled_outside',
    'order_rebinding',
  ].map(
    (table) => `CREATE INDEX ${table}_of_batch ON ${table} USING brin (batch_id)
                  WITH (pages_per_range = 16, autosummarize = on)`,
  ),
  `CREATE TABLE ledger_block (
     shop_id     text        NOT NULL,
     block       bigint      NOT NULL CHECK (block > 0),
     batch_count integer     NOT NULL CHECK (batch_count > 0),
     fact_count  integer     NOT NULL CHECK (fact_count >= batch_count),
     last_batch  bigint      NOT NULL,
     sealed_at   timestamptz NOT NULL,
     root        bytea       NOT NULL CHECK (length(root) = 32),
     previous    bytea       NOT NULL CHECK (length(previous) = 32),
     history     bytea       NOT NULL CHECK (length(history) = 32),
     hash        bytea       NOT NULL CHECK (length(hash) = 32),
     batch_marks bytea       NOT NULL,
     PRIMARY KEY (shop_id, block)
   )`,
  // The complete nodes of the tree over a shop's blocks: a proof reads a few dozen of them.
  `CREATE TABLE ledger_node (
     shop_id text     NOT NULL,
     level   smallint NOT NULL,
     place   bigint   NOT NULL,
     hash    bytea    NOT NULL CHECK (length(hash) = 32),
     PRIMARY KEY (shop_id, level, place)
   )`,
  // Every head that was ever said; the day's own is the one with its highest block.
  `CREATE TABLE ledger_head (
     shop_id   text        NOT NULL,
     day       date        NOT NULL,
     block     bigint      NOT NULL,
     hash      bytea       NOT NULL CHECK (length(hash) = 32),
     signature bytea       NOT NULL CHECK (length(signature) = 64),
     key_id    text        NOT NULL,
     said_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (shop_id, block)
   )`,
  // The sealer's own row of each shop: how far it has sealed, and how far that is signed and said.
  `CREATE TABLE ledger_tip (
     shop_id      text        PRIMARY KEY,
     block        bigint      NOT NULL,
     headed_block bigint      NOT NULL DEFAULT 0,
     headed_at    timestamptz NOT NULL DEFAULT '-infinity'
   )`,
  `CREATE INDEX ledger_tip_unheaded ON ledger_tip (headed_at) WHERE headed_block < block`,
  // What each batch moves on each account: what was posted, and what its entries say is owed.
  `CREATE VIEW account_movement AS
   SELECT t.shop_id, t.batch_id, leg.account_no, greatest(leg.amount, 0) AS debit_minor,
          greatest(-leg.amount, 0) AS credit_minor, 0::bigint AS owed_minor
     FROM ledger_transaction t
    CROSS JOIN LATERAL unnest(t.account_nos, t.amounts) AS leg(account_no, amount)
   UNION ALL
   SELECT a.shop_id, a.batch_id, e.account_no, 0, 0, e.amount
     FROM accrual a CROSS JOIN LATERAL unnest(a.account_nos, a.amounts) AS e(account_no, amount)
   UNION ALL
   SELECT shop_id, batch_id, account_no, 0, 0, amount_minor FROM single_entry
   UNION ALL
   SELECT j.shop_id, j.batch_id,
          coalesce((SELECT a.account_nos[j.entry_id % 16384 + 1] FROM accrual a
                     WHERE a.shop_id = j.shop_id AND a.block = j.entry_id / 16384),
                   (SELECT s.account_no FROM single_entry s
                     WHERE s.shop_id = j.shop_id AND s.block = j.entry_id / 16384)),
          0, 0, j.amount_minor
     FROM entry_adjustment j
   UNION ALL
   SELECT s.shop_id, s.batch_id, l.account_no, 0, 0, -l.amount_minor
     FROM statement s
     JOIN statement_entry l ON l.shop_id = s.shop_id AND l.statement_no = s.statement_no
   UNION ALL
   SELECT shop_id, batch_id, account_no, 0, 0, -amount_minor FROM settled_outside`,
  // The snapshot: everything up to the block that the watch has come to. Only the watch writes here.
  `CREATE TABLE account_balance (
     shop_id      text   NOT NULL,
     account_no   bigint NOT NULL,
     debit_minor  bigint NOT NULL,
     credit_minor bigint NOT NULL,
     owed_minor   bigint NOT NULL,
     PRIMARY KEY (shop_id, account_no)
   ) WITH (fillfactor = 80)`,
  `CREATE TABLE ledger_watch (
     shop_id         text        PRIMARY KEY,
     folded_block    bigint      NOT NULL DEFAULT 0,
     folded_until    timestamptz NOT NULL DEFAULT '-infinity',
     next_account_no bigint      NOT NULL DEFAULT 0,
     next_block      bigint      NOT NULL DEFAULT 1,
     looked_at       timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  `CREATE INDEX payout_under_way ON payout (shop_id, currency) WHERE status IS NULL`,
];
