import type { Database } from '@qingfen/database';
import type { ShopPicture } from '@qingfen/testing';

/** An entry as the calculator has it, with what has become of it. */
interface EntryRow {
  readonly kind: string;
  readonly owner: string;
  readonly order_id: string;
  readonly item_id: string | null;
  readonly level: number | null;
  readonly cause: string;
  readonly cause_id: string | null;
  readonly matures_at: Date;
  /** What its rows come to. */
  readonly amount: bigint;
  readonly open: bigint | null;
  readonly stated: bigint | null;
  readonly statement_no: bigint | null;
  readonly outside: bigint | null;
}

/** Causes whose id is compared; of the others it is the calculator's own. */
const comparedCauses = ['refund', 'refund-reversal', 'give-back'];

/** A shop's books in the words of the reference. @throws Error where they contradict themselves */
export async function pictureOfBooks(database: Database, shopId: string): Promise<ShopPicture> {
  const lines = async (sql: string): Promise<string[]> => {
    const rows = await database.query<{ line: string }>(sql, [shopId]);
    return rows.map(({ line }) => line).sort();
  };
  const [entries, statements, ...lists] = await Promise.all([
    database.query<EntryRow>(entriesSql, [shopId]),
    database.query<{ statement_no: bigint; line: string; net: bigint; parts: bigint }>(
      statementsSql,
      [shopId],
    ),
    ...[payoutsSql, runsSql, ordersSql, refundsSql, holdsSql, ledgerSql, teamsSql, debtsSql].map(
      lines,
    ),
  ]);
  const [payouts, runs, orders, refunds, holds, ledger, teams, debts] = lists;
  insistOnOnePlace(entries);
  return {
    unstated: entries.flatMap((row) => (row.open === null ? [] : [textOf(row, row.open)])).sort(),
    statements: statements.map((row) => statementText(row, entries)).sort(),
    payouts: payouts ?? [],
    runs: runs ?? [],
    orders: orders ?? [],
    refunds: refunds ?? [],
    holds: holds ?? [],
    ledger: ledger ?? [],
    teams: teams ?? [],
    debts: debts ?? [],
  };
}

/** Every entry is open, or on one statement, or settled outside, with all that its rows come to. */
function insistOnOnePlace(entries: readonly EntryRow[]): void {
  for (const row of entries) {
    const places = [row.open, row.stated, row.outside].filter((amount) => amount !== null);
    const [place = 0n, ...more] = places;
    if (more.length > 0 || place !== row.amount) {
      throw new Error(`an entry stands at ${places.join(', ')}: ${textOf(row, row.amount)}`);
    }
  }
}

function statementText(
  statement: {
    readonly statement_no: bigint;
    readonly line: string;
    readonly net: bigint;
    readonly parts: bigint;
  },
  entries: readonly EntryRow[],
): string {
  const own = entries.filter((row) => row.statement_no === statement.statement_no);
  const sum = own.reduce((total, { stated }) => total + (stated ?? 0n), 0n);
  if (sum !== statement.net || statement.parts !== statement.net) {
    throw new Error(`${statement.line}: entries ${sum}, payouts ${statement.parts}`);
  }
  return [statement.line, ...own.map((row) => textOf(row, row.stated ?? 0n)).sort()].join('\n  ');
}

function textOf(row: EntryRow, amount: bigint): string {
  const { kind, owner, order_id: orderId, item_id: itemId, level, cause, cause_id: causeId } = row;
  const where = orderId === '' ? '-' : `${orderId}/${itemId ?? ''}/${level ?? 0}`;
  const compared = comparedCauses.includes(cause) ? causeId : '';
  return `${kind} ${owner} ${where} ${cause}:${compared} ${amount} from ${row.matures_at.toISOString()}`;
}

const entriesSql = `
SELECT e.kind, e.payee_id AS owner, e.order_id, e.item_id, e.level, e.cause, e.cause_id, e.matures_at,
       e.amount_minor + coalesce(a.sum, 0)::bigint AS amount, u.amount_minor AS open,
       s.amount_minor AS stated, s.statement_no, x.amount_minor AS outside
  FROM entry e
  LEFT JOIN (SELECT entry_id, sum(amount_minor) AS sum FROM entry_adjustment WHERE shop_id = $1
              GROUP BY entry_id) a ON a.entry_id = e.entry_id
  LEFT JOIN unstated u ON u.shop_id = e.shop_id AND u.account_no = e.account_no
                      AND u.entry_id = e.entry_id
  LEFT JOIN statement_entry s ON s.shop_id = e.shop_id AND s.account_no = e.account_no
                             AND s.entry_id = e.entry_id
  LEFT JOIN settled_outside x ON x.shop_id = e.shop_id AND x.account_no = e.account_no
                             AND x.entry_id = e.entry_id
 WHERE e.shop_id = $1 AND e.kind <> 'platform-fee'`;

const statementsSql = `
SELECT t.statement_no, t.kind || ' ' || t.period || ' ' || t.payee_id || ' ' || t.net_minor AS line,
       t.net_minor AS net,
       (SELECT sum(p.amount_minor) FROM payout p
         WHERE p.shop_id = t.shop_id AND p.statement_id = t.statement_id)::bigint AS parts
  FROM statement t WHERE t.shop_id = $1`;

const payoutsSql = `
SELECT concat_ws(' ', payout_id, part, payee_id, kind, amount_minor,
                 coalesce(status, 'under way')) AS line
  FROM payout WHERE shop_id = $1`;

const runsSql = `
SELECT kind || ' ' || period || CASE state WHEN 'done' THEN '' ELSE ' ' || state END AS line
  FROM run WHERE shop_id = $1`;

const ordersSql = `
SELECT o.order_id || ' v' || coalesce(o.plan_version::text, '-') || ' ' || string_agg(
         i.id || '=' || (i.amount - coalesce(r.amount, 0)) || '+' || (i.subsidy - coalesce(r.subsidy, 0)),
         ' ' ORDER BY i.id COLLATE "C") AS line
  FROM completed_order o
 CROSS JOIN LATERAL (SELECT item ->> 0 AS id, (item ->> 3)::bigint AS amount, (item ->> 4)::bigint AS subsidy
                       FROM json_array_elements(o.document -> 'items') AS item) i
  LEFT JOIN (SELECT order_id, row ->> 0 AS id, sum((row ->> 1)::bigint)::bigint AS amount,
                    sum((row ->> 2)::bigint)::bigint AS subsidy
               FROM refund, json_array_elements(items) AS row
              WHERE shop_id = $1 AND state = 'applied' GROUP BY 1, 2) r
         ON r.order_id = o.order_id AND r.id = i.id
 WHERE o.shop_id = $1 GROUP BY o.order_id, o.plan_version`;

const refundsSql = `
SELECT order_id || ' ' || refund_id || ' ' || state AS line FROM refund WHERE shop_id = $1`;

const holdsSql = `
SELECT CASE subject_type WHEN 'entry' THEN 'give-back ' || hold_key
                         ELSE subject_type || ' ' || subject_id END || ' ' || reason AS line
  FROM hold WHERE shop_id = $1 AND released_at IS NULL`;

const ledgerSql = `
SELECT account || ' ' || sum(amount_minor) AS line FROM posting WHERE shop_id = $1
 GROUP BY account HAVING sum(amount_minor) <> 0`;

const teamsSql = `
SELECT period || ' ' || team_id || ' ' || performance_minor || ' ' || reward_minor AS line
  FROM team_performance WHERE shop_id = $1`;

const debtsSql = `
SELECT kind || ' ' || payee_id || ' ' || runs AS line FROM debt_streak WHERE shop_id = $1`;
