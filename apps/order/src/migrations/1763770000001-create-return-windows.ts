/** Copies of shops and plan versions, and the return window of every completion that was told. */
export class CreateReturnWindows1763770000001 {
  readonly name = 'CreateReturnWindows1763770000001';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE shop (
        shop_id    text        PRIMARY KEY,
        timezone   text        NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE plan_version (
        shop_id            text        NOT NULL,
        version            integer     NOT NULL CHECK (version > 0),
        hash               text        NOT NULL,
        return_window_days integer     NOT NULL CHECK (return_window_days >= 0),
        published_at       timestamptz NOT NULL,
        effective_from     timestamptz NOT NULL,
        withdrawn_at       timestamptz,
        PRIMARY KEY (shop_id, version)
      )`);
    // A completion is told by its dates: what is told twice is one row, what contradicts is another.
    await runner.query(`
      CREATE TABLE return_window (
        shop_id        text        NOT NULL,
        order_id       text        NOT NULL,
        completed_at   timestamptz NOT NULL,
        paid_at        timestamptz NOT NULL,
        -- null: no version was in force when the order was paid
        version        integer,
        closes_at      timestamptz,
        -- the end that was last said
        said_closes_at timestamptz,
        PRIMARY KEY (shop_id, order_id, completed_at, paid_at),
        CHECK ((version IS NULL) = (closes_at IS NULL)),
        CHECK (closes_at >= completed_at)
      )`);
    await runner.query(`
      CREATE INDEX return_window_unsaid ON return_window (closes_at)
      WHERE closes_at IS NOT NULL AND (said_closes_at IS NULL OR said_closes_at < closes_at)`);
    await runner.query('CREATE INDEX return_window_paid ON return_window (shop_id, paid_at)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
