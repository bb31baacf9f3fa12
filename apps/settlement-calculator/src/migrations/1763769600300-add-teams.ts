interface Runner {
  query(sql: string): Promise<unknown>;
}

/** What teams sell, what runs have counted of it, and what was carried. */
export class AddTeams1763769600300 {
  readonly name = 'AddTeams1763769600300';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // One row an order: its goods' base now, and how much of it runs have counted.
  `CREATE TABLE team_order (
     shop_id        text        NOT NULL,
     team_id        text        NOT NULL,
     order_id       text        NOT NULL,
     currency       text        NOT NULL,
     base_minor     bigint      NOT NULL CHECK (base_minor >= 0),
     counted_minor  bigint      NOT NULL DEFAULT 0,
     counted_in     text,
     completed_at   timestamptz NOT NULL,
     window_ends_at timestamptz NOT NULL,
     waited_for     boolean     NOT NULL DEFAULT false,
     PRIMARY KEY (shop_id, order_id)
   )`,
  `CREATE INDEX team_order_changed ON team_order (shop_id, currency, team_id)
     WHERE base_minor <> counted_minor`,
  `CREATE TABLE team_carry (
     shop_id     text   NOT NULL,
     currency    text   NOT NULL,
     team_id     text   NOT NULL,
     carry_minor bigint NOT NULL CHECK (carry_minor <= 0),
     PRIMARY KEY (shop_id, currency, team_id)
   )`,
  `CREATE TABLE team_performance (
     shop_id           text   NOT NULL,
     currency          text   NOT NULL,
     team_id           text   NOT NULL,
     period            text   NOT NULL,
     order_count       integer NOT NULL,
     performance_minor bigint NOT NULL,
     reward_minor      bigint NOT NULL CHECK (reward_minor >= 0),
     batch_id          bigint,
     PRIMARY KEY (shop_id, currency, team_id, period)
   )`,
  `CREATE INDEX payee_of_team ON payee (shop_id, team_id) WHERE 'team-leader' = ANY (roles)`,
];
