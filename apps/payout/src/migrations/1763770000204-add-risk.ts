/** Shops' limits and lists, once somebody has changed them; until then the defaults hold. */
export class AddRisk1763770000204 {
  readonly name = 'AddRisk1763770000204';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE risk (
        shop_id    text        PRIMARY KEY,
        document   json        NOT NULL,
        changed_by text        NOT NULL,
        changed_at timestamptz NOT NULL
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
