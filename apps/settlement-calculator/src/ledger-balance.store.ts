import type { Database } from '@qingfen/database';

/** What was debited and credited to an account until an instant. */
export interface AccountBalance {
  readonly currency: string;
  readonly account: string;
  readonly debit: bigint;
  readonly credit: bigint;
}

/**
 * Every account that moved until an instant, that instant included: the last snapshot plus postings since
 * where nothing in the snapshot is later, and otherwise all postings.
 */
export async function balancesAt(
  database: Pick<Database, 'query'>,
  shopId: string,
  at: Date,
): Promise<AccountBalance[]> {
  return database.query<AccountBalance>(balancesSql, [shopId, at]);
}

const balancesSql = `
WITH snapshot AS MATERIALIZED (
  SELECT folded_block FROM ledger_watch WHERE shop_id = $1 AND folded_until <= $2
), fresh AS MATERIALIZED (
  SELECT batch_id FROM journal_batch
   WHERE shop_id = $1 AND (block IS NULL OR block > (SELECT folded_block FROM snapshot))
), moved AS (
  SELECT account_no, debit_minor, credit_minor FROM account_balance
   WHERE shop_id = $1 AND EXISTS (SELECT 1 FROM snapshot)
  UNION ALL
  SELECT leg.account_no, greatest(leg.amount, 0), greatest(-leg.amount, 0)
    FROM ledger_transaction t
   CROSS JOIN LATERAL unnest(t.account_nos, t.amounts) AS leg(account_no, amount)
   WHERE t.shop_id = $1 AND t.booked_at <= $2
     AND CASE WHEN EXISTS (SELECT 1 FROM snapshot)
              THEN t.batch_id IN (SELECT batch_id FROM fresh) ELSE true END
     AND t.batch_id >= CASE WHEN EXISTS (SELECT 1 FROM snapshot)
              THEN (SELECT min(batch_id) FROM fresh) ELSE 0 END
)
SELECT c.currency, c.label AS account, s.debit, s.credit
  FROM (SELECT account_no, sum(debit_minor)::bigint AS debit, sum(credit_minor)::bigint AS credit
          FROM moved GROUP BY 1) s
  JOIN account c ON c.shop_id = $1 AND c.account_no = s.account_no
 WHERE s.debit <> 0 OR s.credit <> 0
 ORDER BY 1, 2`;
