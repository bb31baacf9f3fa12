import type { Client } from 'pg';
import { sortedText, type OrderBook } from './expected-books.js';

/** Where a design keeps its books, as queries that answer in one form. */
export interface BookQueries {
  /** `order_id`, `texts`: each entry as `item|kind|level|payee|fen|maturesMs`, joined by commas. */
  readonly entries: string;
  /** `order_id`, `texts`: each account as `account=fen`, joined by commas; zeros left out. */
  readonly legs: string;
  /** `order_id`, `count`: ledger transactions of each order. */
  readonly transactions: string;
  /** `unbalanced`: ledger transactions that do not add up to zero; `total`: the sum of all legs. */
  readonly balance: string;
}

/**
 * O1 to O3 of reliability.md over one database: everything adds up to nothing, every order is
 * ledgered exactly once and nothing else is, and the books equal the reference's, to the fen.
 *
 * @throws Error naming the first thing that is wrong: the round's figure is void.
 */
export async function checkBooks(
  client: Client,
  queries: BookQueries,
  expected: ReadonlyMap<string, OrderBook>,
): Promise<void> {
  const { rows: balances } = await client.query<{ unbalanced: string; total: string }>(
    queries.balance,
  );
  const [balance] = balances;
  if (Number(balance?.unbalanced) !== 0 || Number(balance?.total) !== 0) {
    throw new Error(`O1: books that do not add up: ${JSON.stringify(balance)}`);
  }
  const { rows: counts } = await client.query<{ order_id: string; count: string }>(
    queries.transactions,
  );
  const ledgered = new Map(counts.map((row) => [row.order_id, Number(row.count)]));
  for (const orderId of expected.keys()) {
    const times = ledgered.get(orderId) ?? 0;
    if (times !== 1) throw new Error(`O2: order ${orderId} was ledgered ${times} times`);
  }
  const strange = [...ledgered.keys()].find((orderId) => !expected.has(orderId));
  if (strange !== undefined) throw new Error(`O2: nobody completed order ${strange}`);
  await compare(client, queries.entries, expected, 'entries');
  await compare(client, queries.legs, expected, 'legs');
}

async function compare(
  client: Client,
  query: string,
  expected: ReadonlyMap<string, OrderBook>,
  part: keyof OrderBook,
): Promise<void> {
  const { rows } = await client.query<{ order_id: string; texts: string }>(query);
  const found = new Map(rows.map((row) => [row.order_id, row.texts]));
  for (const [orderId, book] of expected) {
    const ours = sortedText((found.get(orderId) ?? '').split(','));
    if (ours === book[part]) continue;
    throw new Error(`O3: ${part} of ${orderId} are ${ours}, the reference has ${book[part]}`);
  }
}

const accountsText = `string_agg(account || '=' || fen, ',')`;

/** The settlement-calculator's own tables. */
export const productQueries: BookQueries = {
  entries: `SELECT order_id, string_agg(concat_ws('|', item_id, kind, coalesce(level::text, ''),
              coalesce(payee_id, ''), amount_minor::text,
              (extract(epoch FROM matures_at) * 1000)::bigint::text), ',') AS texts
              FROM settlement_calculator.entry GROUP BY order_id`,
  legs: `SELECT order_id, ${accountsText} AS texts
           FROM (SELECT cause_id AS order_id, account, sum(amount_minor)::text AS fen
                   FROM settlement_calculator.posting
                  GROUP BY cause_id, account HAVING sum(amount_minor) <> 0) AS legs
          GROUP BY order_id`,
  transactions: `SELECT cause_id AS order_id, count(*) AS count
                   FROM settlement_calculator.ledger_transaction GROUP BY cause_id`,
  balance: `SELECT count(*) FILTER (WHERE total <> 0) AS unbalanced, sum(total) AS total
              FROM (SELECT (SELECT sum(a) FROM unnest(amounts) AS a) AS total
                      FROM settlement_calculator.ledger_transaction) AS sums`,
};

/** The naive reference's tables; its amounts are yuan. */
export const naiveQueries: BookQueries = {
  entries: `SELECT "orderId" AS order_id, string_agg(concat_ws('|', "itemId", kind,
              coalesce(level::text, ''), coalesce("payeeId", ''), (amount * 100)::bigint::text,
              (extract(epoch FROM "maturesAt") * 1000)::bigint::text), ',') AS texts
              FROM entry GROUP BY "orderId"`,
  legs: `SELECT order_id, ${accountsText} AS texts
           FROM (SELECT t."orderId" AS order_id, p.account,
                        (sum(p.amount) * 100)::bigint::text AS fen
                   FROM ledger_transaction t JOIN posting p ON p."transactionId" = t.id
                  GROUP BY t."orderId", p.account HAVING sum(p.amount) <> 0) AS legs
          GROUP BY order_id`,
  transactions: `SELECT "orderId" AS order_id, count(*) AS count
                   FROM ledger_transaction GROUP BY "orderId"`,
  balance: `SELECT count(*) FILTER (WHERE total <> 0) AS unbalanced, sum(total) AS total
              FROM (SELECT sum(amount) AS total FROM posting GROUP BY "transactionId") AS sums`,
};
