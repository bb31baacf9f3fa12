/** What buyers paid for orders by which trade, what bills have of trades, and what a day left on `clearing`. */
export class AddTrades1763770000306 {
  readonly name = 'AddTrades1763770000306';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of [...told, ...bills, ...days]) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const told = [
  // Null of what was told before, and of orders that were not paid by Alipay: they have no trade here.
  `ALTER TABLE told_order
     ADD COLUMN trade_no text,
     ADD COLUMN paid_at timestamptz,
     -- What the buyer paid, without what the platform added.
     ADD COLUMN paid_minor bigint CHECK (paid_minor BETWEEN 0 AND base_minor),
     ADD CHECK (trade_no IS NULL OR (paid_at IS NOT NULL AND paid_minor IS NOT NULL))`,
  `CREATE INDEX told_order_of_trade ON told_order (shop_id, trade_no) WHERE trade_no IS NOT NULL`,
  `CREATE INDEX told_order_paid ON told_order (shop_id, paid_at) WHERE trade_no IS NOT NULL`,
  // What the buyer got back; null of what was told before.
  `ALTER TABLE told_refund ADD COLUMN back_minor bigint
     CHECK (back_minor BETWEEN 0 AND amount_minor)`,
  `CREATE INDEX told_refund_at ON told_refund (shop_id, refunded_at)`,
];

const bills = [
  // A trade is paid on one day and its order told on another: its lines are looked up by its number.
  `CREATE INDEX bill_line_of_trade ON bill_line (shop_id, alipay_no)
     WHERE class IN ('trade', 'trade-refund')`,
  `ALTER TABLE bill ADD COLUMN trade_lines integer NOT NULL DEFAULT 0`,
  `UPDATE bill b SET trade_lines = l.trade_lines
     FROM (SELECT shop_id, day, count(*) AS trade_lines FROM bill_line
            WHERE class IN ('trade', 'trade-refund') AND alipay_no <> ''
            GROUP BY shop_id, day) l
    WHERE b.shop_id = l.shop_id AND b.day = l.day AND b.problem IS NULL`,
  `ALTER TABLE bill ALTER COLUMN trade_lines DROP DEFAULT`,
];

const days = [
  // Orders whose trades were looked at, how many of them leave nothing, how many no bill can show.
  `ALTER TABLE reconciliation
     ADD COLUMN clearing_orders  bigint NOT NULL DEFAULT 0,
     ADD COLUMN clearing_settled bigint NOT NULL DEFAULT 0,
     ADD COLUMN clearing_waiting bigint NOT NULL DEFAULT 0,
     ADD COLUMN clearing_minor   bigint NOT NULL DEFAULT 0`,
];
