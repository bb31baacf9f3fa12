import type { RunAudience } from '@qingfen/core-settlement';
import { advisoryLock, type Tx } from '@qingfen/database';
import { lockBuckets } from './bucket.js';
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
}

const runColumns = `shop_id, currency, kind, period, scheduled_at, cutoff, plan_version, cycles, state,
  topic_ends, extract(epoch FROM clock_timestamp() - noted_at)::float8 AS waited_seconds,
  entry_bound, lanes`;

/** The oldest unfinished run of every shop: a shop's runs go one after the other. */
export async function unfinishedRuns(tx: Pick<Tx, 'query'>, limit: number): Promise<Run[]> {
  return tx.query<Run>(
    `SELECT * FROM (
       SELECT DISTINCT ON (shop_id) ${runColumns} FROM run WHERE state <> 'done'
        ORDER BY shop_id, scheduled_at, kind, currency
     ) AS oldest ORDER BY scheduled_at, kind, shop_id LIMIT $1`,
    [limit],
  );
}

/** The run under its lock, or undefined when another replica is at it or it is done. */
export async function lockRun(tx: Tx, run: Run): Promise<Run | undefined> {
  const [row] = await tx.query<Run>(
    `SELECT ${runColumns} FROM run
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4 AND state <> 'done'
        FOR UPDATE SKIP LOCKED`,
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
export async function noteBound(tx: Tx, run: Run): Promise<number> {
  const [owners] = await tx.query<{ many: boolean }>(
    `SELECT count(*) > $4 AS many
       FROM (SELECT 1 FROM account c ${openOwners} LIMIT $4 + 1) AS first`,
    [run.shop_id, run.kind, run.currency, ownersOfOneLane],
  );
  // A leader's own entries and its team's go into one statement, so teams stay in one lane.
  const lanes = owners?.many === true && run.kind !== 'team-reward' ? lanesOfLargeRun : 1;
  await tx.query(
    `UPDATE run SET state = 'executing', lanes = $5,
                    entry_bound = (SELECT last_value + 1 FROM entry_block_seq) * $6 - 1
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4`,
    [...keyOf(run), lanes, entriesPerBlock],
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

const lacking = `w.shop_id = $1 AND w.closes_at < $4 AND NOT w.waited_for AND NOT ${evidenceThere}
  AND EXISTS (
    SELECT 1 FROM entry e
      JOIN unstated u ON u.shop_id = e.shop_id AND u.account_no = e.account_no
                     AND u.entry_id = e.entry_id
     WHERE e.shop_id = w.shop_id AND e.order_id = w.order_id AND e.entry_id / 16384 = w.block
       AND e.kind = $2 AND e.currency = $3 AND u.matures_at < $4)`;

/** What one payee's entries of a chunk came to. */
export interface PayeeNet {
  readonly payee_id: string;
  readonly net_minor: bigint;
  /** Of the net: what was its team's until now, and under which name. */
  readonly team_minor: bigint;
  readonly team_owner: string | null;
  readonly entry_count: number;
  readonly outcome: 'stated' | 'no-account' | 'condition' | 'held' | 'below-minimum';
  readonly statement_id: string;
  /** Null unless stated, as is the correlation id. */
  readonly statement_no: bigint | null;
  readonly account_hash: string | null;
  readonly correlation_id: string | null;
}

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

/** A lane that nobody is at and that is not done; undefined where there is none. */
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
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4`,
    keyOf(run),
  );
  if (now === undefined) throw new Error('a lane has a run');
  return { ...lane, run: now };
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

/** An owner, and the payee to whom the run states what it is owed. */
export interface StatedOwner extends OpenOwner {
  readonly payeeId: string;
}

/**
 * States payees of a run in one statement and so in one snapshot: what is summed is what is taken off the
 * unstated entries, to the row.
 *
 * The statement's id is derived in SQL by the formula of domain.md 7; the caller derives it again and
 * insists that both agree.
 * @returns nothing for payees without an entry to take.
 */
export async function statePayees(
  tx: Tx,
  run: Run,
  owners: readonly StatedOwner[],
  terms: { readonly minPayoutMinor: bigint; readonly tasks: readonly string[] },
): Promise<PayeeNet[]> {
  // Before the snapshot of the statement below: a correction under way ends first, or waits for us.
  await lockBuckets(
    tx,
    owners.flatMap(({ owner_id: ownerId, payeeId }) =>
      [ownerId, payeeId].map((id) => ({ shopId: run.shop_id, kind: run.kind, payeeId: id })),
    ),
    'exclusive',
  );
  return tx.query<PayeeNet>(statePayeesSql, [
    run.shop_id,
    run.kind,
    run.currency,
    owners.map(({ account_no: accountNo }) => accountNo),
    run.entry_bound,
    run.cutoff,
    terms.minPayoutMinor,
    run.period,
    owners.map(({ payeeId }) => payeeId),
    owners.map(({ owner_id: ownerId, payeeId }) => (ownerId === payeeId ? null : ownerId)),
    terms.tasks,
  ]);
}

// What may be stated: matured before the cutoff (a team's reward matures with it), its window closed,
// and free of holds unless it takes something off.
const statable = `u.shop_id = $1 AND u.entry_id <= $5
  AND (u.matures_at < $6 OR (w.team_owner IS NOT NULL AND u.matures_at = $6))
  AND NOT u.entry_id / 16384 IN (SELECT a.block FROM awaited_window a
                                  WHERE a.shop_id = $1 AND a.closes_at < $6)
  AND (u.amount_minor < 0 OR NOT (
    u.entry_id / 16384 IN (SELECT h.block FROM held_block h WHERE h.shop_id = $1)
    OR CASE WHEN u.is_give_back THEN give_back_held($1, u.entry_id) ELSE false END))`;

const statePayeesSql = `
WITH owner AS MATERIALIZED (
  SELECT * FROM unnest($4::bigint[], $9::text[], $10::text[]) AS w(account_no, payee_id, team_owner)
), sums AS MATERIALIZED (
  SELECT w.payee_id, sum(t.net_minor)::bigint AS net_minor,
         coalesce(sum(t.net_minor) FILTER (WHERE w.team_owner IS NOT NULL), 0)::bigint AS team_minor,
         min(w.team_owner) AS team_owner, sum(t.entry_count)::integer AS entry_count,
         min(t.first_entry_id) AS first_entry_id
    FROM owner w
   CROSS JOIN LATERAL (
     SELECT sum(u.amount_minor) AS net_minor, count(*) AS entry_count,
            min(u.entry_id) AS first_entry_id
       FROM unstated u WHERE u.account_no = w.account_no AND ${statable}) t
   WHERE t.entry_count > 0
   GROUP BY w.payee_id
), judged AS MATERIALIZED (
  SELECT s.*, p.account_hash,
         'st_' || substr(encode(sha256(convert_to(
           $1 || '|' || $3 || '|' || $2 || '|' || $8 || '|' || s.payee_id, 'UTF8')), 'hex'), 1, 26)
           AS statement_id,
         CASE
           WHEN s.net_minor < greatest($7::bigint, 1) THEN 'below-minimum'
           WHEN p.account_hash IS NULL THEN 'no-account'
           WHEN NOT p.tasks @> $11::text[] THEN 'condition'
           WHEN EXISTS (SELECT 1 FROM hold h
                         WHERE h.shop_id = $1 AND h.subject_type = 'payee'
                           AND h.subject_id = s.payee_id AND h.released_at IS NULL) THEN 'held'
           ELSE 'stated'
         END AS outcome
    FROM sums s LEFT JOIN payee p ON p.shop_id = $1 AND p.payee_id = s.payee_id
), stated AS MATERIALIZED (
  SELECT payee_id, nextval('statement_no_seq') AS statement_no FROM judged WHERE outcome = 'stated'
), taken AS (
  DELETE FROM unstated u USING owner w, stated s
   WHERE u.account_no = w.account_no AND s.payee_id = w.payee_id AND ${statable}
  RETURNING u.account_no, u.entry_id, u.amount_minor, s.statement_no
), placed AS (
  INSERT INTO statement_entry (shop_id, account_no, entry_id, statement_no, amount_minor)
  SELECT $1, account_no, entry_id, statement_no, amount_minor FROM taken
)
SELECT j.*, s.statement_no,
       CASE WHEN j.outcome = 'stated' THEN correlation_of($1, j.first_entry_id) END AS correlation_id
  FROM judged j LEFT JOIN stated s USING (payee_id) ORDER BY j.payee_id`;

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
