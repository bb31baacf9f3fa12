/** Shops and their immutable plan versions. */
export class CreateShopsAndPlans1763770000001 {
  readonly name = 'CreateShopsAndPlans1763770000001';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE shop (
        shop_id            text        PRIMARY KEY,
        name               text        NOT NULL,
        timezone           text        NOT NULL,
        notice_period_days integer     NOT NULL CHECK (notice_period_days BETWEEN 0 AND 3650),
        transfer_max_minor bigint      NOT NULL CHECK (transfer_max_minor > 0),
        last_version       integer     NOT NULL DEFAULT 0 CHECK (last_version >= 0),
        last_published_at  timestamptz,
        updated_at         timestamptz NOT NULL,
        CHECK ((last_version = 0) = (last_published_at IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE plan_version (
        shop_id         text        NOT NULL,
        version         integer     NOT NULL CHECK (version > 0),
        plan            json        NOT NULL,
        hash            text        NOT NULL,
        published_at    timestamptz NOT NULL,
        effective_from  timestamptz NOT NULL CHECK (effective_from >= published_at),
        withdrawn_at    timestamptz CHECK (withdrawn_at < effective_from),
        -- What the publisher asked for: a repeated call is told from a new one by it.
        requested_from  timestamptz,
        -- The publisher was sent away (503) before the broker had acknowledged the version.
        is_answer_owed  boolean     NOT NULL DEFAULT false,
        published_by    text        NOT NULL,
        PRIMARY KEY (shop_id, version),
        UNIQUE (shop_id, published_at)
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
