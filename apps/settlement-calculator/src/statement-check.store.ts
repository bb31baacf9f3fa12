import type { Database } from '@qingfen/database';
import type { BadRow } from './batch-verdict.js';

/** Lines of larger statements are compared by their sum alone: each costs a look at its entry. */
const linesEachMax = 1_000;

/**
 * What is not hashed of a statement follows from what is: its id from its columns, its net and tax from
 * its lines and from its payouts, a line's amount from its entry's rows.
 */
export async function firstBadStatement(
  database: Pick<Database, 'query'>,
  at: { readonly shopId: string; readonly batchIds: readonly bigint[] },
): Promise<(BadRow & { readonly batchId: bigint }) | undefined> {
  const [row] = await database.query<{
    batch_id: bigint;
    statement_id: string;
    id_is_right: boolean;
    net_minor: bigint;
    withheld_minor: bigint;
    entry_count: number;
    lines: number;
    lines_minor: bigint;
    payouts_are_right: boolean;
    bad_line: bigint | null;
  }>(checkSql, [at.shopId, at.batchIds, linesEachMax]);
  if (row === undefined) return undefined;
  const { batch_id: batchId, statement_id: key } = row;
  if (!row.id_is_right) {
    const why = 'its id is not that of its currency, kind, period and payee';
    return { batchId, table: 'statement', key, why };
  }
  if (row.bad_line !== null) {
    const why = `the line of statement ${key} is not what its entry comes to`;
    return { batchId, table: 'statement_entry', key: row.bad_line.toString(), why };
  }
  if (!row.payouts_are_right) {
    return { batchId, table: 'payout', key, why: 'payouts of this statement are not its net' };
  }
  const why = `${row.lines} lines come to ${row.lines_minor}, and ${row.entry_count} to ${row.net_minor + row.withheld_minor} were stated`;
  return { batchId, table: 'statement_entry', key, why };
}

const checkSql = `
SELECT * FROM (
  SELECT s.batch_id, s.place, s.statement_id, s.net_minor, s.withheld_minor, s.entry_count,
         l.lines, l.lines_minor,
         s.statement_id = 'st_' || substr(encode(sha256(convert_to(concat_ws('|',
           s.shop_id, s.currency, s.kind, s.period, s.payee_id), 'UTF8')), 'hex'), 1, 26)
           AS id_is_right,
         coalesce(p.net_minor = s.net_minor AND p.withheld_minor = s.withheld_minor
                  AND p.are_alike, false) AS payouts_are_right,
         CASE WHEN s.entry_count <= $3 THEN (
           SELECT e.entry_id FROM statement_entry e
            WHERE e.shop_id = s.shop_id AND e.statement_no = s.statement_no
              AND e.amount_minor IS DISTINCT FROM (
                SELECT o.amount_minor + coalesce((
                         SELECT sum(a.amount_minor) FROM entry_adjustment a
                          WHERE a.shop_id = e.shop_id AND a.entry_id = e.entry_id), 0)
                  FROM entry o
                 WHERE o.shop_id = e.shop_id AND o.block = e.entry_id / 16384
                   AND o.entry_id = e.entry_id)
            ORDER BY e.entry_id LIMIT 1) END AS bad_line
    FROM statement s
   CROSS JOIN LATERAL (
     SELECT count(*)::integer AS lines, coalesce(sum(e.amount_minor), 0)::bigint AS lines_minor
       FROM statement_entry e
      WHERE e.shop_id = s.shop_id AND e.statement_no = s.statement_no) l
   CROSS JOIN LATERAL (
     SELECT sum(p.amount_minor) AS net_minor, sum(p.withheld_minor) AS withheld_minor,
            bool_and(p.payee_id = s.payee_id AND p.kind = s.kind AND p.currency = s.currency
                     AND p.parts = p.present) AS are_alike
       FROM (SELECT p.*, count(*) OVER () AS present FROM payout p
              WHERE p.shop_id = s.shop_id AND p.statement_id = s.statement_id) p) p
   WHERE s.shop_id = $1 AND s.batch_id = ANY ($2::bigint[])) c
 WHERE NOT (c.id_is_right AND c.payouts_are_right AND c.bad_line IS NULL
            AND c.lines = c.entry_count AND c.lines_minor = c.net_minor + c.withheld_minor)
 ORDER BY c.batch_id, c.place LIMIT 1`;
