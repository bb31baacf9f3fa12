/** What succeeded or came back within a time is asked for by who reports taxes. */
export class IndexEnds1763770000550 {
  readonly name = 'IndexEnds1763770000550';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE INDEX payout_transition_ended ON payout_transition (shop_id, at)
        WHERE to_state IN ('succeeded', 'returned')`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
