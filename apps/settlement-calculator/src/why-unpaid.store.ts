import type { Kind } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import { holdColumns, holdOfRow, type HoldRow } from './explained-hold.store.js';

type Reader = Pick<Tx, 'query'>;

/** A payee as far as runs ask about it. */
export interface AskedPayee {
  readonly has_account: boolean;
  readonly tasks: readonly string[];
  /** The team that it leads, and how many leaders that has. */
  readonly team_id: string | null;
  readonly leaders: bigint;
}

export async function askedPayee(tx: Reader, shopId: string, payeeId: string): Promise<AskedPayee> {
  const [row] = await tx.query<AskedPayee>(
    `SELECT p.account_hash IS NOT NULL AS has_account, p.tasks,
            CASE WHEN 'team-leader' = ANY (p.roles) THEN p.team_id END AS team_id,
            (SELECT count(*) FROM payee l
              WHERE l.shop_id = p.shop_id AND l.team_id = p.team_id
                AND 'team-leader' = ANY (l.roles)) AS leaders
       FROM payee p WHERE p.shop_id = $1 AND p.payee_id = $2`,
    [shopId, payeeId],
  );
  return row ?? { has_account: false, tasks: [], team_id: null, leaders: 0n };
}

/** The accounts on which something may wait for a payee: its own, and of the team that it leads. */
export interface OwedAccount {
  readonly account_no: bigint;
  readonly kind: Kind;
  readonly currency: string;
  readonly is_team: boolean;
}

export function owedAccounts(
  tx: Reader,
  shopId: string,
  of: {
    readonly payeeId: string;
    readonly teamOwner: string | null;
    readonly kind: Kind | null;
  },
): Promise<OwedAccount[]> {
  return tx.query<OwedAccount>(
    `SELECT account_no, kind, currency, owner_id <> $2 AS is_team FROM account
      WHERE shop_id = $1 AND kind IN ('commission', 'supplier', 'team-reward')
        AND (owner_id = $2 OR (kind = 'team-reward' AND owner_id = $3))
        AND ($4::text IS NULL OR kind = $4)
      ORDER BY kind, currency, account_no`,
    [shopId, of.payeeId, of.teamOwner, of.kind],
  );
}

/** What is asked of the accounts of one kind and currency. */
export interface Asked {
  readonly shopId: string;
  readonly accounts: readonly OwedAccount[];
  /** Of the next run; null where none is scheduled. */
  readonly cutoff: Date | null;
  /** Whether the team has more than one leader. */
  readonly isCrowded: boolean;
}

/** Entries that wait for one reason, in sum. */
export interface ReasonSum {
  readonly reason:
    | 'next-run'
    | 'not-mature'
    | 'window-not-announced'
    | 'held'
    | 'owed-back'
    | 'team-with-two-leaders';
  readonly amount_minor: bigint;
  readonly count: bigint;
  readonly matures_from: Date;
  readonly matures_until: Date;
  /** What of it the next run takes. */
  readonly taken_minor: bigint;
}

// The first of the reasons that apply, by the rule by which a run takes entries (run.store.ts): a team's
// reward matures with its run, and what takes something off is never held.
const waiting = `
WITH owned AS (
  SELECT * FROM unnest($2::bigint[], $3::boolean[]) AS o(account_no, is_team)
), waiting AS MATERIALIZED (
  SELECT u.entry_id, u.amount_minor, u.matures_at,
         u.matures_at < c.cutoff OR (o.is_team AND u.matures_at = c.cutoff) AS is_mature,
         CASE
           WHEN o.is_team AND $5 THEN 'team-with-two-leaders'
           WHEN u.amount_minor < 0 THEN 'owed-back'
           WHEN u.entry_id / 16384 IN (SELECT h.block FROM held_block h WHERE h.shop_id = $1)
             OR CASE WHEN u.is_give_back THEN give_back_held($1, u.entry_id) ELSE false END
             THEN 'held'
           WHEN NOT (u.matures_at < c.cutoff OR (o.is_team AND u.matures_at = c.cutoff))
             THEN 'not-mature'
           WHEN u.entry_id / 16384 IN (
             SELECT w.block FROM awaited_window w
              WHERE w.shop_id = $1 AND w.closes_at < c.cutoff
                AND NOT EXISTS (SELECT 1 FROM window_evidence v
                                 WHERE v.shop_id = w.shop_id AND v.order_id = w.order_id
                                   AND v.completed_at = w.completed_at
                                   AND v.closed_at >= w.closes_at)) THEN 'window-not-announced'
           ELSE 'next-run'
         END AS reason
    FROM owned o
    JOIN unstated u ON u.shop_id = $1 AND u.account_no = o.account_no
   CROSS JOIN (SELECT coalesce($4::timestamptz, 'infinity') AS cutoff) c
)`;

function paramsOf({ shopId, accounts, cutoff, isCrowded }: Asked): unknown[] {
  return [
    shopId,
    accounts.map(({ account_no: accountNo }) => accountNo),
    accounts.map(({ is_team: isTeam }) => isTeam),
    cutoff,
    isCrowded,
  ];
}

/** What waits for which reason. */
export function reasonSums(tx: Reader, asked: Asked): Promise<ReasonSum[]> {
  return tx.query<ReasonSum>(
    `${waiting}
     SELECT reason, sum(amount_minor)::bigint AS amount_minor, count(*) AS count,
            min(matures_at) AS matures_from, max(matures_at) AS matures_until,
            coalesce(sum(amount_minor) FILTER (WHERE reason = 'next-run'
                       OR (reason = 'owed-back' AND is_mature)), 0)::bigint AS taken_minor
       FROM waiting GROUP BY reason ORDER BY reason`,
    paramsOf(asked),
  );
}

/** One of the entries that wait for a reason. */
export interface WaitingEntry {
  readonly reason: ReasonSum['reason'];
  readonly entry_id: bigint;
  readonly order_id: string;
  readonly amount_minor: bigint;
  readonly matures_at: Date;
  readonly cause: string;
  readonly cause_id: string | null;
}

/** The first entries of each reason. */
export function waitingEntries(tx: Reader, asked: Asked, limit: number): Promise<WaitingEntry[]> {
  return tx.query<WaitingEntry>(
    `${waiting}, firsts AS MATERIALIZED (
       SELECT * FROM (SELECT w.*, row_number() OVER (PARTITION BY reason ORDER BY entry_id) AS place
                        FROM waiting w) x WHERE place <= $6
     )
     SELECT f.reason, f.entry_id, e.order_id, f.amount_minor, f.matures_at, e.cause, e.cause_id
       FROM firsts f
      CROSS JOIN LATERAL (SELECT * FROM entry e WHERE e.shop_id = $1
                             AND e.block = f.entry_id / 16384 AND e.entry_id = f.entry_id) e
      ORDER BY f.reason, f.entry_id`,
    [...paramsOf(asked), limit],
  );
}

/** What holds the entries that are held: their orders' holds, their own, those of a give-back's statement. */
export async function holdsOfWaiting(tx: Reader, asked: Asked, limit: number): Promise<HoldRow[]> {
  const rows = await tx.query<Parameters<typeof holdOfRow>[0]>(
    `${waiting}, held AS (
       SELECT entry_id / 16384 AS block FROM waiting WHERE reason = 'held'
     ), blocks AS MATERIALIZED (
       SELECT block FROM held
       UNION
       SELECT l.entry_id / 16384 FROM held d
         JOIN single_entry e ON e.shop_id = $1 AND e.block = d.block AND e.cause = 'give-back'
         JOIN payout p ON p.shop_id = $1 AND p.payout_id = e.cause_id
         JOIN statement t ON t.shop_id = $1 AND t.statement_id = p.statement_id
         JOIN statement_entry l ON l.shop_id = $1 AND l.statement_no = t.statement_no
     )
     SELECT DISTINCT ON (h.opened_at, h.subject_type, h.subject_id, h.hold_key) ${holdColumns}
       FROM held_block b JOIN blocks USING (block)
       JOIN hold h ON h.shop_id = b.shop_id AND h.subject_type = b.subject_type
                  AND h.subject_id = b.subject_id AND h.released_at IS NULL
      WHERE b.shop_id = $1
      ORDER BY h.opened_at, h.subject_type, h.subject_id, h.hold_key LIMIT $6`,
    [...paramsOf(asked), limit],
  );
  return rows.map(holdOfRow);
}

/** Payouts of which the ledger has heard no end. */
export function payoutsUnderWay(
  tx: Reader,
  shopId: string,
  of: { readonly payeeId: string; readonly limit: number },
): Promise<
  {
    readonly payout_id: string;
    readonly statement_id: string;
    readonly kind: Kind;
    readonly currency: string;
    readonly amount_minor: bigint;
    readonly requested_at: Date;
  }[]
> {
  return tx.query(
    `SELECT payout_id, statement_id, kind, currency, amount_minor, requested_at FROM payout
      WHERE shop_id = $1 AND payee_id = $2 AND status IS NULL
      ORDER BY requested_at, payout_id LIMIT $3`,
    [shopId, of.payeeId, of.limit],
  );
}
