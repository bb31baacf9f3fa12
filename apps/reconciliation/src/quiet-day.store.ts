import type { Tx } from '@qingfen/database';
import { holdsCash } from './difference.store.js';
import type { DaySpan } from './payout-side.store.js';

/** A day, and that whose payments have waited for an order as long as they may. */
export interface QuietSpan extends DaySpan {
  readonly paidOn: string;
}

/**
 * Whether any topic told something of the shop on a day, a payout left or came back on it, an order was paid
 * or refunded on it, payments have waited for an order until then, or a difference of another day is still to
 * be looked at: all that the comparisons of a day go by, besides the bill.
 */
export async function isAnythingTold(
  reader: Pick<Tx, 'query'>,
  { shopId, day, start, end, paidOn }: QuietSpan,
): Promise<boolean> {
  const toldOn = ['order', 'refund', 'reversal', 'statement', 'payout'].map(
    (what) => `EXISTS (SELECT 1 FROM told_${what} WHERE shop_id = $1 AND told_on = $2)`,
  );
  const within = (table: string, at: string): string =>
    `EXISTS (SELECT 1 FROM ${table} WHERE shop_id = $1 AND ${at} >= $3 AND ${at} < $4)`;
  const movedOn = [
    within('told_payout', 'succeeded_at'),
    within('told_payout', 'returned_at'),
    within('(SELECT * FROM told_order WHERE trade_no IS NOT NULL) o', 'paid_at'),
    within('told_refund', 'refunded_at'),
    'EXISTS (SELECT 1 FROM bill WHERE shop_id = $1 AND day = $5 AND trade_lines > 0)',
  ];
  const [row] = await reader.query<{ told: boolean }>(
    `SELECT ${[...toldOn, ...movedOn].join('\n        OR ')}
        OR EXISTS (SELECT 1 FROM difference
                    WHERE shop_id = $1 AND (state = 'open' OR NOT is_booked OR ${holdsCash})) AS told`,
    [shopId, day, start, end, paidOn],
  );
  return row?.told ?? true;
}
