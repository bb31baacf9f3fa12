import type { Rollout, RunAudience } from '@qingfen/core-settlement';
import { advisoryLock, type Tx } from '@qingfen/database';
import { entriesPerBlock } from './entry-id.js';
import { entriesLock } from './entry-book.js';

export interface Run {
  readonly shop_id: string;
  readonly currency: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly period: string;
  readonly scheduled_at: Date;
  readonly cutoff: Date;
  readonly plan_version: number;
  readonly cycles: readonly number[];
  readonly state: 'due' | 'executing' | 'done';
  /** Topic → partition → end offset when the run was noted. */
  readonly topic_ends: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Real seconds since the run was noted. */
  readonly waited_seconds: number;
  readonly entry_bound: bigint | null;
  /** Null until it has begun. */
  readonly lanes: number | null;
  /** As it was when the run began. */
  readonly rollout: Rollout | null;
}

const runColumns = `shop_id, currency, kind, period, scheduled_at, cutoff, plan_version, cycles, state,
  topic_ends, extract(epoch FROM clock_timestamp() - noted_at)::float8 AS waited_seconds,
  entry_bound, lanes, rollout`;

/** The runs of a kind that a person holds neither begin nor go on. */
export const notHeld = `NOT EXISTS (
  SELECT 1 FROM hold h
   WHERE h.shop_id = run.shop_id AND h.subject_type = 'run' AND h.subject_id = run.kind
     AND h.released_at IS NULL)`;

/**
 * The oldest unfinished run of every shop: a shop's runs go one after the other, and wait while what was
 * settled elsewhere is closed.
 */
export async function unfinishedRuns(tx: Pick<Tx, 'query'>, limit: number): Promise<Run[]> {
  return tx.query<Run>(
    `SELECT * FROM (
       SELECT DISTINCT ON (shop_id) ${runColumns} FROM run
        WHERE state <> 'done' AND ${notHeld} AND shop_id NOT IN (SELECT c.shop_id FROM outside_closing c
                                                   WHERE NOT c.is_done)
        ORDER BY shop_id, scheduled_at, kind, currency
     ) AS oldest ORDER BY scheduled_at, kind, shop_id LIMIT $1`,
    [limit],
  );
}

/** The run under its lock, or undefined when another replica is at it, it is held or done. */
export async function lockRun(tx: Tx, run: Run): Promise<Run | undefined> {
  const [row] = await tx.query<Run>(
    `SELECT ${runColumns} FROM run
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4 AND state <> 'done'
        AND ${notHeld} FOR UPDATE SKIP LOCKED`,
    keyOf(run),
  );
  return row;
}

/** Waits for every batch under way and keeps new ones out until this transaction ends. */
export async function closeEntries(tx: Tx, run: Run): Promise<void> {
  await advisoryLock(tx, entriesLock(run.shop_id), 'exclusive');
}

/** A run of so many owners has lanes: the buckets of payees, divided among them. */
const ownersOfOneLane = 1_000;
const lanesOfLargeRun = 8;

/**
 * Notes the bound, the entries closed: every id below it is committed, or of this transaction.
 * @returns how many lanes the run has
 */
export async function noteBound(tx: Tx, run: Run, rollout: Rollout): Promise<number> {
  const [owners] = await tx.query<{ many: boolean }>(
    `SELECT count(*) > $4 AS many
       FROM (SELECT 1 FROM account c ${openOwners} LIMIT $4 + 1) AS first`,
    [run.shop_id, run.kind, run.currency, ownersOfOneLane],
  );
  // A leader's own entries and its team's go into one statement, so teams stay in one lane.
  const lanes = owners?.many === true && run.kind !== 'team-reward' ? lanesOfLargeRun : 1;
  await tx.query(
    `UPDATE run SET state = 'executing', lanes = $5, rollout = $7,
                    entry_bound = (SELECT last_value + 1 FROM entry_block_seq) * $6 - 1
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4`,
    [...keyOf(run), lanes, entriesPerBlock, JSON.stringify(rollout)],
  );
  await tx.query(
    `INSERT INTO run_lane (shop_id, currency, kind, period, lane)
     SELECT $1, $2, $3, $4, lane FROM generate_series(0, $5 - 1) AS lane`,
    [...keyOf(run), lanes],
  );
  return lanes;
}

// $1 shop, $2 kind, $3 currency: accounts with something unstated.
const openOwners = `WHERE c.shop_id = $1 AND c.kind = $2 AND c.currency = $3
  AND EXISTS (SELECT 1 FROM unstated u
               WHERE u.shop_id = c.shop_id AND u.account_no = c.account_no)`;

/** Ends a run before it begins: its period is used up, and nothing is looked at. */
export async function skipRun(tx: Tx, run: Run, rollout: Rollout, now: Date): Promise<void> {
  await tx.query(
    `UPDATE run SET state = 'done', finished_at = $5, rollout = $6
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4`,
    [...keyOf(run), now, JSON.stringify(rollout)],
  );
}

/** Until when a cycle's run before this one took what had matured; null for the first. */
export async function previousCutoff(tx: Tx, run: Run): Promise<Date | null> {
  const [row] = await tx.query<{ cutoff: Date | null }>(
    `SELECT max(cutoff) AS cutoff FROM run
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period NOT LIKE 'retry:%'
        AND cutoff < $4 AND cycles && $5`,
    [run.shop_id, run.currency, run.kind, run.cutoff, run.cycles],
  );
  return row?.cutoff ?? null;
}

/** Windows whose close is told, though the entries were not there yet when it was. */
export async function dropToldWindows(tx: Tx, run: Run): Promise<void> {
  await tx.query(
    `DELETE FROM awaited_window w WHERE w.shop_id = $1 AND w.closes_at < $2 AND ${evidenceThere}`,
    [run.shop_id, run.cutoff],
  );
}

/**
 * Whether entries that the run would take still lack the evidence that their window has closed.
 * Those that an earlier run has waited for in vain are not waited for again.
 */
export async function lacksEvidence(tx: Pick<Tx, 'query'>, run: Run): Promise<boolean> {
  const [row] = await tx.query<{ lacking: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM awaited_window w WHERE ${lacking}) AS lacking`,
    [run.shop_id, run.kind, run.currency, run.cutoff],
  );
  return row?.lacking === true;
}

/**
 * Marks the orders that the run has waited for long enough: it goes on without, and so do later ones.
 * @returns how many
 */
export async function giveUpWaiting(tx: Tx, run: Run): Promise<number> {
  const marked = await tx.query(
    `UPDATE awaited_window w SET waited_for = true WHERE ${lacking} RETURNING block`,
    [run.shop_id, run.kind, run.currency, run.cutoff],
  );
  return marked.length;
}

const evidenceThere = `EXISTS (
  SELECT 1 FROM window_evidence v
   WHERE v.shop_id = w.shop_id AND v.order_id = w.order_id
     AND v.completed_at = w.completed_at AND v.closed_at >= w.closes_at)`;

// OFFSET 0 has an order looked up by itself: while the planner knows nothing of young tables it takes a
// shop to have one entry, and joins all entries with all windows.
const lacking = `w.shop_id = $1 AND w.closes_at < $4 AND NOT w.waited_for AND NOT ${evidenceThere}
  AND EXISTS (
    SELECT 1 FROM entry e
     CROSS JOIN LATERAL (
       SELECT 1 FROM unstated u
        WHERE u.shop_id = e.shop_id AND u.account_no = e.account_no AND u.entry_id = e.entry_id
          AND u.matures_at < $4 OFFSET 0) AS u
     WHERE e.shop_id = w.shop_id AND e.order_id = w.order_id AND e.entry_id / 16384 = w.block
       AND e.kind = $2 AND e.currency = $3 OFFSET 0)`;

/** Who is owed something unstated of a run's kind: a payee, or a team until a leader is found. */
export interface OpenOwner {
  readonly owner_id: string;
  readonly account_no: bigint;
}

/** A lane under its lock, and the terms of its run as they are now. */
export interface Lane {
  readonly run: Run;
  readonly lane: number;
  readonly last_owner_id: string;
}

/** A lane that nobody is at and that is not done; undefined where there is none, or the run is held. */
export async function lockLane(tx: Tx, run: Run): Promise<Lane | undefined> {
  const [lane] = await tx.query<Omit<Lane, 'run'>>(
    `SELECT lane, last_owner_id FROM run_lane
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4 AND NOT is_done
      ORDER BY lane LIMIT 1 FOR UPDATE SKIP LOCKED`,
    keyOf(run),
  );
  if (lane === undefined) return undefined;
  const [now] = await tx.query<Run>(
    `SELECT ${runColumns} FROM run
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4 AND ${notHeld}`,
    keyOf(run),
  );
  return now === undefined ? undefined : { ...lane, run: now };
}

/** Whose entries come next: every one of them goes into one chunk with the payee it is stated to. */
export async function nextOwners(
  tx: Tx,
  at: Lane,
  audience: RunAudience,
  limit: number,
): Promise<OpenOwner[]> {
  const { run, lane, last_owner_id: lastOwnerId } = at;
  return tx.query<OpenOwner>(
    `SELECT c.owner_id, c.account_no FROM account c ${openOwners}
        AND c.owner_id > $4 AND c.bucket % $5 = $6 AND (c.owner_id = ANY ($8)) = $9
      ORDER BY c.owner_id LIMIT $7`,
    [
      run.shop_id,
      run.kind,
      run.currency,
      lastOwnerId,
      run.lanes,
      lane,
      limit,
      audience.payeeIds,
      audience.kind === 'only',
    ],
  );
}

/** Goes on behind these owners, or ends the lane. */
export async function advanceLane(
  tx: Tx,
  { run, lane }: Lane,
  progress: {
    readonly lastOwnerId: string | null;
    readonly isDone: boolean;
    readonly statements: number;
    readonly statedMinor: bigint;
    readonly carried: number;
  },
): Promise<void> {
  await tx.query(
    `UPDATE run_lane SET last_owner_id = coalesce($6, last_owner_id), is_done = $7,
                         statements = statements + $8, stated_minor = stated_minor + $9,
                         carried = carried + $10
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4 AND lane = $5`,
    [
      ...keyOf(run),
      lane,
      progress.lastOwnerId,
      progress.isDone,
      progress.statements,
      progress.statedMinor,
      progress.carried,
    ],
  );
}

/**
 * Ends the run if this was its last lane. Two that end at once come one after the other here, and the
 * later one sees that both have ended.
 */
export async function endRun(tx: Tx, run: Run, now: Date): Promise<boolean> {
  await tx.query(
    `SELECT 1 FROM run WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4
        FOR UPDATE`,
    keyOf(run),
  );
  const ended = await tx.query(
    `UPDATE run r SET state = 'done', finished_at = $5, statements = l.statements,
                      stated_minor = l.stated_minor, carried = l.carried
       FROM (SELECT bool_and(is_done) AS is_done, sum(statements) AS statements,
                    sum(stated_minor) AS stated_minor, sum(carried) AS carried
               FROM run_lane
              WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4) l
      WHERE r.shop_id = $1 AND r.currency = $2 AND r.kind = $3 AND r.period = $4
        AND r.state <> 'done' AND l.is_done
      RETURNING r.period`,
    [...keyOf(run), now],
  );
  return ended.length > 0;
}

function keyOf(run: Run): string[] {
  return [run.shop_id, run.currency, run.kind, run.period];
}
