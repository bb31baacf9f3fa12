import type { Entry, Statement } from '@qingfen/contracts';
import { csvOf, type Cell } from './csv.js';
import { workbookOf } from './workbook.js';

/** One column of the file, and what stands in it. */
type Column = readonly [name: string, of: (statement: Statement, entry: Entry) => Cell];

const kindsZh: Readonly<Record<Statement['kind'], string>> = {
  supplier: '供应商货款',
  commission: '分销佣金',
  'team-reward': '团队奖励金',
};

const statesZh: Readonly<Record<Statement['state'], string>> = {
  issued: '已出单',
  paid: '已付清',
  'partly-paid': '部分已付',
  'given-back': '已退回',
};

const columns: readonly Column[] = [
  ['statementId', ({ statementId }) => statementId],
  ['shopId', ({ shopId }) => shopId],
  ['payeeId', ({ payeeId }) => payeeId],
  ['kind', ({ kind }) => kind],
  ['period', ({ period }) => period],
  ['issuedAt', ({ issuedAt }) => issuedAt],
  ['entryId', (_, { entryId }) => entryId],
  ['orderId', (_, { orderId }) => orderId],
  ['itemId', (_, { itemId }) => itemId],
  ['level', (_, { level }) => level],
  ['corrects', (_, { corrects }) => corrects],
  ['amount', (_, { amount }) => amount],
  ['currency', (_, { currency }) => currency],
  ['state', (_, { state }) => state],
  ['maturesAt', (_, { maturesAt }) => maturesAt],
  ['planVersion', (_, { planVersion }) => planVersion],
  ['base', (_, { how }) => how?.base],
  ['fee', (_, { how }) => how?.fee],
  ['before', (_, { how }) => how?.before],
  ['share', (_, { how }) => how?.share],
  ['exact', (_, { how }) => how?.exact],
  ['owed', (_, { how }) => how?.owed],
  ['cappedBy', (_, { how }) => how?.cappedBy],
];

/**
 * A statement as CSV: a line for each entry, so that the sum of `amount` is the net, or the gross where tax
 * is withheld.
 */
export function statementCsv(statement: Statement): string {
  return csvOf(tableOf(statement));
}

/** The same as a workbook, with what the statement comes to on a sheet before its entries. */
export function statementWorkbook(statement: Statement): Promise<Buffer> {
  return workbookOf([
    { name: '结算单 statement', rows: figuresOf(statement) },
    { name: '条目 entries', rows: tableOf(statement) },
  ]);
}

/** What a statement is about and comes to, each under its name in both languages. */
export function figuresOf(statement: Statement): [name: string, value: string | number][] {
  return [
    ['结算单 statement', statement.statementId],
    ['店铺 shop', statement.shopId],
    ['收款方 payee', statement.payeeId],
    ['类别 kind', `${kindsZh[statement.kind]} ${statement.kind}`],
    ['结算期 period', statement.period],
    ['截止 cutoff', statement.cutoff],
    ['出具 issued', statement.issuedAt],
    ['状态 state', `${statesZh[statement.state]} ${statement.state}`],
    ['付款 payouts', statement.payoutIds.join(' ')],
    ['条目数 entries', statement.entries.length],
    ['币种 currency', statement.currency],
    ...taxRows(statement),
    ['应付净额 net', statement.net],
  ];
}

/** What stands above the net of a statement; nothing where the shop withholds no tax. */
export function taxRows({ gross, withheld }: Statement): [name: string, value: string][] {
  if (gross === undefined || withheld === undefined) return [];
  return [
    ['税前总额 gross', gross],
    ['代扣税额 withheld', withheld],
  ];
}

function tableOf(statement: Statement): Cell[][] {
  const lines = statement.entries.map((entry) => columns.map(([, of]) => of(statement, entry)));
  return [columns.map(([name]) => name), ...lines];
}
