/** Up to where each shop's account log was read during the day, and when it was looked at. */
export class AddAccountLogLooks1763770000406 {
  readonly name = 'AddAccountLogLooks1763770000406';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(
      `CREATE TABLE account_log_look (
         shop_id    text        PRIMARY KEY,
         looked_at  timestamptz NOT NULL,
         read_until timestamptz NOT NULL
       )`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
