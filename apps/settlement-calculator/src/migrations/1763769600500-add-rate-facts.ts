interface Runner {
  query(sql: string): Promise<unknown>;
}

/** What rates may follow: what payees sold and had refunded in a month, and what orders found. */
export class AddRateFacts1763769600500 {
  readonly name = 'AddRateFacts1763769600500';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Kept for shops that have a rate by it, from the version on that has it first.
  `CREATE TABLE payee_volume (
     shop_id        text     NOT NULL,
     payee_id       text     NOT NULL,
     currency       text     NOT NULL,
     month          text     NOT NULL,
     part           smallint NOT NULL,
     paid_minor     bigint   NOT NULL,
     refunded_minor bigint   NOT NULL,
     PRIMARY KEY (shop_id, payee_id, currency, month, part)
   )`,
  `ALTER TABLE completed_order ADD COLUMN rate_facts json`,
];
