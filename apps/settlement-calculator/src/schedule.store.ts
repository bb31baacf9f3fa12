import type { PartKind } from '@qingfen/core-plan';
import { nextRuns, type DueRun } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import type { PlanShelf, StoredVersion } from './plan-shelf.js';
import { notHeld } from './run.store.js';
import { shopOf } from './shop.store.js';

/** The kinds that runs state. */
export const runKinds: readonly PartKind[] = ['commission', 'supplier', 'team-reward'];

/** The most missed runs of one kind that one transaction plans; the next one goes on behind them. */
const catchUpMax = 500;

interface ScheduleRow {
  shop_id: string;
  kind: PartKind;
  currency: string;
  planned_until: Date;
}

/** Works out anew when each kind of a shop runs next; called when its zone or its plans change. */
export async function refreshSchedule(tx: Tx, plans: PlanShelf, shopId: string): Promise<void> {
  const shop = await shopOf(tx, shopId);
  const versions = (await plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
  const first = versions.map(({ effectiveFrom }) => effectiveFrom.getTime());
  if (shop === undefined || first.length === 0) return;
  const beginning = new Date(Math.min(...first) - 1);
  for (const currency of new Set(versions.map(({ plan }) => plan.currency))) {
    const ofCurrency = versions.filter(({ plan }) => plan.currency === currency);
    for (const kind of runKinds) {
      const [row] = await tx.query<ScheduleRow>(
        `INSERT INTO schedule (shop_id, kind, currency, planned_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (shop_id, kind, currency) DO UPDATE SET planned_until = schedule.planned_until
         RETURNING shop_id, kind, currency, planned_until`,
        [shopId, kind, currency, beginning],
      );
      if (row === undefined) continue;
      const [next] = nextRuns(ofCurrency, kind, shop.timezone, row.planned_until);
      await setNext(tx, row, row.planned_until, next);
    }
  }
}

/** Whether anything is scheduled at or before this instant. */
export async function anythingDue(tx: Pick<Tx, 'query'>, until: Date): Promise<boolean> {
  const [row] = await tx.query<{ due: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM schedule WHERE next_at <= $1) AS due',
    [until],
  );
  return row?.due === true;
}

/**
 * Notes every run that is due as a row of its own, with the topic ends that it must wait for.
 * (shop, currency, kind, period) is the key, so no race and no restart makes a run twice.
 */
export async function planDueRuns(
  tx: Tx,
  plans: PlanShelf,
  until: Date,
  topicEnds: string,
): Promise<number> {
  const rows = await tx.query<ScheduleRow>(
    `SELECT shop_id, kind, currency, planned_until FROM schedule
      WHERE next_at <= $1 ORDER BY next_at, shop_id, kind LIMIT 50 FOR UPDATE SKIP LOCKED`,
    [until],
  );
  const shopIds = [...new Set(rows.map((row) => row.shop_id))];
  const versions = await plans.versionsOf(tx, shopIds);
  for (const row of rows) {
    const shop = await shopOf(tx, row.shop_id);
    const ofCurrency = (versions.get(row.shop_id) ?? []).filter(
      ({ plan }) => plan.currency === row.currency,
    );
    if (shop !== undefined)
      await planOne(tx, row, { ofCurrency, timezone: shop.timezone, until, topicEnds });
  }
  return rows.length;
}

async function planOne(
  tx: Tx,
  row: ScheduleRow,
  {
    ofCurrency,
    timezone,
    until,
    topicEnds,
  }: {
    ofCurrency: readonly StoredVersion[];
    timezone: string;
    until: Date;
    topicEnds: string;
  },
): Promise<void> {
  let plannedUntil = row.planned_until;
  for (let count = 0; ; count += 1) {
    const runs = nextRuns(ofCurrency, row.kind, timezone, plannedUntil);
    const [next] = runs;
    if (next === undefined || next.dueAt > until || count === catchUpMax) {
      await setNext(tx, row, plannedUntil, next);
      return;
    }
    for (const run of runs) await noteRun(tx, row, run, topicEnds);
    plannedUntil = next.dueAt;
  }
}

async function noteRun(
  tx: Tx,
  row: ScheduleRow,
  run: DueRun<StoredVersion>,
  topicEnds: string,
): Promise<void> {
  await tx.query(
    `INSERT INTO run (shop_id, currency, kind, period, scheduled_at, cutoff, plan_version, cycles,
                      state, topic_ends)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $9) ON CONFLICT DO NOTHING`,
    [
      row.shop_id,
      row.currency,
      row.kind,
      run.period,
      run.scheduledAt,
      run.cutoff,
      run.version.version,
      run.cycles,
      topicEnds,
    ],
  );
}

async function setNext(
  tx: Tx,
  { shop_id, kind, currency }: ScheduleRow,
  plannedUntil: Date,
  next: { readonly dueAt: Date } | undefined,
): Promise<void> {
  await tx.query(
    `UPDATE schedule SET planned_until = $4, next_at = $5
      WHERE shop_id = $1 AND kind = $2 AND currency = $3`,
    [shop_id, kind, currency, plannedUntil, next?.dueAt ?? null],
  );
}

/** What the clock must stop at next, and how much is due already. */
export async function scheduleStatus(
  tx: Pick<Tx, 'query'>,
  { now, begunUntil }: { now: Date; begunUntil: Date },
): Promise<{ nextAt: Date | null; due: number; unfinished: number }> {
  const [row] = await tx.query<{ next_at: Date | null; due: bigint; unfinished: bigint }>(
    `SELECT (SELECT min(next_at) FROM schedule WHERE next_at > $1) AS next_at,
            (SELECT count(*) FROM schedule WHERE next_at <= $2) AS due,
            (SELECT count(*) FROM run WHERE state <> 'done' AND ${notHeld}) AS unfinished`,
    [now, begunUntil],
  );
  return {
    nextAt: row?.next_at ?? null,
    due: Number(row?.due ?? 0n),
    unfinished: Number(row?.unfinished ?? 0n),
  };
}
