import { insertRows, type Database, type Tx } from '@qingfen/database';
import type { ToldCompletion } from '@qingfen/core-order';
import type { Reign } from './reign.js';

/** A completion and the end of its window; both null while no version fits its `paidAt`. */
export interface ReturnWindow extends ToldCompletion {
  readonly version: number | null;
  readonly closesAt: Date | null;
}

/** A window whose end has come. */
export interface EndedWindow {
  readonly shopId: string;
  readonly orderId: string;
  readonly completedAt: Date;
  readonly closesAt: Date;
}

/** A window as an operator sees it. */
export interface ShownWindow extends ReturnWindow {
  readonly saidClosesAt: Date | null;
}

// A later end that was said is evidence for a shorter window too: only a longer one is said again.
// The words of the partial index, so that it is used.
const unsaid = '(said_closes_at IS NULL OR said_closes_at < closes_at)';

/** Keeps windows; those that are there already stay as they are. Rows are sorted: one locking order. */
export async function insertWindows(tx: Tx, windows: readonly ReturnWindow[]): Promise<void> {
  await insertRows(tx, {
    table: 'return_window',
    columns: {
      shop_id: 'text',
      order_id: 'text',
      completed_at: 'timestamptz',
      paid_at: 'timestamptz',
      version: 'integer',
      closes_at: 'timestamptz',
    },
    rows: windows.map((row) => [
      row.shopId,
      row.orderId,
      row.completedAt,
      row.paidAt,
      row.version,
      row.closesAt,
    ]),
    onConflict: '(shop_id, order_id, completed_at, paid_at) DO NOTHING',
  });
}

/**
 * Binds anew every window of a shop paid at or after `paidFrom` whose version has changed, and computes its
 * end again; returns how many did. An end that was said and has moved back becomes unsaid by that.
 */
export async function rebindWindows(
  tx: Tx,
  change: { readonly shopId: string; readonly paidFrom: Date; readonly reigns: readonly Reign[] },
): Promise<number> {
  const rows = await tx.query<{ count: bigint }>(
    `WITH bound AS (
       UPDATE return_window w
       SET version = r.version, closes_at = w.completed_at + r.days * interval '24 hours'
       FROM unnest($3::timestamptz[], $4::timestamptz[], $5::integer[], $6::integer[])
            AS r (from_at, to_at, version, days)
       WHERE w.shop_id = $1 AND w.paid_at >= $2
         AND (r.from_at IS NULL OR w.paid_at >= r.from_at)
         AND (r.to_at IS NULL OR w.paid_at < r.to_at)
         AND w.version IS DISTINCT FROM r.version
       RETURNING 1)
     SELECT count(*) AS count FROM bound`,
    [
      change.shopId,
      change.paidFrom,
      change.reigns.map(({ from }) => from),
      change.reigns.map(({ to }) => to),
      change.reigns.map(({ version }) => version),
      change.reigns.map(({ returnWindowDays }) => returnWindowDays),
    ],
  );
  return Number(rows[0]?.count ?? 0n);
}

/** Takes windows that ended at or before `until` and are not said, marks them as said, oldest first. */
export function takeEnded(
  tx: Tx,
  { until, limit }: { readonly until: Date; readonly limit: number },
): Promise<EndedWindow[]> {
  return tx.query<EndedWindow>(
    `WITH ended AS (
       SELECT shop_id, order_id, completed_at, paid_at FROM return_window
       WHERE closes_at <= $1 AND ${unsaid}
       ORDER BY closes_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     UPDATE return_window w SET said_closes_at = w.closes_at
     FROM ended e
     WHERE w.shop_id = e.shop_id AND w.order_id = e.order_id
       AND w.completed_at = e.completed_at AND w.paid_at = e.paid_at
     RETURNING w.shop_id AS "shopId", w.order_id AS "orderId", w.completed_at AS "completedAt",
               w.closes_at AS "closesAt"`,
    [until, limit],
  );
}

/** How many windows ended at or before `until` and are not said; counts no further than `limit`. */
export async function countEnded(
  database: Database,
  { until, limit }: { readonly until: Date; readonly limit: number },
): Promise<number> {
  const rows = await database.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM (
       SELECT 1 FROM return_window
       WHERE closes_at <= $1 AND ${unsaid} LIMIT $2) AS ended`,
    [until, limit],
  );
  return Number(rows[0]?.count ?? 0n);
}

/** Every window of an order, by the completion that it is of. */
export function windowsOf(
  database: Database,
  { shopId, orderId }: { readonly shopId: string; readonly orderId: string },
): Promise<ShownWindow[]> {
  return database.query<ShownWindow>(
    `SELECT shop_id AS "shopId", order_id AS "orderId", completed_at AS "completedAt",
            paid_at AS "paidAt", version, closes_at AS "closesAt",
            said_closes_at AS "saidClosesAt"
     FROM return_window WHERE shop_id = $1 AND order_id = $2 ORDER BY completed_at, paid_at`,
    [shopId, orderId],
  );
}

/** The zone that a shop's instants are shown in; null for a shop never told. */
export async function timezoneOf(database: Database, shopId: string): Promise<string | null> {
  const rows = await database.query<{ timezone: string }>(
    'SELECT timezone FROM shop WHERE shop_id = $1',
    [shopId],
  );
  return rows[0]?.timezone ?? null;
}
