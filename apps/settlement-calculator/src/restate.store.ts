import type { Tx } from '@qingfen/database';
import type { PayoutRow } from './payout.store.js';
import type { Run } from './run.store.js';
import { entriesPerPage } from './state-payees.store.js';

export interface GiveBack {
  readonly entry_id: bigint;
  readonly is_open: boolean;
}

/** The entry in which the money of a payout stands that did not arrive. */
export async function giveBackOf(tx: Tx, payout: PayoutRow): Promise<GiveBack | undefined> {
  const [row] = await tx.query<GiveBack>(
    `SELECT e.block * 16384 AS entry_id,
            EXISTS (SELECT 1 FROM unstated u
                     WHERE u.shop_id = e.shop_id AND u.account_no = e.account_no
                       AND u.entry_id = e.block * 16384) AS is_open
       FROM single_entry e WHERE e.shop_id = $1 AND e.cause = 'give-back' AND e.cause_id = $2`,
    [payout.shop_id, payout.payout_id],
  );
  return row;
}

/** What stands in the way of stating to a payee now. */
export interface Obstacles {
  readonly account_hash: string | null;
  readonly is_held: boolean;
  readonly lacks_task: boolean;
  readonly held_order: string | null;
}

/**
 * The payee's account and holds, and an open hold of an order of the payout's statement; where that
 * statement was a give-back's own, of the statement before it.
 */
export async function obstaclesOf(
  tx: Tx,
  payout: PayoutRow,
  tasks: readonly string[],
): Promise<Obstacles> {
  const [row] = await tx.query<Obstacles>(
    `WITH RECURSIVE origin (statement_no) AS (
       SELECT t.statement_no FROM statement t WHERE t.shop_id = $1 AND t.statement_id = $3
       UNION
       SELECT t.statement_no
         FROM origin o
         JOIN statement_entry l ON l.shop_id = $1 AND l.statement_no = o.statement_no
         JOIN single_entry e ON e.shop_id = l.shop_id AND e.block = l.entry_id / 16384
                            AND e.cause = 'give-back'
         JOIN payout p ON p.shop_id = e.shop_id AND p.payout_id = e.cause_id
         JOIN statement t ON t.shop_id = p.shop_id AND t.statement_id = p.statement_id
     )
     SELECT p.account_hash, NOT coalesce(p.tasks, '{}') @> $4::text[] AS lacks_task,
            EXISTS (SELECT 1 FROM hold h WHERE h.shop_id = $1 AND h.subject_type = 'payee'
                       AND h.subject_id = $2 AND h.released_at IS NULL) AS is_held,
            (SELECT min(h.subject_id) FROM origin o
               JOIN statement_entry l ON l.shop_id = $1 AND l.statement_no = o.statement_no
               JOIN held_block h ON h.shop_id = $1 AND h.subject_type = 'order'
                                AND h.block = l.entry_id / 16384) AS held_order
       FROM (VALUES (1)) one LEFT JOIN payee p ON p.shop_id = $1 AND p.payee_id = $2`,
    [payout.shop_id, payout.payee_id, payout.statement_id, tasks],
  );
  if (row === undefined) throw new Error('a row of one value is there');
  return row;
}

/** What a statement of its own takes of the open entries. */
export interface Taken {
  readonly statement_no: bigint;
  readonly account_no: bigint;
  readonly net_minor: bigint;
  readonly entry_count: number;
  readonly correlation_id: string | null;
}

/** Takes the give-back off the open entries, with what the payee owes back of this kind by now. */
export async function takeGiveBack(
  tx: Tx,
  payout: PayoutRow,
  { entryId, cutoff }: { readonly entryId: bigint; readonly cutoff: Date },
): Promise<Taken> {
  const [row] = await tx.query<Taken>(
    `WITH taken AS (
       DELETE FROM unstated u USING account c
        WHERE c.shop_id = $1 AND c.kind = $2 AND c.owner_id = $3 AND c.currency = $4
          AND u.shop_id = c.shop_id AND u.account_no = c.account_no
          AND (u.entry_id = $5 OR (u.amount_minor < 0 AND u.matures_at < $6))
       RETURNING u.account_no, u.entry_id, u.amount_minor
     ), number AS MATERIALIZED (
       SELECT nextval('statement_no_seq') AS statement_no
     ), placed AS (
       INSERT INTO statement_page (shop_id, account_no, statement_no, entry_ids, amounts)
       SELECT $1, t.account_no, n.statement_no, array_agg(t.entry_id ORDER BY t.entry_id),
              array_agg(t.amount_minor ORDER BY t.entry_id)
         FROM (SELECT *, (row_number() OVER (PARTITION BY account_no ORDER BY entry_id) - 1)
                         / ${entriesPerPage} AS page FROM taken) t
        CROSS JOIN number n
        GROUP BY t.account_no, n.statement_no, t.page
     )
     SELECT (SELECT statement_no FROM number) AS statement_no, min(account_no) AS account_no,
            coalesce(sum(amount_minor), 0)::bigint AS net_minor, count(*)::integer AS entry_count,
            correlation_of($1, $5) AS correlation_id
       FROM taken`,
    [payout.shop_id, payout.kind, payout.payee_id, payout.currency, entryId, cutoff],
  );
  if (row === undefined) throw new Error('an aggregate is one row');
  return row;
}

/** Ends the hold that the give-back itself carries: to retry it is to release it. */
export async function releaseEntry(
  tx: Tx,
  shopId: string,
  entryId: bigint,
  at: Date,
): Promise<void> {
  await tx.query(
    `UPDATE hold SET released_at = $3
      WHERE shop_id = $1 AND subject_type = 'entry' AND subject_id = $2 AND released_at IS NULL`,
    [shopId, entryId.toString(), at],
  );
}

/** The plan version of the run that stated the payout first; a run of its own keeps to it. */
export async function versionOfRun(tx: Tx, payout: PayoutRow): Promise<number> {
  const [row] = await tx.query<{ plan_version: number }>(
    `SELECT r.plan_version FROM statement s
       JOIN run r ON r.shop_id = s.shop_id AND r.currency = s.currency AND r.kind = s.kind
                 AND r.period = s.period
      WHERE s.shop_id = $1 AND s.statement_id = $2`,
    [payout.shop_id, payout.statement_id],
  );
  if (row === undefined) throw new Error('a statement has a run');
  return row.plan_version;
}

/** Keeps a run that is done as soon as it is there: of one payee, outside of every cycle. */
export async function insertDoneRun(tx: Tx, run: Run, netMinor: bigint): Promise<void> {
  await tx.query(
    `INSERT INTO run (shop_id, currency, kind, period, scheduled_at, cutoff, plan_version, state,
                      topic_ends, statements, stated_minor, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'done', '{}', 1, $8, $6)`,
    [
      run.shop_id,
      run.currency,
      run.kind,
      run.period,
      run.scheduled_at,
      run.cutoff,
      run.plan_version,
      netMinor,
    ],
  );
}
