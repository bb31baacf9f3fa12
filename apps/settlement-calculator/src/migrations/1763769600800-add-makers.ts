/** Who caused what a statement lists by hand: none of them approves its payouts (domain.md 7). */
export class AddMakers1763769600800 {
  readonly name = 'AddMakers1763769600800';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`ALTER TABLE statement ADD COLUMN makers text[] NOT NULL DEFAULT '{}'`);
    // A payee's few entries that people caused, among the many that orders did.
    await runner.query(`
      CREATE INDEX single_entry_by_hand ON single_entry (shop_id, account_no)
        WHERE cause IN ('adjustment', 'opening', 'recovery', 'give-back')`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
