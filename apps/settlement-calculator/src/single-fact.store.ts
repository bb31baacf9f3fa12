import type { Kind } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';

/** An entry that belongs to no line, and the fact that it was booked for. */
export interface SingleFact {
  readonly entry_id: bigint;
  readonly kind: Kind;
  readonly owner_id: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly matures_at: Date;
  readonly cause: string;
  readonly cause_id: string | null;
  readonly correlation_id: string;
  readonly booked_at: Date;
  readonly batch_id: bigint;
  readonly closed_minor: bigint | null;
  readonly open_minor: bigint | null;
  readonly open_matures_at: Date | null;
  /** Of a give-back, its payout. */
  readonly payout: {
    readonly payout_id: string;
    readonly statement_id: string;
    readonly payee_id: string;
    readonly kind: string;
    readonly currency: string;
    /** With the tax that was withheld of it: it is owed again, too. */
    readonly amount: string;
    readonly status: string | null;
    readonly ended_at: string | null;
  } | null;
  /** Of an amount by hand, its record. */
  readonly manual: {
    readonly entry_id: string | null;
    readonly payee_id: string;
    readonly kind: string;
    readonly currency: string;
    readonly amount: string;
    readonly reason: string;
    readonly made_by: string;
    readonly approved_by: string | null;
    readonly state: string | null;
  } | null;
}

// Minor units as text, for JSON has no whole numbers that large.
const factSelect = `
SELECT n.block * 16384 AS entry_id, c.kind, c.owner_id, n.currency, n.amount_minor, n.matures_at,
       n.cause, n.cause_id, n.correlation_id, n.booked_at, n.batch_id,
       coalesce(x.amount_minor, s.amount_minor) AS closed_minor,
       u.amount_minor AS open_minor, u.matures_at AS open_matures_at,
       CASE WHEN n.cause = 'give-back' THEN (
         SELECT json_build_object('payout_id', p.payout_id, 'statement_id', p.statement_id,
                  'payee_id', p.payee_id, 'kind', p.kind, 'currency', p.currency,
                  'amount', (p.amount_minor + p.withheld_minor)::text, 'status', p.status, 'ended_at', p.ended_at)
           FROM payout p WHERE p.shop_id = n.shop_id AND p.payout_id = n.cause_id) END AS payout,
       CASE WHEN n.cause IN ('adjustment', 'opening') THEN (
         SELECT json_build_object('entry_id', j.entry_id::text, 'payee_id', j.payee_id,
                  'kind', j.kind, 'currency', j.currency, 'amount', j.amount_minor::text,
                  'reason', j.reason, 'made_by', j.made_by, 'approved_by', j.approved_by,
                  'state', NULL)
           FROM adjustment j
          WHERE j.shop_id = n.shop_id AND j.adjustment_id = substr(n.cause_id, 4)::bigint)
       WHEN n.cause IN ('recovery', 'recovery-withdrawn') THEN (
         SELECT json_build_object('entry_id', NULL, 'payee_id', r.payee_id, 'kind', r.kind,
                  'currency', r.currency,
                  'amount', CASE WHEN n.cause = 'recovery' THEN r.amount_minor
                                 ELSE -r.amount_minor END::text,
                  'reason', r.reason, 'made_by', r.made_by, 'approved_by', r.approved_by,
                  'state', r.state)
           FROM recovery r
          WHERE r.shop_id = n.shop_id AND r.recovery_id = substr(n.cause_id, 4)::bigint)
       END AS manual
  FROM single_entry n
  JOIN account c ON c.shop_id = n.shop_id AND c.account_no = n.account_no
  LEFT JOIN LATERAL stated_entry(n.shop_id, n.account_no, n.block * 16384) s ON true
  LEFT JOIN settled_outside x ON x.shop_id = n.shop_id AND x.account_no = n.account_no
                             AND x.entry_id = n.block * 16384
  LEFT JOIN unstated u ON u.shop_id = n.shop_id AND u.account_no = n.account_no
                      AND u.entry_id = n.block * 16384
 WHERE n.shop_id = $1 AND n.item_id IS NULL`;

/** Those of the entries that belong to no line. */
export function singleFacts(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  entryIds: readonly bigint[],
): Promise<SingleFact[]> {
  return tx.query<SingleFact>(`${factSelect} AND n.block * 16384 = ANY($2) ORDER BY n.block`, [
    shopId,
    entryIds,
  ]);
}

/** A shop's entries that belong to no line, behind one, in their order. */
export function singleFactsAfter(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  { after, limit }: { readonly after: bigint; readonly limit: number },
): Promise<SingleFact[]> {
  return tx.query<SingleFact>(
    `${factSelect} AND n.block > $2::bigint / 16384 ORDER BY n.block LIMIT $3`,
    [shopId, after, limit],
  );
}
