interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Who is told of versions that take effect later (R-RUL-5). */
export class AddPlanNotices1763769600820 {
  readonly name = 'AddPlanNotices1763769600820';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE TABLE plan_announcement (
     shop_id       text        NOT NULL,
     version       integer     NOT NULL,
     listed_at     timestamptz NOT NULL,
     is_told       boolean     NOT NULL DEFAULT false,
     is_taken_back boolean     NOT NULL DEFAULT false,
     PRIMARY KEY (shop_id, version)
   )`,
  // One row for each payee that is to be told; the list is made once, when the version comes.
  `CREATE TABLE plan_notice (
     shop_id       text        NOT NULL,
     version       integer     NOT NULL,
     payee_id      text        NOT NULL,
     told_at       timestamptz,
     taken_back_at timestamptz CHECK (told_at IS NOT NULL OR taken_back_at IS NULL),
     PRIMARY KEY (shop_id, version, payee_id)
   )`,
  // Versions that are here already were published before anybody was told of any.
  `INSERT INTO plan_announcement (shop_id, version, listed_at, is_told, is_taken_back)
   SELECT shop_id, version, published_at, true, true FROM plan_version
    WHERE effective_from > published_at`,
];
