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
];
