import type { Kind, PayoutState } from '@qingfen/contracts';
import type { Minor } from '@qingfen/money';
import type { Reader } from './payout.store.js';

/** Payouts that are not final, of one kind, currency and state, or of all in one currency. */
export interface OpenSum {
  /** Null with `state`: all of the currency. */
  readonly kind: Kind | null;
  readonly currency: string;
  readonly state: PayoutState | null;
  readonly count: bigint;
  readonly amountMinor: Minor;
}

/** What of a shop's payouts is asked for and not final, in minor units. */
export function openSums(reader: Reader, shopId: string): Promise<OpenSum[]> {
  return reader.query<OpenSum>(
    `SELECT kind, currency, state, count(*) AS count, sum(amount_minor)::bigint AS "amountMinor"
       FROM payout
      WHERE shop_id = $1 AND state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')
      GROUP BY GROUPING SETS ((kind, currency, state), (currency))
      ORDER BY currency, kind, state`,
    [shopId],
  );
}

/** What was foreseen to fall due on a day, in fen of CNY. */
export interface ForeseenDay {
  readonly day: string;
  readonly dueMinor: Minor;
  readonly toldAt: Date;
}

/** What the last forecast says of the days behind one, the nearest first. */
export function foreseenDays(
  reader: Reader,
  shopId: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<ForeseenDay[]> {
  return reader.query<ForeseenDay>(
    `SELECT day, due_minor AS "dueMinor", told_at AS "toldAt" FROM foreseen_day
      WHERE shop_id = $1 AND day > $2::date ORDER BY day LIMIT $3`,
    [shopId, after, limit],
  );
}
