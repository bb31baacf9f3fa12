import type { Tx } from '@qingfen/database';
import type { Caller } from '@qingfen/security';

export interface AuditRecord {
  readonly caller: Caller;
  /** What was done, as a verb and a noun: `plan.publish`. */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly shopId: string | null;
  /** Secrets never stand here: callers leave them out. */
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  /** Business time. */
  readonly at: Date;
}

/** Appends who changed what, in the transaction that changes it (R-SEC-3). */
export async function audit(tx: Tx, record: AuditRecord): Promise<void> {
  await tx.query(
    `INSERT INTO audit (shop_id, actor, issuer, request_id, action, subject_type, subject_id,
                        before, after, reason, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, $10, $11)`,
    [
      record.shopId ?? '*',
      record.caller.subject,
      record.caller.issuer,
      record.caller.requestId,
      record.action,
      record.subject.type,
      record.subject.id,
      JSON.stringify(record.before ?? null),
      JSON.stringify(record.after ?? null),
      record.reason,
      record.at,
    ],
  );
}

export class AddAudit1763769600001 {
  readonly name = 'AddAudit1763769600001';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(`
      CREATE TABLE audit (
        shop_id      text        NOT NULL,
        audit_id     bigint      GENERATED ALWAYS AS IDENTITY,
        actor        text        NOT NULL,
        issuer       text        NOT NULL,
        request_id   text        NOT NULL,
        action       text        NOT NULL,
        subject_type text        NOT NULL,
        subject_id   text        NOT NULL,
        before       jsonb       NOT NULL,
        after        jsonb       NOT NULL,
        reason       text,
        at           timestamptz NOT NULL,
        recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (shop_id, audit_id)
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
