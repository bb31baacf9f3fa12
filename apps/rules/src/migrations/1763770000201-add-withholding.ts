/** How a shop withholds tax, as it was set; null: it withholds none. */
export class AddWithholding1763770000201 {
  readonly name = 'AddWithholding1763770000201';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query('ALTER TABLE shop ADD COLUMN withholding json');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
