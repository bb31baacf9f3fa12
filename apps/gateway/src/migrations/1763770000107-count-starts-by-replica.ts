/** A service may run several times: each replica's starts are counted by themselves. */
export class CountStartsByReplica1763770000107 {
  readonly name = 'CountStartsByReplica1763770000107';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query('ALTER TABLE service_start ADD COLUMN replica integer NOT NULL DEFAULT 1');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
