/** Who raised an alert, how it ends, and who has looked. */
export class AddAcknowledgements1763770000101 {
  readonly name = 'AddAcknowledgements1763770000101';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      ALTER TABLE alert_state
        ADD COLUMN ends text NOT NULL DEFAULT 'by-itself'
          CHECK (ends IN ('by-itself', 'when-acknowledged')),
        ADD COLUMN raised_by           text,
        ADD COLUMN acknowledged_by     text,
        ADD COLUMN acknowledged_at     timestamptz,
        ADD COLUMN acknowledged_reason text,
        ADD CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
        ADD CHECK ((acknowledged_by IS NULL) = (acknowledged_reason IS NULL))`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
