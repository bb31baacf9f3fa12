interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Results of simulations whose list is longer than one page, kept for an hour: no facts, no books. */
export class AddSimulation1763769600810 {
  readonly name = 'AddSimulation1763769600810';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE TABLE simulation (
     shop_id       text        NOT NULL,
     simulation_id text        NOT NULL,
     request_hash  text        NOT NULL CHECK (length(request_hash) = 64),
     head          json        NOT NULL,
     made_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (shop_id, simulation_id)
   )`,
  `CREATE INDEX simulation_by_age ON simulation (made_at)`,
  `CREATE TABLE simulation_item (
     shop_id        text    NOT NULL,
     simulation_id  text    NOT NULL,
     place          integer NOT NULL CHECK (place >= 0),
     payee_id       text    NOT NULL,
     kind           text    NOT NULL,
     owed_minor     bigint  NOT NULL CHECK (owed_minor >= 0),
     owed_now_minor bigint  NOT NULL CHECK (owed_now_minor >= 0),
     PRIMARY KEY (shop_id, simulation_id, place)
   )`,
];
