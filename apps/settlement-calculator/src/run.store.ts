import { advisoryLock, type Tx } from '@qingfen/database';
import { lockBuckets } from './bucket.js';
import { entriesLock } from './entry-book.js';

export interface Run {
  readonly shop_id: string;
  readonly currency: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly period: string;
  readonly scheduled_at: Date;
  readonly cutoff: Date;
  readonly plan_version: number;
  readonly state: 'due' | 'executing' | 'done';
  /** Topic → partition → end offset when the run was noted. */
  readonly topic_ends: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Real seconds since the run was noted. */
  readonly waited_seconds: number;
  readonly entry_bound: bigint | null;
  readonly last_payee_id: string;
}

const runColumns = `shop_id, currency, kind, period, scheduled_at, cutoff, plan_version, state,
  topic_ends, extract(epoch FROM clock_timestamp() - noted_at)::float8 AS waited_seconds,
  entry_bound, last_payee_id`;

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

/** Notes the bound, the entries closed: every id below it is committed, or of this transaction. */
export async function noteBound(tx: Tx, run: Run): Promise<void> {
  await tx.query(
    `UPDATE run SET state = 'executing', entry_bound = (SELECT last_value FROM entry_id_seq)
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4`,
    keyOf(run),
  );
}

/**
 * Whether entries that the run would take still lack the evidence that their window has closed.
 * Those that an earlier run has waited for in vain are not waited for again.
 */
export async function lacksEvidence(tx: Pick<Tx, 'query'>, run: Run): Promise<boolean> {
  const [row] = await tx.query<{ lacking: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM open_entry o
        WHERE o.shop_id = $1 AND o.kind = $2 AND o.currency = $3 AND o.matures_at < $4
          AND NOT o.waited_for AND NOT ${evidenceThere}) AS lacking`,
    [run.shop_id, run.kind, run.currency, run.cutoff],
  );
  return row?.lacking === true;
}

/** Marks what the run has waited for long enough: it goes on without, and so do later ones. */
export async function giveUpWaiting(tx: Tx, run: Run): Promise<number> {
  const marked = await tx.query(
    `UPDATE open_entry o SET waited_for = true
      WHERE o.shop_id = $1 AND o.kind = $2 AND o.currency = $3 AND o.matures_at < $4
        AND NOT o.waited_for AND NOT ${evidenceThere} RETURNING entry_id`,
    [run.shop_id, run.kind, run.currency, run.cutoff],
  );
  return marked.length;
}

const evidenceThere = `(o.evidence_completed_at IS NULL OR EXISTS (
  SELECT 1 FROM window_evidence w
   WHERE w.shop_id = o.shop_id AND w.order_id = o.order_id
     AND w.completed_at = o.evidence_completed_at AND w.closed_at >= o.evidence_closed_from))`;

/** What one payee's entries of a chunk came to. */
export interface PayeeNet {
  readonly payee_id: string;
  readonly net_minor: bigint;
  /** Of the net: what was its team's until now, and under which name. */
  readonly team_minor: bigint;
  readonly team_owner: string | null;
  readonly entry_count: number;
  readonly outcome: 'stated' | 'no-account' | 'held' | 'below-minimum';
  readonly statement_id: string;
  readonly account_hash: string | null;
  readonly correlation_id: string;
}

/** Whose entries come next: every one of them goes into one chunk with the payee it is stated to. */
export async function nextOwners(tx: Tx, run: Run, limit: number): Promise<string[]> {
  const rows = await tx.query<{ payee_id: string }>(
    `SELECT DISTINCT payee_id FROM open_entry
      WHERE shop_id = $1 AND kind = $2 AND currency = $3 AND payee_id > $4
      ORDER BY payee_id LIMIT $5`,
    [run.shop_id, run.kind, run.currency, run.last_payee_id, limit],
  );
  return rows.map(({ payee_id: ownerId }) => ownerId);
}

/**
 * States payees of a run in one statement and so in one snapshot: what is summed is what is taken off the
 * open entries, to the row.
 *
 * The statement's id is derived in SQL by the formula of domain.md 7; the caller derives it again and
 * insists that both agree.
 * @returns nothing for payees without an entry to take.
 */
export async function statePayees(
  tx: Tx,
  run: Run,
  owners: readonly { readonly ownerId: string; readonly payeeId: string }[],
  minPayoutMinor: bigint,
): Promise<PayeeNet[]> {
  // Before the snapshot of the statement below: a correction under way ends first, or waits for us.
  await lockBuckets(
    tx,
    owners.flatMap(({ ownerId, payeeId }) =>
      [ownerId, payeeId].map((id) => ({ shopId: run.shop_id, kind: run.kind, payeeId: id })),
    ),
    'exclusive',
  );
  return tx.query<PayeeNet>(statePayeesSql, [
    run.shop_id,
    run.kind,
    run.currency,
    owners.map(({ ownerId }) => ownerId),
    run.entry_bound,
    run.cutoff,
    minPayoutMinor,
    run.period,
    owners.map(({ payeeId }) => payeeId),
  ]);
}

const statePayeesSql = `
WITH eligible AS MATERIALIZED (
  SELECT w.payee_id, o.payee_id AS owner_id, o.entry_id, o.order_id, o.amount_minor,
         o.correlation_id
    FROM unnest($4::text[], $9::text[]) AS w(owner_id, payee_id)
    JOIN open_entry o ON o.shop_id = $1 AND o.kind = $2 AND o.payee_id = w.owner_id
   WHERE o.currency = $3 AND o.entry_id <= $5
     AND (o.matures_at < $6 OR (o.payee_id LIKE '#%' AND o.matures_at = $6)) AND ${evidenceThere}
     AND (o.amount_minor < 0 OR NOT (EXISTS (
       SELECT 1 FROM hold h
        WHERE h.shop_id = o.shop_id AND h.released_at IS NULL
          AND ((h.subject_type = 'order' AND h.subject_id = o.order_id)
            OR (h.subject_type = 'entry' AND h.subject_id = o.entry_id::text)))
       OR CASE WHEN o.order_id = '' THEN give_back_held($1, o.entry_id) ELSE false END))
), sums AS MATERIALIZED (
  SELECT e.payee_id, sum(e.amount_minor)::bigint AS net_minor,
         coalesce(sum(e.amount_minor) FILTER (WHERE e.owner_id <> e.payee_id), 0)::bigint
           AS team_minor,
         min(e.owner_id) FILTER (WHERE e.owner_id <> e.payee_id) AS team_owner,
         count(*)::integer AS entry_count,
         min(e.correlation_id) AS correlation_id, p.account_hash,
         'st_' || substr(encode(sha256(convert_to(
           $1 || '|' || $3 || '|' || $2 || '|' || $8 || '|' || e.payee_id, 'UTF8')), 'hex'), 1, 26)
           AS statement_id,
         CASE
           WHEN sum(e.amount_minor) < greatest($7::bigint, 1) THEN 'below-minimum'
           WHEN p.account_hash IS NULL THEN 'no-account'
           WHEN EXISTS (SELECT 1 FROM hold h
                         WHERE h.shop_id = $1 AND h.subject_type = 'payee'
                           AND h.subject_id = e.payee_id AND h.released_at IS NULL) THEN 'held'
           ELSE 'stated'
         END AS outcome
    FROM eligible e
    LEFT JOIN payee p ON p.shop_id = $1 AND p.payee_id = e.payee_id
   GROUP BY e.payee_id, p.account_hash
), taken AS (
  DELETE FROM open_entry o USING eligible e, sums s
   WHERE o.shop_id = $1 AND o.kind = $2 AND o.payee_id = e.owner_id AND o.entry_id = e.entry_id
     AND s.payee_id = e.payee_id AND s.outcome = 'stated'
  RETURNING o.order_id, o.entry_id, o.amount_minor, s.statement_id, o.payee_id
), placed AS (
  INSERT INTO statement_entry (shop_id, order_id, entry_id, statement_id, amount_minor)
  SELECT $1, order_id, entry_id, statement_id, amount_minor FROM taken
)
SELECT * FROM sums ORDER BY payee_id`;

/** Goes on behind these payees, or ends the run. */
export async function advanceRun(
  tx: Tx,
  run: Run,
  progress: {
    readonly lastPayeeId: string | null;
    readonly statements: number;
    readonly statedMinor: bigint;
    readonly carried: number;
    readonly now: Date;
  },
): Promise<void> {
  await tx.query(
    `UPDATE run SET last_payee_id = coalesce($5, last_payee_id), statements = statements + $6,
                    stated_minor = stated_minor + $7, carried = carried + $8,
                    state = CASE WHEN $5::text IS NULL THEN 'done' ELSE state END,
                    finished_at = CASE WHEN $5::text IS NULL THEN $9::timestamptz END
      WHERE shop_id = $1 AND currency = $2 AND kind = $3 AND period = $4`,
    [
      ...keyOf(run),
      progress.lastPayeeId,
      progress.statements,
      progress.statedMinor,
      progress.carried,
      progress.now,
    ],
  );
}

function keyOf(run: Run): string[] {
  return [run.shop_id, run.currency, run.kind, run.period];
}
