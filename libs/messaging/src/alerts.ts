import type { ServiceName } from '@qingfen/contracts';
import { insertRows, type Tx } from '@qingfen/database';
import { derivedUuid } from './identity.js';
import type { AlertInput, AlertSubject, OutgoingEvent } from './unit.js';
import type { AlertChange } from './unit-buffer.js';

interface AlertRow {
  readonly shop_id: string;
  readonly alert_id: string;
  readonly class: string;
  readonly severity: AlertInput['severity'];
  readonly subject_type: string;
  readonly subject_id: string;
  readonly message: string;
  readonly message_zh: string;
  readonly times: number;
}

/** Stands for "no shop" in keys, which cannot hold null; no shop id looks like it. */
const noShop = '*';

const columns = {
  shop_id: 'text',
  alert_id: 'uuid',
  class: 'text',
  severity: 'text',
  subject_type: 'text',
  subject_id: 'text',
  message: 'text',
  message_zh: 'text',
  state: 'text',
  changed_at: 'timestamptz',
};

const returned =
  'shop_id, alert_id, class, severity, subject_type, subject_id, message, message_zh, times';

/** The id of a condition: class, shop and subject. */
export function alertIdOf(alert: Pick<AlertInput, 'class' | 'shopId' | 'subject'>): string {
  const { subject } = alert;
  return derivedUuid('alert', alert.class, alert.shopId ?? noShop, subject.type, subject.id);
}

/** PostgreSQL's text holds no NUL, which what came from outside may. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD');
}

async function raise(tx: Tx, alerts: readonly AlertInput[], now: Date): Promise<AlertRow[]> {
  const byId = new Map(alerts.map((alert) => [alertIdOf(alert), alert]));
  const ids = [...byId.keys()];
  // Looked up first and without a lock: a condition that lasts must not line batches up behind
  // its one row.
  const known = await tx.query<{ alert_id: string }>(
    `SELECT alert_id FROM alert
      WHERE alert_id = ANY($1::uuid[]) AND shop_id = ANY($2) AND state = 'raised'`,
    [ids, [...new Set(alerts.map((alert) => alert.shopId ?? noShop))]],
  );
  for (const { alert_id: id } of known) byId.delete(id);
  const rows = [...byId]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, alert]) => [
      alert.shopId ?? noShop,
      id,
      alert.class,
      alert.severity,
      alert.subject.type,
      storable(alert.subject.id),
      storable(alert.message),
      storable(alert.messageZh),
      'raised',
      now,
    ]);
  return insertRows<AlertRow>(tx, {
    table: 'alert',
    columns,
    rows,
    onConflict: `(shop_id, alert_id) DO UPDATE SET state = 'raised', times = alert.times + 1,
      severity = excluded.severity, message = excluded.message,
      message_zh = excluded.message_zh, changed_at = excluded.changed_at
      WHERE alert.state = 'resolved'`,
    returning: returned,
  });
}

interface Resolution {
  readonly alertClass: string;
  readonly subject: AlertSubject;
  readonly shopId: string | null | undefined;
}

function resolve(tx: Tx, what: Resolution, now: Date): Promise<AlertRow[]> {
  const shop = what.shopId === undefined ? null : (what.shopId ?? noShop);
  return tx.query<AlertRow>(
    `UPDATE alert SET state = 'resolved', changed_at = $4
      WHERE class = $1 AND subject_type = $2 AND subject_id = $3 AND state = 'raised'
        AND ($5::text IS NULL OR shop_id = $5) RETURNING ${returned}`,
    [what.alertClass, what.subject.type, what.subject.id, now, shop],
  );
}

function end(
  tx: Tx,
  { alertId, shopId }: { readonly alertId: string; readonly shopId: string | null },
  now: Date,
): Promise<AlertRow[]> {
  return tx.query<AlertRow>(
    `UPDATE alert SET state = 'resolved', changed_at = $3
      WHERE shop_id = $1 AND alert_id = $2 AND state = 'raised' RETURNING ${returned}`,
    [shopId ?? noShop, alertId, now],
  );
}

interface Said {
  readonly state: 'raised' | 'resolved';
  readonly ends?: AlertInput['ends'];
  readonly now: Date;
  readonly service: ServiceName;
}

function saying(row: AlertRow, said: Said): OutgoingEvent<'alert-raised'> {
  const { state, ends, now, service } = said;
  return {
    topic: 'alert-raised',
    key: row.shop_id,
    id: derivedUuid('alert-raised', service, row.alert_id, String(row.times), state),
    data: {
      shopId: row.shop_id === noShop ? null : row.shop_id,
      alertId: row.alert_id,
      state,
      class: row.class,
      severity: row.severity,
      subject: { type: row.subject_type, id: row.subject_id },
      message: row.message,
      messageZh: row.message_zh,
      ...(ends === undefined ? {} : { ends }),
      at: now.toISOString(),
    },
  };
}

/**
 * Applies changes of alerts in their order and returns what has to be said: a raised one that was
 * not raised before, a resolved one that was.
 */
export async function changeAlerts(
  tx: Tx,
  changes: readonly AlertChange[],
  by: { readonly now: Date; readonly service: ServiceName },
): Promise<OutgoingEvent[]> {
  const events: OutgoingEvent[] = [];
  let raising: AlertInput[] = [];
  const raiseAll = async (): Promise<void> => {
    if (raising.length === 0) return;
    const endsOf = new Map(raising.map((alert) => [alertIdOf(alert), alert.ends]));
    const rows = await raise(tx, raising, by.now);
    raising = [];
    for (const row of rows) {
      events.push(saying(row, { state: 'raised', ends: endsOf.get(row.alert_id), ...by }));
    }
  };
  for (const change of changes) {
    if (change.kind === 'raise') {
      raising.push(change.alert);
      continue;
    }
    await raiseAll();
    const ended =
      change.kind === 'end' ? await end(tx, change, by.now) : await resolve(tx, change, by.now);
    for (const row of ended) events.push(saying(row, { state: 'resolved', ...by }));
  }
  await raiseAll();
  return events;
}
