import type { DifferenceClass, Movement } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';
import type { Minor } from '@qingfen/money';

type Reader = Pick<Tx, 'query'>;

/** A shop in a stretch of time, half-open. */
export interface ShopSpan {
  readonly shopId: string;
  readonly from: Date;
  readonly to: Date;
}

/** One movement of one currency: of one kind, or of all of them together. */
export interface MovementRow {
  readonly movement: Movement;
  readonly kind: string | null;
  readonly currency: string;
  readonly isTotal: boolean;
  readonly count: bigint;
  readonly amountMinor: Minor;
}

/**
 * What was stated, asked for and ended in a stretch of time, in minor units; by kind, and all kinds
 * together as the database sums them up. A payout counts by what is known of it now.
 */
export function movementsIn(
  reader: Reader,
  { shopId, from, to }: ShopSpan,
): Promise<MovementRow[]> {
  return reader.query<MovementRow>(
    `WITH moved(movement, kind, currency, amount_minor) AS (
       SELECT 'statements', kind, currency, net_minor FROM told_statement
        WHERE shop_id = $1 AND issued_at >= $2 AND issued_at < $3
       UNION ALL
       SELECT 'requested', kind, currency, amount_minor FROM told_payout
        WHERE shop_id = $1 AND requested_at >= $2 AND requested_at < $3
       UNION ALL
       SELECT 'succeeded', kind, currency, amount_minor FROM told_payout
        WHERE shop_id = $1 AND succeeded_at >= $2 AND succeeded_at < $3
          AND status IN ('succeeded', 'returned')
       UNION ALL
       SELECT 'returned', kind, currency, amount_minor FROM told_payout
        WHERE shop_id = $1 AND returned_at >= $2 AND returned_at < $3
       UNION ALL
       SELECT status, kind, currency, amount_minor FROM told_payout
        WHERE shop_id = $1 AND ended_at >= $2 AND ended_at < $3
          AND status IN ('failed', 'cancelled'))
     SELECT movement, kind, currency, grouping(kind) = 1 AS "isTotal", count(*) AS count,
            sum(amount_minor)::bigint AS "amountMinor"
       FROM moved
      GROUP BY GROUPING SETS ((movement, kind, currency), (movement, currency))`,
    [shopId, from, to],
  );
}

/** Open differences of one class and currency, or of all classes together. */
export interface OpenDifferenceRow {
  readonly class: DifferenceClass | null;
  readonly currency: string;
  readonly count: bigint;
  /** As if all were above nothing: one against the shop does not hide one in its favour. */
  readonly amountMinor: Minor;
}

/** What is open in a shop now, whichever day told it; the totals have no class. */
export function openDifferences(reader: Reader, shopId: string): Promise<OpenDifferenceRow[]> {
  return reader.query<OpenDifferenceRow>(
    `SELECT class, currency, count(*) AS count, sum(abs(amount_minor))::bigint AS "amountMinor"
       FROM difference WHERE shop_id = $1 AND state = 'open'
      GROUP BY GROUPING SETS ((class, currency), (currency)) ORDER BY class, currency`,
    [shopId],
  );
}
