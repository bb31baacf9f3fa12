import type { Difference, Reconciliation } from '@qingfen/contracts';
import { csvOf, type Cell } from './csv.js';
import { workbookOf } from './workbook.js';

/** One column of the differences, and what stands in it. */
type Column = readonly [name: string, of: (difference: Difference) => Cell];

const columns: readonly Column[] = [
  ['differenceId', ({ differenceId }) => differenceId],
  ['day', ({ day }) => day],
  ['class', ({ class: found }) => found],
  ['state', ({ state }) => state],
  ['subjectType', ({ subject }) => subject.type],
  ['subjectId', ({ subject }) => subject.id],
  ['amount', ({ amount }) => amount],
  ['currency', ({ currency }) => currency],
  ['openedAt', ({ openedAt }) => openedAt],
  ['ageDays', ({ ageDays }) => ageDays],
  ['ours', ({ ours }) => evidence(ours)],
  ['theirs', ({ theirs }) => evidence(theirs)],
  ['suggestion', ({ suggestion }) => suggestion],
  ['suggestionZh', ({ suggestionZh }) => suggestionZh],
  ['closedBy', ({ closed }) => closed?.by],
  ['approvedBy', ({ closed }) => closed?.approvedBy],
  ['closedAt', ({ closed }) => closed?.at],
];

/** The differences of a day as CSV, a line each. */
export function reconciliationCsv({ differences }: Reconciliation): string {
  return csvOf(tableOf(differences));
}

/** The same as a workbook, with the day's figures on a sheet before them. */
export function reconciliationWorkbook(report: Reconciliation): Promise<Buffer> {
  return workbookOf([
    { name: '对账 summary', rows: figuresOf(report) },
    { name: '差异 differences', rows: tableOf(report.differences) },
  ]);
}

function tableOf(differences: readonly Difference[]): Cell[][] {
  const lines = differences.map((difference) => columns.map(([, of]) => of(difference)));
  return [columns.map(([name]) => name), ...lines];
}

function figuresOf({ day, state, counts, balance, bill }: Reconciliation): Cell[][] {
  return [
    ['日期 day', day],
    ['状态 state', state],
    ['订单 orders', counts.orders],
    ['应结条目 entries', counts.entries],
    ['结算单 statements', counts.statements],
    ['付款 payouts', counts.payouts],
    ['账单行 bill lines', counts.billLines],
    ['账簿余额 ledger', balance.ledger],
    ['支付宝余额 alipay', balance.alipay],
    ['余额差异 difference', balance.difference],
    ['账单 SHA-256 bill', bill?.sha256],
  ];
}

function evidence(side: unknown): string {
  return side === null || side === undefined ? '' : JSON.stringify(side);
}
