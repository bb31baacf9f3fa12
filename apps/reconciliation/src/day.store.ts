import type { Tx } from '@qingfen/database';
import type { ShopDay } from './bill.store.js';
import type { Clearing } from './trade-side.store.js';

type Reader = Pick<Tx, 'query'>;

/** What a day's comparison has come to. */
export interface DayRow extends ShopDay {
  readonly state: 'due' | 'done' | 'given-up';
  readonly wantsBill: boolean;
  readonly tries: number;
  readonly nextTryAt: Date;
  readonly waitsFor: string | null;
  readonly orders: bigint;
  readonly entries: bigint;
  readonly statements: bigint;
  readonly payouts: bigint;
  readonly billLines: bigint;
  readonly ledgerMinor: bigint;
  readonly alipayMinor: bigint;
  /** Of orders whose trades were looked at: see `Clearing`. */
  readonly clearingOrders: bigint;
  readonly clearingSettled: bigint;
  readonly clearingWaiting: bigint;
  readonly clearingMinor: bigint;
  readonly completions: number;
}

const columns = `shop_id AS "shopId", day, state, wants_bill AS "wantsBill", tries,
  next_try_at AS "nextTryAt", waits_for AS "waitsFor", orders, entries, statements, payouts,
  bill_lines AS "billLines", ledger_minor AS "ledgerMinor", alipay_minor AS "alipayMinor",
  clearing_orders AS "clearingOrders", clearing_settled AS "clearingSettled",
  clearing_waiting AS "clearingWaiting", clearing_minor AS "clearingMinor", completions`;

/** Up to which day bills have been looked for; null before the first time. */
export async function plannedDay(reader: Reader): Promise<string | null> {
  const rows = await reader.query<{ day: string }>(
    `SELECT planned_day AS day FROM bill_schedule WHERE shop_id = '*'`,
  );
  return rows[0]?.day ?? null;
}

/** Notes a day as planned, unless a later one is. */
export async function notePlanned(tx: Tx, day: string): Promise<void> {
  await tx.query(
    `INSERT INTO bill_schedule (shop_id, planned_day) VALUES ('*', $1)
     ON CONFLICT (shop_id) DO UPDATE SET planned_day = greatest(bill_schedule.planned_day, $1)`,
    [day],
  );
}

/**
 * Makes days due for these shops: of a new shop `lastDay`, of a known one every day behind its last,
 * at most `daysMax` back. Days that are there already stay as they are.
 */
export async function planDays(
  tx: Tx,
  {
    shopIds,
    lastDay,
    daysMax,
    now,
  }: {
    readonly shopIds: readonly string[];
    readonly lastDay: string;
    readonly daysMax: number;
    readonly now: Date;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO reconciliation (shop_id, day, state, next_try_at)
     SELECT s.shop_id, d.day::date, 'due', $4
       FROM unnest($1::text[]) AS s(shop_id)
       LEFT JOIN LATERAL (SELECT max(day) AS day FROM reconciliation r
                           WHERE r.shop_id = s.shop_id) known ON true
      CROSS JOIN LATERAL generate_series(
        greatest(coalesce(known.day + 1, $2::date), $2::date - $3::integer + 1), $2::date,
        interval '1 day') AS d(day)
      ORDER BY 1, 2
     ON CONFLICT (shop_id, day) DO NOTHING`,
    [shopIds, lastDay, daysMax, now],
  );
}

/** Asks for a day by hand, or anew; the bill is fetched again. */
export async function makeDue(
  tx: Tx,
  { shopId, day }: ShopDay,
  { now, wantsBill }: { readonly now: Date; readonly wantsBill: boolean },
): Promise<void> {
  await tx.query(
    `INSERT INTO reconciliation (shop_id, day, state, next_try_at, wants_bill)
     VALUES ($1, $2, 'due', $3, $4)
     ON CONFLICT (shop_id, day) DO UPDATE SET state = 'due', tries = 0, next_try_at = $3,
       waits_for = NULL, wants_bill = reconciliation.wants_bill OR excluded.wants_bill`,
    [shopId, day, now, wantsBill],
  );
}

/**
 * Takes the oldest day that is due and that nobody is at, for as long as the lease lasts. A shop's days go
 * one after the other: each begins where the one before has ended.
 */
export async function takeDue(
  tx: Tx,
  {
    until,
    owner,
    leaseSeconds,
  }: { readonly until: Date; readonly owner: string; readonly leaseSeconds: number },
): Promise<DayRow | null> {
  const rows = await tx.query<DayRow>(
    `WITH due AS (
       SELECT r.shop_id, r.day FROM reconciliation r
        WHERE r.state = 'due' AND r.next_try_at <= $1
          AND (r.leased_until IS NULL OR r.leased_until < clock_timestamp())
          AND NOT EXISTS (SELECT 1 FROM reconciliation o
                           WHERE o.shop_id = r.shop_id AND o.day <> r.day AND o.state = 'due'
                             AND o.leased_until >= clock_timestamp())
        ORDER BY r.day, r.shop_id LIMIT 1 FOR UPDATE OF r SKIP LOCKED)
     UPDATE reconciliation r
        SET leased_until = clock_timestamp() + make_interval(secs => $3), owner = $2
       FROM due d WHERE r.shop_id = d.shop_id AND r.day = d.day
     RETURNING ${columns.replaceAll('shop_id AS', 'r.shop_id AS').replace(' day,', ' r.day,')}`,
    [until, owner, leaseSeconds],
  );
  return rows[0] ?? null;
}

/** Says that its owner is still at it. */
export async function renewLease(
  reader: Reader,
  { shopId, day }: ShopDay,
  { owner, leaseSeconds }: { readonly owner: string; readonly leaseSeconds: number },
): Promise<void> {
  await reader.query(
    `UPDATE reconciliation SET leased_until = clock_timestamp() + make_interval(secs => $4)
      WHERE shop_id = $1 AND day = $2 AND owner = $3 AND leased_until IS NOT NULL`,
    [shopId, day, owner, leaseSeconds],
  );
}

/** Lays a day aside until an instant; null: until somebody asks for it. */
export async function putOff(
  tx: Tx,
  { shopId, day }: ShopDay,
  wait: { readonly until: Date | null; readonly tries: number; readonly why: string },
): Promise<void> {
  await tx.query(
    `UPDATE reconciliation SET state = CASE WHEN $3::timestamptz IS NULL THEN 'given-up' ELSE 'due' END,
            next_try_at = coalesce($3, next_try_at), tries = $4, waits_for = $5, leased_until = NULL
      WHERE shop_id = $1 AND day = $2`,
    [shopId, day, wait.until, wait.tries, wait.why.slice(0, 1_000)],
  );
}

/** Gives a day back that could not be worked on now: it is due still. */
export async function giveBack(reader: Reader, { shopId, day }: ShopDay): Promise<void> {
  await reader.query(
    'UPDATE reconciliation SET leased_until = NULL WHERE shop_id = $1 AND day = $2',
    [shopId, day],
  );
}

export async function noteBillThere(reader: Reader, { shopId, day }: ShopDay): Promise<void> {
  await reader.query(
    'UPDATE reconciliation SET wants_bill = false WHERE shop_id = $1 AND day = $2',
    [shopId, day],
  );
}

/** Ends a day's comparison. */
export async function finishDay(
  tx: Tx,
  { shopId, day }: ShopDay,
  result: {
    readonly orders: number;
    readonly entries: number;
    readonly statements: bigint;
    readonly payouts: bigint;
    readonly billLines: number;
    readonly ledgerMinor: bigint;
    readonly alipayMinor: bigint;
    readonly clearing: Clearing;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query(
    `UPDATE reconciliation
        SET state = 'done', tries = 0, waits_for = NULL, leased_until = NULL, orders = $3,
            entries = $4, statements = $5, payouts = $6, bill_lines = $7, ledger_minor = $8,
            alipay_minor = $9, done_at = $10, clearing_orders = $11, clearing_settled = $12,
            clearing_waiting = $13, clearing_minor = $14, completions = completions + 1
      WHERE shop_id = $1 AND day = $2`,
    [
      shopId,
      day,
      result.orders,
      result.entries,
      result.statements,
      result.payouts,
      result.billLines,
      result.ledgerMinor,
      result.alipayMinor,
      result.at,
      result.clearing.orders,
      result.clearing.settled,
      result.clearing.waiting,
      result.clearing.openMinor,
    ],
  );
}

/** Later days whose balance did not agree may agree now that this one is there. */
export async function lookAgainAfter(tx: Tx, { shopId, day }: ShopDay, now: Date): Promise<void> {
  await tx.query(
    `UPDATE reconciliation SET state = 'due', next_try_at = $3
      WHERE shop_id = $1 AND day > $2 AND state = 'done' AND ledger_minor <> alipay_minor`,
    [shopId, day, now],
  );
}

export async function findDay(reader: Reader, { shopId, day }: ShopDay): Promise<DayRow | null> {
  const rows = await reader.query<DayRow>(
    `SELECT ${columns} FROM reconciliation WHERE shop_id = $1 AND day = $2`,
    [shopId, day],
  );
  return rows[0] ?? null;
}

/** The last day of a shop whose bill was read. */
export async function lastReadDay(reader: Reader, shopId: string): Promise<string | null> {
  const [row] = await reader.query<{ day: string | null }>(
    'SELECT max(day) AS day FROM bill WHERE shop_id = $1 AND problem IS NULL',
    [shopId],
  );
  return row?.day ?? null;
}

/** How many days are due up to an instant, and when the next is after it. */
export async function dayStatus(
  reader: Reader,
  { until, now }: { readonly until: Date; readonly now: Date },
): Promise<{ readonly due: number; readonly nextAt: Date | null }> {
  const [row] = await reader.query<{ due: bigint; nextAt: Date | null }>(
    `SELECT count(*) FILTER (WHERE next_try_at <= $1) AS due,
            min(next_try_at) FILTER (WHERE next_try_at > $2) AS "nextAt"
       FROM reconciliation WHERE state = 'due'`,
    [until, now],
  );
  return { due: Number(row?.due ?? 0n), nextAt: row?.nextAt ?? null };
}

export async function anyShop(reader: Reader): Promise<boolean> {
  return (await reader.query('SELECT 1 FROM shop LIMIT 1')).length > 0;
}

/** The zone that a shop's instants are shown in; null for a shop never told. */
export async function timezoneOf(reader: Reader, shopId: string): Promise<string | null> {
  const rows = await reader.query<{ timezone: string }>(
    'SELECT timezone FROM shop WHERE shop_id = $1',
    [shopId],
  );
  return rows[0]?.timezone ?? null;
}
