/** What stopped a shop's payouts by itself, who let it pass, and what was foreseen for each of its days. */
export class AddBrake1763770000604 {
  readonly name = 'AddBrake1763770000604';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE TABLE brake (
     shop_id    text        NOT NULL,
     rule       text        NOT NULL CHECK (rule IN ('failures', 'above-forecast', 'balance-low')),
     stopped_at timestamptz NOT NULL,
     -- When somebody last let payouts go on; null while they are stopped.
     lifted_at  timestamptz,
     PRIMARY KEY (shop_id, rule)
   )`,
  // Which shops' forecasts were made when; a row for each shop that can pay.
  `CREATE TABLE forecast (
     shop_id text        PRIMARY KEY,
     made_at timestamptz NOT NULL
   )`,
  // The last word on a day before it began; a day that has begun is written no more.
  `CREATE TABLE foreseen_day (
     shop_id   text        NOT NULL,
     day       date        NOT NULL,
     due_minor bigint      NOT NULL CHECK (due_minor >= 0),
     told_at   timestamptz NOT NULL,
     PRIMARY KEY (shop_id, day)
   )`,
];
