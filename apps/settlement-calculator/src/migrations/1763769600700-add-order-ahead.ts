/** Until when a shop's events lie ahead of the clock: the alert about them ends then. */
export class AddOrderAhead1763769600700 {
  readonly name = 'AddOrderAhead1763769600700';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE order_ahead (
        shop_id      text        PRIMARY KEY,
        completed_at timestamptz NOT NULL
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
