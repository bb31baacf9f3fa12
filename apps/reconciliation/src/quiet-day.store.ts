import type { Tx } from '@qingfen/database';
import { holdsCash } from './difference.store.js';
import type { DaySpan } from './payout-side.store.js';

/**
 * Whether any topic told something of the shop on a day, a payout left or came back on it, or a difference
 * of another day is still to be looked at: all that the comparisons of a day go by, besides the bill.
 */
export async function isAnythingTold(
  reader: Pick<Tx, 'query'>,
  { shopId, day, start, end }: DaySpan,
): Promise<boolean> {
  const toldOn = ['order', 'refund', 'reversal', 'statement', 'payout'].map(
    (what) => `EXISTS (SELECT 1 FROM told_${what} WHERE shop_id = $1 AND told_on = $2)`,
  );
  const movedOn = ['succeeded_at', 'returned_at'].map(
    (at) => `EXISTS (SELECT 1 FROM told_payout WHERE shop_id = $1 AND ${at} >= $3 AND ${at} < $4)`,
  );
  const [row] = await reader.query<{ told: boolean }>(
    `SELECT ${[...toldOn, ...movedOn].join('\n        OR ')}
        OR EXISTS (SELECT 1 FROM difference
                    WHERE shop_id = $1 AND (state = 'open' OR NOT is_booked OR ${holdsCash})) AS told`,
    [shopId, day, start, end],
  );
  return row?.told ?? true;
}
