import { paidWithoutUs } from '@qingfen/core-payout';
import { advisoryLock, type Tx } from '@qingfen/database';
import { payeeKey } from './payee.store.js';
import type { Reader } from './payout.store.js';

/** Names a payee of a shop. */
export interface PayeeName {
  readonly shopId: string;
  readonly payeeId: string;
}

/**
 * Payouts that were sent, of which money may have moved or may move any moment: what is unknown counts, and
 * so does what waits for its payer at Alipay.
 */
const sent = `(p.state IN ('sending', 'unknown', 'succeeded', 'returned')
  OR (p.state = 'waiting' AND p.reason = '${paidWithoutUs}'))`;

/** What was sent of a shop since its day began, in fen. */
export interface SentToday {
  readonly shopMinor: bigint;
  readonly byPayee: ReadonlyMap<string, bigint>;
}

/** Lets one sender at a time, of all replicas, count and add to what a shop has sent; in one order. */
export async function lockCounts(tx: Tx, shopIds: readonly string[]): Promise<void> {
  for (const shopId of [...shopIds].sort()) await advisoryLock(tx, `sent ${shopId}`, 'exclusive');
}

/** What a shop has sent since an instant. */
export async function sentSince(reader: Reader, shopId: string, since: Date): Promise<SentToday> {
  const rows = await reader.query<{ payeeId: string; sum: bigint }>(
    `SELECT p.payee_id AS "payeeId", sum(p.amount_minor)::bigint AS sum FROM payout p
      WHERE p.shop_id = $1 AND p.sent_at >= $2 AND ${sent} GROUP BY p.payee_id`,
    [shopId, since],
  );
  return {
    shopMinor: rows.reduce((total, { sum }) => total + sum, 0n),
    byPayee: new Map(rows.map(({ payeeId, sum }) => [payeeId, sum])),
  };
}

/** How many payouts a shop has sent to each of these payees after an instant. */
export async function sentAfter(
  reader: Reader,
  shopId: string,
  by: { readonly payeeIds: readonly string[]; readonly after: Date },
): Promise<Map<string, number>> {
  const rows = await reader.query<{ payeeId: string; count: number }>(
    `SELECT p.payee_id AS "payeeId", count(*)::integer AS count FROM payout p
      WHERE p.shop_id = $1 AND p.sent_at > $2 AND p.payee_id = ANY ($3) AND ${sent}
      GROUP BY p.payee_id`,
    [shopId, by.after, by.payeeIds],
  );
  return new Map(rows.map(({ payeeId, count }) => [payeeId, count]));
}

/** What is known of a payee's account besides the account. */
export interface AccountHistory {
  readonly replacedAt: Date | null;
  /** Other payees of the shop who have it too, a few of them. */
  readonly sharedWith: readonly string[];
}

/** The histories of these payees' accounts, by {@link payeeKey}. */
export async function accountHistories(
  reader: Reader,
  payees: readonly PayeeName[],
): Promise<Map<string, AccountHistory>> {
  const rows = await reader.query<PayeeName & AccountHistory>(
    `SELECT p.shop_id AS "shopId", p.payee_id AS "payeeId", 
            CASE WHEN p.has_replaced THEN p.account_heard_at END AS "replacedAt",
            ARRAY(SELECT o.payee_id FROM payee o
                   WHERE o.shop_id = p.shop_id AND o.account_index = p.account_index
                     AND o.payee_id <> p.payee_id ORDER BY o.payee_id LIMIT 5) AS "sharedWith"
       FROM payee p
       JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS k(shop_id, payee_id)
         USING (shop_id, payee_id)`,
    [payees.map(({ shopId }) => shopId), payees.map(({ payeeId }) => payeeId)],
  );
  return new Map(rows.map((row) => [payeeKey(row), row]));
}
