/** Which days an operator is to be told of, and deliveries that are to no payee. */
export class AddDigests1763770000201 {
  readonly name = 'AddDigests1763770000201';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Null: it is the shop's operator who is told.
  'ALTER TABLE delivery ALTER COLUMN payee_id DROP NOT NULL',
  `CREATE TABLE digest (
     shop_id     text        NOT NULL,
     -- As the comparison names it; it is reported for the same date in the shop's zone.
     day         date        NOT NULL,
     -- Counts the comparisons of the day that came to something else than the one before.
     edition     integer     NOT NULL DEFAULT 1 CHECK (edition > 0),
     -- What the last comparison came to, as it was told.
     outcome     text        NOT NULL,
     state       text        NOT NULL DEFAULT 'due'
                 CHECK (state IN ('due', 'written', 'quiet', 'failed')),
     -- Whether an edition of it was written: the next one corrects it.
     has_mail    boolean     NOT NULL DEFAULT false,
     attempts    integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
     -- Business time: not before the shop's day has ended.
     ready_at    timestamptz NOT NULL,
     -- Real time: when the report is asked for, or, while it is, when who asks is given up.
     next_try_at timestamptz NOT NULL,
     PRIMARY KEY (shop_id, day)
   )`,
  `CREATE INDEX digest_due ON digest (next_try_at) WHERE state = 'due'`,
  `CREATE INDEX alert_state_open ON alert_state (shop_id) WHERE state = 'raised'`,
];
