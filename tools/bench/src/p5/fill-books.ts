import type { Client } from 'pg';

/** What a shop's books hold before its run. */
export interface BooksToFill {
  readonly shopId: string;
  /** Everything has matured and its window is told before this instant. */
  readonly maturedAt: Date;
  readonly orders: number;
  readonly distributors: number;
  readonly suppliers: number;
}

/** Two lines an order, each owed to three distributors and a supplier: eight entries that wait. */
export const entriesPerOrder = 8;

/**
 * Fills the calculator's tables with matured orders, as its own transactions would have left them but
 * all at once. Payees are skewed by the fourth power: of 5,000 distributors the busiest has a tenth of
 * all commissions, the lesser half a sixth.
 */
export async function fillBooks(client: Client, books: BooksToFill): Promise<void> {
  const { shopId, maturedAt, orders, distributors, suppliers } = books;
  await client.query('SET search_path = settlement_calculator');
  await client.query('SELECT setseed(0.5)');
  const query = (sql: string, ...params: unknown[]): Promise<unknown> => client.query(sql, params);
  await query(
    `INSERT INTO account (shop_id, currency, name, bucket)
     SELECT $1, 'CNY', name, (row_number() OVER ())::integer % 64 FROM (
       SELECT 'revenue:platform-fee' AS name
       UNION ALL SELECT 'clearing' UNION ALL SELECT 'payout-in-transit'
       UNION ALL SELECT 'payable:commission:d-' || lpad(g::text, 6, '0') FROM generate_series(1, $2::int) g
       UNION ALL SELECT 'payable:supplier:s-' || lpad(g::text, 6, '0') FROM generate_series(1, $3::int) g
     ) names`,
    shopId,
    distributors,
    suppliers,
  );
  await query(
    `INSERT INTO payee (shop_id, payee_id, roles, tasks, account_hash, told_at)
     SELECT shop_id, owner_id, ARRAY[kind], '{}', 'hash of ' || owner_id, $2
       FROM account WHERE shop_id = $1 AND kind IS NOT NULL`,
    shopId,
    maturedAt,
  );
  await query(
    `INSERT INTO completed_order (shop_id, order_id, currency, paid_at, completed_at, plan_version,
                                  window_ends_at, document, correlation_id, booked_at)
     SELECT $1, 'order-' || lpad(g::text, 9, '0'), 'CNY', $2, $2, 1, $2, '{}', 'word-' || g, $2
       FROM generate_series(1, $3::int) g`,
    shopId,
    maturedAt,
    orders,
  );
  await fillEntries(query, books);
  await client.query('RESET search_path');
}

async function fillEntries(
  query: (sql: string, ...params: unknown[]) => Promise<unknown>,
  { shopId, maturedAt, orders, distributors, suppliers }: BooksToFill,
): Promise<void> {
  // Accounts of one kind were numbered in a row, so that a drawn place is a number away.
  await query(
    `INSERT INTO accrual (shop_id, block, order_id, currency, plan_version, item_ids, item_nos, levels,
                          account_nos, amounts, commission_at, supplier_at, booked_at, batch_id)
     WITH firsts AS MATERIALIZED (
       SELECT min(account_no) FILTER (WHERE kind = 'commission') AS d,
              min(account_no) FILTER (WHERE kind = 'supplier') AS s
         FROM account WHERE shop_id = $1
     ), drawn AS MATERIALIZED (
       SELECT g, d + floor($4 * power(random(), 4))::bigint AS d1,
              d + floor($4 * power(random(), 4))::bigint AS d2,
              d + floor($4 * power(random(), 4))::bigint AS d3,
              s + floor($5 * power(random(), 4))::bigint AS s1,
              s + floor($5 * power(random(), 4))::bigint AS s2
         FROM firsts, generate_series(1, $3::int) g
     )
     SELECT $1, nextval('entry_block_seq'), 'order-' || lpad(g::text, 9, '0'), 'CNY', 1, '{i-1,i-2}',
            '{1,1,1,1,2,2,2,2}', '{1,2,3,0,1,2,3,0}',
            ARRAY[d1, d2, d3, s1, d1, d2, d3, s2],
            ARRAY[2700 + g % 97, 1260, 504, 4536, 270 + g % 89, 126, 50, 454],
            $2, $2, $2, 1
       FROM drawn`,
    shopId,
    maturedAt,
    orders,
    distributors,
    suppliers,
  );
  await query(
    `INSERT INTO unstated (shop_id, account_no, entry_id, amount_minor, matures_at)
     SELECT a.shop_id, t.account_no, a.block * 16384 + t.place - 1, t.amount, a.commission_at
       FROM accrual a
      CROSS JOIN LATERAL unnest(a.account_nos, a.amounts) WITH ORDINALITY AS t(account_no, amount, place)
      WHERE a.shop_id = $1 ORDER BY a.block, t.place`,
    shopId,
  );
  await query(
    `INSERT INTO window_evidence (shop_id, order_id, completed_at, closed_at)
     SELECT shop_id, order_id, completed_at, window_ends_at FROM completed_order WHERE shop_id = $1`,
    shopId,
  );
}
