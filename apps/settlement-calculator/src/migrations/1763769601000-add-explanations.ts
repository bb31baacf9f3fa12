interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Facts that explanations need and that were overwritten, or not kept, so far. */
export class AddExplanations1763769601000 {
  readonly name = 'AddExplanations1763769601000';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Every booking of a refund or its reversal: an order that is bound once more books its refunds again.
  `CREATE TABLE refund_booking (
     shop_id   text   NOT NULL,
     order_id  text   NOT NULL,
     refund_id text   NOT NULL,
     cause     text   NOT NULL CHECK (cause IN ('refund', 'refund-reversal')),
     batch_id  bigint NOT NULL,
     PRIMARY KEY (shop_id, order_id, refund_id, batch_id, cause)
   )`,
  `INSERT INTO refund_booking (shop_id, order_id, refund_id, cause, batch_id)
   SELECT shop_id, order_id, refund_id, 'refund', applied_batch
     FROM refund WHERE applied_batch IS NOT NULL
   UNION ALL
   SELECT shop_id, order_id, refund_id, 'refund-reversal', reversed_batch
     FROM refund WHERE reversed_batch IS NOT NULL`,
  // What each run counted of each order. Performances counted before this was kept have no batch.
  `CREATE TABLE team_count (
     shop_id      text   NOT NULL,
     currency     text   NOT NULL,
     team_id      text   NOT NULL,
     period       text   NOT NULL,
     order_id     text   NOT NULL,
     change_minor bigint NOT NULL CHECK (change_minor <> 0),
     batch_id     bigint NOT NULL,
     PRIMARY KEY (shop_id, currency, team_id, period, order_id)
   )`,
  `CREATE INDEX team_count_of_order ON team_count (shop_id, order_id)`,
  // What a team sold and carried before this batch was settled elsewhere: the next run begins anew.
  `CREATE TABLE team_forgotten (
     shop_id  text   NOT NULL,
     team_id  text   NOT NULL,
     batch_id bigint NOT NULL,
     PRIMARY KEY (shop_id, team_id, batch_id)
   )`,
  // The terms under which a statement was made; null of those made before they were kept.
  `ALTER TABLE statement ADD COLUMN min_payout_minor bigint, ADD COLUMN transfer_max_minor bigint`,
  // Why an operator holds something is asked by what is held.
  `CREATE INDEX audit_of_subject ON audit (shop_id, subject_type, subject_id)`,
];
