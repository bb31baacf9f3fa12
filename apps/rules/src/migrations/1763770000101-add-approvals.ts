import { approvalTable } from '@qingfen/approvals';

/** Plans that want a second person, and who approved the versions that came of them. */
export class AddApprovals1763770000101 {
  readonly name = 'AddApprovals1763770000101';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of approvalTable(['plan'])) await runner.query(statement);
    await runner.query(
      'ALTER TABLE plan_version ADD COLUMN approved_by text CHECK (approved_by <> published_by)',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
