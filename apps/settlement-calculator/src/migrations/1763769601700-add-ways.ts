interface Runner {
  query(sql: string): Promise<unknown>;
}

/** By which way each payout goes; what was asked for until now went by transfer. */
export class AddWays1763769601700 {
  readonly name = 'AddWays1763769601700';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // The plan's way when it was issued. A payout may go by another: what is too small, or does not fit.
  `ALTER TABLE statement ADD COLUMN pay_via text NOT NULL DEFAULT 'transfer'
     CHECK (pay_via IN ('transfer', 'batch', 'royalty'))`,
  `ALTER TABLE payout ADD COLUMN pay_via text NOT NULL DEFAULT 'transfer'
     CHECK (pay_via IN ('transfer', 'batch', 'royalty'))`,
];
