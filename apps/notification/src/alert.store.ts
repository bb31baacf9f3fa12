import { insertRows, type Database, type Tx } from '@qingfen/database';
import type { AlertState } from './alert-state.js';

/** Stands for "no shop" in keys, which cannot hold null; no shop's id looks like it. */
const noShop = '*';

interface AlertRow extends Omit<AlertState, 'shopId' | 'subject' | 'acknowledged'> {
  readonly shopId: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedReason: string | null;
}

const columns = `shop_id AS "shopId", alert_id AS "alertId", class, severity,
  subject_type AS "subjectType", subject_id AS "subjectId", message, message_zh AS "messageZh",
  ends, raised_by AS "raisedBy", raised_at AS "raisedAt", resolved_at AS "resolvedAt",
  acknowledged_by AS "acknowledgedBy", acknowledged_at AS "acknowledgedAt",
  acknowledged_reason AS "acknowledgedReason"`;

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
      ends: 'text',
      raised_by: 'text',
      acknowledged_by: 'text',
      acknowledged_at: 'timestamptz',
      acknowledged_reason: 'text',
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
      alert.ends,
      alert.raisedBy,
      alert.acknowledged?.by ?? null,
      alert.acknowledged?.at ?? null,
      alert.acknowledged?.reason ?? null,
    ]),
    onConflict: `(shop_id, alert_id) DO UPDATE SET state = excluded.state,
      class = excluded.class, severity = excluded.severity, subject_type = excluded.subject_type,
      subject_id = excluded.subject_id, message = excluded.message,
      message_zh = excluded.message_zh, raised_at = excluded.raised_at,
      resolved_at = excluded.resolved_at, ends = excluded.ends, raised_by = excluded.raised_by,
      acknowledged_by = excluded.acknowledged_by, acknowledged_at = excluded.acknowledged_at,
      acknowledged_reason = excluded.acknowledged_reason`,
  });
}

/** Which alerts to list, and behind which one. */
export interface AlertPage {
  /** null: of every shop and of none. */
  readonly shopId: string | null;
  readonly state: 'raised' | 'resolved' | null;
  /** Whether somebody has looked; null: whether or not. */
  readonly isAcknowledged: boolean | null;
  readonly after: { readonly at: Date; readonly id: string } | null;
  readonly limit: number;
}

/** Alerts by the instant that they were raised at, oldest first. */
export async function listAlerts(database: Database, page: AlertPage): Promise<AlertState[]> {
  const rows = await database.query<AlertRow>(
    `SELECT ${columns} FROM alert_state
     WHERE ($1::text IS NULL OR shop_id = $1) AND ($2::text IS NULL OR state = $2)
       AND ($3::boolean IS NULL OR (acknowledged_by IS NOT NULL) = $3)
       AND ($4::timestamptz IS NULL OR (raised_at, alert_id) > ($4, $5))
     ORDER BY raised_at, alert_id LIMIT $6`,
    [
      page.shopId,
      page.state,
      page.isAcknowledged,
      page.after?.at ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  );
  return rows.map(stateOf);
}

/** How many alerts of one class, or (null) of all classes, were raised in a time and are not over. */
export interface AlertCountRow {
  readonly class: string | null;
  readonly severity: AlertState['severity'] | null;
  readonly raised: bigint;
  readonly open: bigint;
}

/** Alerts of a shop by class, and all of them; of one raised several times the last time counts. */
export function countAlerts(
  database: Database,
  { shopId, from, to }: { readonly shopId: string; readonly from: Date; readonly to: Date },
): Promise<AlertCountRow[]> {
  return database.query<AlertCountRow>(
    `SELECT class, severity, count(*) FILTER (WHERE raised_at >= $2 AND raised_at < $3) AS raised,
            count(*) FILTER (WHERE state = 'raised') AS open
       FROM alert_state
      WHERE shop_id = $1 AND (state = 'raised' OR (raised_at >= $2 AND raised_at < $3))
      GROUP BY GROUPING SETS ((class, severity), ()) ORDER BY class, severity`,
    [shopId, from, to],
  );
}

/** One alert, of the shop if one is named; an id is of one alert alone. */
export async function findAlert(
  database: Database,
  { shopId, alertId }: { readonly shopId: string | null; readonly alertId: string },
): Promise<AlertState | null> {
  const [row] = await database.query<AlertRow>(
    `SELECT ${columns} FROM alert_state
     WHERE alert_id = $1 AND ($2::text IS NULL OR shop_id = $2) LIMIT 1`,
    [alertId, shopId],
  );
  return row === undefined ? null : stateOf(row);
}

function stateOf(row: AlertRow): AlertState {
  const { subjectType, subjectId, acknowledgedBy, acknowledgedAt, acknowledgedReason, ...alert } =
    row;
  return {
    ...alert,
    shopId: row.shopId === noShop ? null : row.shopId,
    subject: { type: subjectType, id: subjectId },
    acknowledged:
      acknowledgedBy === null || acknowledgedAt === null
        ? null
        : { by: acknowledgedBy, at: acknowledgedAt, reason: acknowledgedReason ?? '' },
  };
}
