import { insertRows, type Database, type Tx } from '@qingfen/database';
import type { AlertState } from './alert-state.js';

/** Stands for "no shop" in keys, which cannot hold null; no shop's id looks like it. */
const noShop = '*';

interface AlertRow extends Omit<AlertState, 'shopId' | 'subject'> {
  readonly shopId: string;
  readonly subjectType: string;
  readonly subjectId: string;
}

const columns = `shop_id AS "shopId", alert_id AS "alertId", class, severity,
  subject_type AS "subjectType", subject_id AS "subjectId", message, message_zh AS "messageZh",
  raised_at AS "raisedAt", resolved_at AS "resolvedAt"`;

/** Alerts under their row locks, sorted by key, so that all take them in one order. */
export async function lockAlerts(tx: Tx, alertIds: readonly string[]): Promise<AlertState[]> {
  const rows = await tx.query<AlertRow>(
    `SELECT ${columns} FROM alert_state WHERE alert_id = ANY ($1)
     ORDER BY shop_id, alert_id FOR UPDATE`,
    [alertIds],
  );
  return rows.map(stateOf);
}

/** Writes what alerts have become, each at most once in `alerts`. */
export async function saveAlerts(tx: Tx, alerts: readonly AlertState[]): Promise<void> {
  await insertRows(tx, {
    table: 'alert_state',
    columns: {
      shop_id: 'text',
      alert_id: 'text',
      state: 'text',
      class: 'text',
      severity: 'text',
      subject_type: 'text',
      subject_id: 'text',
      message: 'text',
      message_zh: 'text',
      raised_at: 'timestamptz',
      resolved_at: 'timestamptz',
    },
    rows: alerts.map((alert) => [
      alert.shopId ?? noShop,
      alert.alertId,
      alert.resolvedAt === null ? 'raised' : 'resolved',
      alert.class,
      alert.severity,
      alert.subject.type,
      alert.subject.id,
      alert.message,
      alert.messageZh,
      alert.raisedAt,
      alert.resolvedAt,
    ]),
    onConflict: `(shop_id, alert_id) DO UPDATE SET state = excluded.state,
      class = excluded.class, severity = excluded.severity, subject_type = excluded.subject_type,
      subject_id = excluded.subject_id, message = excluded.message,
      message_zh = excluded.message_zh, raised_at = excluded.raised_at,
      resolved_at = excluded.resolved_at`,
  });
}

/** Which alerts to list, and behind which one. */
export interface AlertPage {
  /** null: of every shop and of none. */
  readonly shopId: string | null;
  readonly state: 'raised' | 'resolved' | null;
  readonly after: { readonly at: Date; readonly id: string } | null;
  readonly limit: number;
}

/** Alerts by the instant that they were raised at, oldest first. */
export async function listAlerts(database: Database, page: AlertPage): Promise<AlertState[]> {
  const rows = await database.query<AlertRow>(
    `SELECT ${columns} FROM alert_state
     WHERE ($1::text IS NULL OR shop_id = $1) AND ($2::text IS NULL OR state = $2)
       AND ($3::timestamptz IS NULL OR (raised_at, alert_id) > ($3, $4))
     ORDER BY raised_at, alert_id LIMIT $5`,
    [page.shopId, page.state, page.after?.at ?? null, page.after?.id ?? null, page.limit],
  );
  return rows.map(stateOf);
}

function stateOf({ subjectType, subjectId, ...row }: AlertRow): AlertState {
  return {
    ...row,
    shopId: row.shopId === noShop ? null : row.shopId,
    subject: { type: subjectType, id: subjectId },
  };
}
