interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Orders that a version bound which came, or was withdrawn, after they did. */
export class AddRebinding1763769600600 {
  readonly name = 'AddRebinding1763769600600';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Orders of a shop that were paid since then are still to be compared with its versions.
  `CREATE TABLE rebind_check (
     shop_id text        PRIMARY KEY,
     since   timestamptz NOT NULL
   )`,
  // Orders come about as they are paid: this finds the late ones, and costs next to nothing to keep.
  `CREATE INDEX completed_order_paid ON completed_order USING brin (paid_at)`,
  `CREATE TABLE order_rebinding (
     shop_id      text        NOT NULL,
     order_id     text        NOT NULL,
     batch_id     bigint      NOT NULL,
     from_version integer     NOT NULL,
     to_version   integer,
     rebound_at   timestamptz NOT NULL,
     PRIMARY KEY (shop_id, order_id, batch_id)
   )`,
];
