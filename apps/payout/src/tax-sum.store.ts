import type { Database } from '@qingfen/database';

/** What one payee received of one kind, in minor units. */
export interface TaxSumRow {
  readonly payee_id: string;
  readonly name: string;
  readonly account_type: string | null;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly currency: string;
  readonly paid_minor: bigint;
  readonly returned_minor: bigint;
  /** With what was paid, less with what was returned. */
  readonly withheld_minor: bigint;
  readonly payouts: bigint;
}

/** Whose sums of which time; `after` is the last row of the page before. */
export interface WantedTaxSums {
  readonly shopId: string;
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  readonly payeeId: string | null;
  readonly after: readonly string[] | null;
  readonly limit: number;
}

/**
 * Sums by payee, kind and currency of what succeeded and of what came back in a time. A payout that came
 * back later counts in both times: as paid in one, as returned in the other.
 */
export async function taxSums(
  database: Pick<Database, 'query'>,
  { shopId, from, to, payeeId, after, limit }: WantedTaxSums,
): Promise<TaxSumRow[]> {
  return database.query<TaxSumRow>(
    `SELECT s.*, coalesce(y.name, s.payee_id) AS name, y.account_type
       FROM (
         SELECT p.payee_id, p.kind, p.currency,
                coalesce(sum(p.amount_minor) FILTER (WHERE t.to_state = 'succeeded'), 0)::bigint
                  AS paid_minor,
                coalesce(sum(p.amount_minor) FILTER (WHERE t.to_state = 'returned'), 0)::bigint
                  AS returned_minor,
                sum(CASE t.to_state WHEN 'returned' THEN -p.withheld_minor
                                    ELSE p.withheld_minor END)::bigint AS withheld_minor,
                count(*) FILTER (WHERE t.to_state = 'succeeded') AS payouts
           FROM payout_transition t
           JOIN payout p ON p.shop_id = t.shop_id AND p.payout_id = t.payout_id
          WHERE t.shop_id = $1 AND t.to_state IN ('succeeded', 'returned')
            AND t.at >= $2 AND t.at < $3
            AND ($4::text IS NULL OR p.payee_id = $4)
            AND ($5::text IS NULL OR (p.payee_id, p.kind, p.currency) > ($5, $6, $7))
          GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $8) s
       LEFT JOIN payee y ON y.shop_id = $1 AND y.payee_id = s.payee_id
      ORDER BY s.payee_id, s.kind, s.currency`,
    [shopId, from, to, payeeId, ...(after ?? [null, null, null]), limit],
  );
}
