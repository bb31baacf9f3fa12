import { insertRows, type Tx } from '@qingfen/database';

/** What stands in the books for a bill under one name. */
export interface StandingBooking {
  readonly item: string;
  readonly account: string;
  readonly amount_minor: bigint;
  readonly revision: number;
}

type Reader = Pick<Tx, 'query'>;

/** To be read under the lock of the shop's bookings. */
export function standingBookings(
  tx: Reader,
  shopId: string,
  items: readonly string[],
): Promise<StandingBooking[]> {
  return tx.query<StandingBooking>(
    `SELECT item, account, amount_minor, revision FROM bill_booking
      WHERE shop_id = $1 AND item = ANY ($2)`,
    [shopId, items],
  );
}

export async function keepBookings(
  tx: Tx,
  shopId: string,
  bookings: readonly StandingBooking[],
): Promise<void> {
  await insertRows(tx, {
    table: 'bill_booking',
    columns: {
      shop_id: 'text',
      item: 'text',
      account: 'text',
      amount_minor: 'bigint',
      revision: 'integer',
    },
    rows: bookings.map((one) => [shopId, one.item, one.account, one.amount_minor, one.revision]),
    onConflict: `(shop_id, item) DO UPDATE SET account = excluded.account,
      amount_minor = excluded.amount_minor, revision = excluded.revision`,
  });
}

/** The balance of a shop's Alipay account in the books before an instant of value, fen. */
export async function cashBefore(
  reader: Reader,
  shopId: string,
  { currency, before }: { readonly currency: string; readonly before: Date },
): Promise<bigint> {
  const [row] = await reader.query<{ cash: bigint }>(
    `WITH cash AS (SELECT account_no FROM account
                    WHERE shop_id = $1 AND currency = $2 AND name = 'alipay-cash')
     SELECT coalesce(sum(leg.amount_minor), 0)::bigint AS cash
       FROM ledger_transaction t
      CROSS JOIN LATERAL unnest(t.account_nos, t.amounts) AS leg(account_no, amount_minor)
       JOIN cash USING (account_no)
      WHERE t.shop_id = $1 AND t.value_at < $3`,
    [shopId, currency, before],
  );
  return row?.cash ?? 0n;
}

/** What is owed for an order, all rows of all entries of its lines together. */
export interface OrderSum {
  readonly order_id: string;
  readonly currency: string;
  readonly is_bound: boolean;
  readonly keeps_rest: boolean;
  readonly entries_minor: bigint;
  readonly entry_count: bigint;
}

export function orderSums(
  reader: Reader,
  shopId: string,
  orderIds: readonly string[],
): Promise<OrderSum[]> {
  return reader.query<OrderSum>(
    `SELECT o.order_id, o.currency, o.plan_version IS NOT NULL AS is_bound,
            v.version IS NOT NULL AND v.document -> 'supplier' IS NULL AS keeps_rest,
            s.entries_minor, s.entry_count
       FROM completed_order o
       LEFT JOIN plan_version v ON v.shop_id = o.shop_id AND v.version = o.plan_version
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(e.amount_minor + coalesce(a.amount_minor, 0)), 0)::bigint AS entries_minor,
               count(*) AS entry_count
          FROM entry e
          LEFT JOIN LATERAL (
            SELECT sum(a.amount_minor) AS amount_minor FROM entry_adjustment a
             WHERE a.shop_id = e.shop_id AND a.entry_id = e.entry_id) a ON true
         WHERE e.shop_id = o.shop_id AND e.order_id = o.order_id AND e.item_id IS NOT NULL) s
      WHERE o.shop_id = $1 AND o.order_id = ANY ($2)`,
    [shopId, orderIds],
  );
}
