import { insertRows, type Database, type Tx } from '@qingfen/database';
import type { ListRecord, ListSpan } from '@qingfen/hosting';
import type { AlertStep } from './alert-state.js';

/** Appends what happened to alerts, in this order. */
export async function appendSteps(tx: Tx, steps: readonly AlertStep[]): Promise<void> {
  await insertRows(tx, {
    table: 'alert_step',
    columns: {
      shop_id: 'text',
      alert_id: 'text',
      what: 'text',
      at: 'timestamptz',
      raised_at: 'timestamptz',
      class: 'text',
      severity: 'text',
      subject_type: 'text',
      subject_id: 'text',
      message: 'text',
      message_zh: 'text',
      by: 'text',
      reason: 'text',
    },
    rows: steps.map(({ what, at, by, reason, alert }) => [
      alert.shopId ?? '*',
      alert.alertId,
      what,
      at,
      alert.raisedAt,
      alert.class,
      alert.severity,
      alert.subject.type,
      alert.subject.id,
      alert.message,
      alert.messageZh,
      by,
      reason,
    ]),
  });
}

interface StepRow {
  readonly step_no: bigint;
  readonly alert_id: string;
  readonly what: AlertStep['what'];
  readonly at: Date;
  readonly raised_at: Date;
  readonly class: string;
  readonly severity: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly message: string;
  readonly message_zh: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** What happened to a shop's alerts within a span, and since to those that were raised in it. */
export async function auditedSteps(
  database: Pick<Database, 'query'>,
  { shopId, from, to, after, limit }: ListSpan,
): Promise<ListRecord[]> {
  const rows = await database.query<StepRow>(
    `SELECT * FROM alert_step
      WHERE shop_id = $1 AND step_no > $4
        AND ((at >= $2 AND at < $3) OR (raised_at >= $2 AND raised_at < $3))
      ORDER BY step_no LIMIT $5`,
    [shopId, from, to, BigInt(after), limit],
  );
  return rows.map((row) => [
    row.step_no.toString(),
    ...[row.alert_id, row.what, row.at.getTime(), row.raised_at.getTime()],
    ...[row.class, row.severity, row.subject_type, row.subject_id],
    ...[row.message, row.message_zh, row.by, row.reason],
  ]);
}
