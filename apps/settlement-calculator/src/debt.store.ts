import type { Unit } from '@qingfen/messaging';
import type { Run } from './run.store.js';

const overdueAfterRuns = 3;

interface Streak {
  readonly payee_id: string;
  /** Executed runs in a row after which the payee owed; 0 of one that owes no longer. */
  readonly runs: number;
  /** Whether it is overdue in another kind or currency. */
  readonly elsewhere: boolean;
}

/**
 * Counts the executed runs in a row that were for a payee and left its unstated sum of the kind below
 * zero, and forgets who owes no longer; after the third the debt is overdue (domain.md 5). To be called
 * once, when a run has stated all that it states.
 */
export async function noteDebts(
  unit: Unit,
  run: Run,
  isFor: (payeeId: string) => boolean,
): Promise<void> {
  const key = [run.shop_id, run.kind, run.currency];
  const rows = await unit.tx.query<{ payee_id: string }>(owingSql, key);
  const owing = rows.map((row) => row.payee_id);
  const streaks = await unit.tx.query<Streak>(noteDebtsSql, [
    ...key,
    overdueAfterRuns,
    owing,
    owing.filter(isFor),
  ]);
  for (const { payee_id: payeeId, runs, elsewhere } of streaks) {
    const subject = { type: 'payee', id: payeeId };
    if (runs >= overdueAfterRuns) {
      unit.alert({
        class: 'receivable-overdue',
        severity: 'warning',
        shopId: run.shop_id,
        subject,
        message: `Payee ${payeeId} has owed money back (${run.kind}) after ${overdueAfterRuns} runs in a row; demand it or write it off.`,
        messageZh: `收款方 ${payeeId} 的 ${run.kind} 已连续 ${overdueAfterRuns} 个结算批次为负,请单独追回或核销。`,
      });
    } else if (runs === 0 && !elsewhere) {
      unit.resolveAlert('receivable-overdue', subject, run.shop_id);
    }
  }
}

// Few payees owe: the sums are asked only of those that have a negative entry at all.
const owingSql = `
SELECT c.owner_id AS payee_id
  FROM (SELECT DISTINCT account_no FROM unstated WHERE shop_id = $1 AND amount_minor < 0) n
  JOIN account c ON c.shop_id = $1 AND c.account_no = n.account_no
 WHERE c.kind = $2 AND c.currency = $3 AND c.owner_id NOT LIKE '#%'
   AND (SELECT sum(u.amount_minor) FROM unstated u
         WHERE u.shop_id = $1 AND u.account_no = c.account_no) < 0`;

const noteDebtsSql = `
WITH gone AS (
  DELETE FROM debt_streak d
   WHERE d.shop_id = $1 AND d.kind = $2 AND d.currency = $3 AND NOT d.payee_id = ANY ($5)
  RETURNING d.payee_id, 0 AS runs
), counted AS (
  INSERT INTO debt_streak AS d (shop_id, kind, currency, payee_id, runs)
  SELECT $1, $2, $3, payee_id, 1 FROM unnest($6::text[]) AS owing(payee_id)
  ON CONFLICT (shop_id, kind, currency, payee_id) DO UPDATE SET runs = d.runs + 1
  RETURNING payee_id, runs
)
SELECT s.payee_id, s.runs,
       EXISTS (SELECT 1 FROM debt_streak d
                WHERE d.shop_id = $1 AND d.payee_id = s.payee_id AND d.runs >= $4
                  AND (d.kind, d.currency) <> ($2, $3)) AS elsewhere
  FROM (SELECT * FROM gone UNION ALL SELECT * FROM counted) s
 ORDER BY 1`;
