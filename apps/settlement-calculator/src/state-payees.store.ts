import type { Tx } from '@qingfen/database';
import { invariant } from '@qingfen/money';
import { lockBuckets } from './bucket.js';
import type { OpenOwner, Run } from './run.store.js';

/** What a row of `statement_page` holds; its table has no room for more. */
export const entriesPerPage = 100;

/** What one payee's entries of a chunk came to. */
export interface PayeeNet {
  readonly payee_id: string;
  readonly net_minor: bigint;
  /** Of the net: what matured since `previousCutoff`. */
  readonly period_minor: bigint;
  /** Of the net: what was its team's until now, and under which name. */
  readonly team_minor: bigint;
  readonly team_owner: string | null;
  readonly entry_count: number;
  /** Whether it is inside the rollout: what is outside is judged all the same, and not stated. */
  readonly is_inside: boolean;
  readonly outcome: 'stated' | 'no-account' | 'condition' | 'held' | 'below-minimum';
  readonly statement_id: string;
  /** Null unless stated and inside. */
  readonly statement_no: bigint | null;
  readonly account_hash: string | null;
  readonly correlation_id: string | null;
}

/** An owner, and the payee to whom the run states what it is owed. */
export interface StatedOwner extends OpenOwner {
  readonly payeeId: string;
  /** Whether the payee is inside the rollout. */
  readonly isInside: boolean;
  /** The least that is stated to the payee, taxes included; null: no sum is. */
  readonly leastMinor: bigint | null;
}

/**
 * States payees of a run in one statement and so in one snapshot: entries are read once, and what is
 * summed is what is listed and taken off the unstated ones, to the row.
 *
 * The statement's id is derived in SQL by the formula of domain.md 7; the caller derives it again and
 * insists that both agree.
 * @returns nothing for payees without an entry to take.
 */
export async function statePayees(
  tx: Tx,
  run: Run,
  owners: readonly StatedOwner[],
  terms: {
    readonly tasks: readonly string[];
    readonly previousCutoff: Date | null;
  },
): Promise<PayeeNet[]> {
  // Before the snapshot of the statement below: a correction under way ends first, or waits for us.
  await lockBuckets(
    tx,
    owners.flatMap(({ owner_id: ownerId, payeeId }) =>
      [ownerId, payeeId].map((id) => ({ shopId: run.shop_id, kind: run.kind, payeeId: id })),
    ),
    'exclusive',
  );
  const payees = await tx.query<PayeeNet & { readonly taken_count: bigint }>(statePayeesSql, [
    run.shop_id,
    run.kind,
    run.currency,
    owners.map(({ account_no: accountNo }) => accountNo),
    run.entry_bound,
    run.cutoff,
    owners.map(({ leastMinor }) => leastMinor),
    run.period,
    owners.map(({ payeeId }) => payeeId),
    owners.map(({ owner_id: ownerId, payeeId }) => (ownerId === payeeId ? null : ownerId)),
    terms.tasks,
    owners.map(({ isInside }) => isInside),
    terms.previousCutoff,
  ]);
  insistOnTaken(payees);
  return payees;
}

/** Rows are taken by their places, as the same snapshot found them: nobody else may have had one since. */
function insistOnTaken(payees: readonly (PayeeNet & { readonly taken_count: bigint })[]): void {
  const listed = payees
    .filter(({ statement_no: statementNo }) => statementNo !== null)
    .reduce((sum, { entry_count: count }) => sum + BigInt(count), 0n);
  const taken = payees[0]?.taken_count ?? 0n;
  invariant(taken === listed, `${listed} entries were listed and ${taken} taken`);
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
  SELECT * FROM unnest($4::bigint[], $9::text[], $10::text[], $12::boolean[], $7::bigint[])
                  AS w(account_no, payee_id, team_owner, is_inside, least_minor)
), found AS MATERIALIZED (
  SELECT w.*, t.*
    FROM owner w
   CROSS JOIN LATERAL (
     SELECT sum(u.amount_minor) AS net_minor, count(*) AS entry_count,
            coalesce(sum(u.amount_minor) FILTER (WHERE $13::timestamptz IS NULL
              OR u.matures_at > $13 OR (w.team_owner IS NULL AND u.matures_at = $13)), 0)
              AS period_minor,
            array_agg(u.entry_id ORDER BY u.entry_id) AS entry_ids,
            array_agg(u.amount_minor ORDER BY u.entry_id) AS amounts,
            array_agg(u.ctid ORDER BY u.entry_id) AS places
       FROM unstated u WHERE u.account_no = w.account_no AND ${statable}) t
   WHERE t.entry_count > 0
), sums AS MATERIALIZED (
  SELECT payee_id, bool_and(is_inside) AS is_inside, max(least_minor) AS least_minor,
         sum(net_minor)::bigint AS net_minor, sum(period_minor)::bigint AS period_minor,
         coalesce(sum(net_minor) FILTER (WHERE team_owner IS NOT NULL), 0)::bigint AS team_minor,
         min(team_owner) AS team_owner, sum(entry_count)::integer AS entry_count,
         min(entry_ids[1]) AS first_entry_id
    FROM found
   GROUP BY payee_id
), judged AS MATERIALIZED (
  SELECT s.*, p.account_hash,
         'st_' || substr(encode(sha256(convert_to(
           $1 || '|' || $3 || '|' || $2 || '|' || $8 || '|' || s.payee_id, 'UTF8')), 'hex'), 1, 26)
           AS statement_id,
         CASE
           WHEN s.least_minor IS NULL OR s.net_minor < greatest(s.least_minor, 1)
             THEN 'below-minimum'
           WHEN p.account_hash IS NULL THEN 'no-account'
           WHEN NOT p.tasks @> $11::text[] THEN 'condition'
           WHEN EXISTS (SELECT 1 FROM hold h
                         WHERE h.shop_id = $1 AND h.subject_type = 'payee'
                           AND h.subject_id = s.payee_id AND h.released_at IS NULL) THEN 'held'
           ELSE 'stated'
         END AS outcome
    FROM sums s LEFT JOIN payee p ON p.shop_id = $1 AND p.payee_id = s.payee_id
), stated AS MATERIALIZED (
  SELECT payee_id, nextval('statement_no_seq') AS statement_no FROM judged
   WHERE outcome = 'stated' AND is_inside
), listed AS MATERIALIZED (
  SELECT s.statement_no, f.account_no, f.entry_count, f.entry_ids, f.amounts, f.places
    FROM stated s JOIN found f USING (payee_id)
), taken AS (
  DELETE FROM unstated u
   USING (SELECT unnest(places) AS place FROM listed) l WHERE u.ctid = l.place
  RETURNING 1
), placed AS (
  INSERT INTO statement_page (shop_id, account_no, statement_no, entry_ids, amounts)
  SELECT $1, account_no, statement_no, entry_ids[n:n + ${entriesPerPage - 1}],
         amounts[n:n + ${entriesPerPage - 1}]
    FROM listed CROSS JOIN LATERAL generate_series(1, entry_count, ${entriesPerPage}) AS n
   ORDER BY account_no, n
)
SELECT j.*, s.statement_no,
       CASE WHEN j.outcome = 'stated' THEN correlation_of($1, j.first_entry_id) END AS correlation_id,
       (SELECT count(*) FROM taken) AS taken_count
  FROM judged j LEFT JOIN stated s USING (payee_id) ORDER BY j.payee_id`;
