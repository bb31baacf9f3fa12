interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Which payees of a kind are really paid, and what happens with those that are not, or not yet. */
export class AddRollout1763769600900 {
  readonly name = 'AddRollout1763769600900';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE TABLE rollout (
     shop_id text NOT NULL,
     kind    text NOT NULL CHECK (kind IN ('commission', 'supplier', 'team-reward')),
     rollout json NOT NULL,
     PRIMARY KEY (shop_id, kind)
   )`,
  // What a run began with decides in all its chunks. Null: begun before there was a rollout.
  `ALTER TABLE run ADD COLUMN rollout json`,
  `CREATE TABLE trial_statement (
     shop_id         text        NOT NULL,
     currency        text        NOT NULL,
     kind            text        NOT NULL,
     period          text        NOT NULL,
     payee_id        text        NOT NULL,
     net_minor       bigint      NOT NULL CHECK (net_minor > 0),
     period_minor    bigint      NOT NULL,
     entry_count     integer     NOT NULL,
     rollout_number  smallint    NOT NULL,
     scheduled_at    timestamptz NOT NULL,
     PRIMARY KEY (shop_id, currency, kind, period, payee_id)
   )`,
  // Payees that came inside with a word that all that matured before is settled: closed chunk by chunk.
  `CREATE TABLE outside_closing (
     closing_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     shop_id         text        NOT NULL,
     kind            text        NOT NULL,
     settled_before  timestamptz NOT NULL,
     rollout_before  json        NOT NULL,
     rollout_after   json        NOT NULL,
     last_owner_id   text        NOT NULL DEFAULT '',
     is_done         boolean     NOT NULL DEFAULT false,
     entries         integer     NOT NULL DEFAULT 0,
     settled_minor   bigint      NOT NULL DEFAULT 0
   )`,
  `CREATE INDEX outside_closing_open ON outside_closing (closing_id) WHERE NOT is_done`,
];
