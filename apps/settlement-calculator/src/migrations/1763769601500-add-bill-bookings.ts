/** What Alipay's bills have added to the books, by name; the ledger has every step there. */
export class AddBillBookings1763769601500 {
  readonly name = 'AddBillBookings1763769601500';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE bill_booking (
        shop_id      text    NOT NULL,
        item         text    NOT NULL,
        account      text    NOT NULL,
        amount_minor bigint  NOT NULL,
        revision     integer NOT NULL CHECK (revision > 0),
        PRIMARY KEY (shop_id, item)
      )`);
    // Only what moves cash has a value date: the balance of a day is a sum over these alone.
    await runner.query(`
      CREATE INDEX ledger_transaction_by_value ON ledger_transaction (shop_id, value_at)
      WHERE value_at IS NOT NULL`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
