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
     CHECK (pay_via IN ('transfer', 'batch', 'royalty')),
     -- Of a split: of which order, and of which trade.
     ADD COLUMN order_id text, ADD COLUMN trade_no text,
     -- What goes by transfer after a statement's splits is asked for when all of them have ended.
     ADD COLUMN is_requested boolean NOT NULL DEFAULT true,
     -- What came back of a split with refunds of its order.
     ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0,
     ADD CHECK ((pay_via = 'royalty') = (trade_no IS NOT NULL)),
     ADD CHECK ((order_id IS NULL) = (trade_no IS NULL)),
     ADD CHECK (returned_minor BETWEEN 0 AND amount_minor),
     ADD CHECK (is_requested OR status IS NULL)`,
  `CREATE INDEX payout_of_trade ON payout (shop_id, trade_no) WHERE trade_no IS NOT NULL`,
  `CREATE INDEX payout_unrequested ON payout (shop_id, statement_id) WHERE NOT is_requested`,
];
