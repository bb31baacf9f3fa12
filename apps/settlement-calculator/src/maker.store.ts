import type { Tx } from '@qingfen/database';
import { payoutKey } from './payout.store.js';

/** New statements, and the accounts whose entries they list. */
export interface Listed {
  readonly shopId: string;
  readonly accountNos: readonly bigint[];
  readonly statementNos: readonly bigint[];
}

/**
 * Who caused what new statements list by hand: amounts that somebody booked, debts that somebody took
 * out of the runs, and, with a give-back, whoever caused the statement that it comes from. By the
 * statement's number, each name once, in order; a statement without any is not named.
 */
export async function makersOf(tx: Tx, listed: Listed): Promise<ReadonlyMap<bigint, string[]>> {
  const rows = await tx.query<{ statement_no: bigint; makers: string[] }>(makersSql, [
    listed.shopId,
    listed.accountNos,
    listed.statementNos,
  ]);
  return new Map(rows.map((row) => [row.statement_no, row.makers]));
}

/** Who booked by hand what payees owe, of each payout of theirs by its key, each name once. */
export async function makersOfDebts(
  reader: Pick<Tx, 'query'>,
  keys: readonly { readonly shopId: string; readonly payoutId: string }[],
): Promise<ReadonlyMap<string, string[]>> {
  if (keys.length === 0) return new Map();
  const rows = await reader.query<{ shop_id: string; payout_id: string; makers: string[] }>(
    `SELECT p.shop_id, p.payout_id, array_agg(DISTINCT a.made_by) AS makers
       FROM payout p
       JOIN open_entry o ON o.shop_id = p.shop_id AND o.kind = p.kind AND o.payee_id = p.payee_id
                        AND o.currency = p.currency AND o.amount_minor < 0
       JOIN single_entry e ON e.shop_id = o.shop_id AND e.block = o.entry_id / 16384
                          AND e.cause IN ('adjustment', 'opening')
       JOIN adjustment a ON a.shop_id = e.shop_id AND a.adjustment_id = substr(e.cause_id, 4)::bigint
      WHERE (p.shop_id, p.payout_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      GROUP BY 1, 2`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
  return new Map(rows.map((row) => [payoutKey(row.shop_id, row.payout_id), row.makers]));
}

const makersSql = `
WITH by_hand AS MATERIALIZED (
  SELECT l.statement_no, e.cause, e.cause_id
    FROM single_entry e
   CROSS JOIN LATERAL stated_entry(e.shop_id, e.account_no, e.block * 16384) l
   WHERE e.shop_id = $1 AND e.account_no = ANY($2) AND l.statement_no = ANY($3)
     AND e.cause IN ('adjustment', 'opening', 'recovery', 'give-back')
), maker AS (
  SELECT h.statement_no, a.made_by AS name
    FROM by_hand h
    JOIN adjustment a ON a.shop_id = $1 AND a.adjustment_id = substr(h.cause_id, 4)::bigint
   WHERE h.cause IN ('adjustment', 'opening')
  UNION
  SELECT h.statement_no, r.made_by
    FROM by_hand h
    JOIN recovery r ON r.shop_id = $1 AND r.recovery_id = substr(h.cause_id, 4)::bigint
   WHERE h.cause = 'recovery'
  UNION
  SELECT h.statement_no, unnest(s.makers)
    FROM by_hand h
    JOIN payout p ON p.shop_id = $1 AND p.payout_id = h.cause_id
    JOIN statement s ON s.shop_id = $1 AND s.statement_id = p.statement_id
   WHERE h.cause = 'give-back'
)
SELECT statement_no, array_agg(name ORDER BY name) AS makers FROM maker GROUP BY 1`;
