/** How fast Alipay may be called, shared by all replicas: one row for each application and call. */
export class AddCallRates1763770000404 {
  readonly name = 'AddCallRates1763770000404';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE call_rate (
        app_id   text        NOT NULL,
        api      text        NOT NULL,
        -- Real time of the database: when the next call may start.
        ready_at timestamptz NOT NULL,
        PRIMARY KEY (app_id, api)
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
