import { problem, type Entry, type Statement } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';
import type { Cell } from './csv.js';
import { Paper, type PaperColumn } from './paper.js';
import { figuresOf, taxRows } from './statement-file.js';

/** Entries that a PDF lists at most: 300 pages, two seconds of a core. A longer statement is a matter for a workbook. */
export const pdfEntriesMax = 10_000;

type Column = PaperColumn & { readonly of: (entry: Entry) => Cell };

const columns: readonly Column[] = [
  { head: '条目 entry', share: 10, align: 'left', of: ({ entryId }) => entryId },
  { head: '订单 order', share: 16, align: 'left', of: ({ orderId }) => orderId },
  { head: '商品 item', share: 10, align: 'left', of: ({ itemId }) => itemId },
  { head: '级别 level', share: 6, align: 'right', of: ({ level }) => level },
  { head: '更正 corrects', share: 10, align: 'left', of: ({ corrects }) => corrects },
  { head: '到期 matures', share: 15, align: 'left', of: ({ maturesAt }) => maturesAt },
  { head: '规则版本 plan', share: 8, align: 'right', of: ({ planVersion }) => planVersion },
  { head: '基数 base', share: 9, align: 'right', of: ({ how }) => how?.base },
  { head: '比例 share', share: 12, align: 'right', of: ({ how }) => how?.share },
  { head: '金额 amount', share: 11, align: 'right', of: ({ amount }) => amount },
];

/**
 * A statement as PDF, in Chinese and English: what it comes to, and its entries, whose amounts add up
 * to the net that stands below them, or to the gross, below which stand the tax withheld and the net.
 *
 * @throws ProblemError 422 above {@link pdfEntriesMax} entries
 */
export async function statementPdf(statement: Statement): Promise<Buffer> {
  const { entries, statementId, issuedAt } = statement;
  if (entries.length > pdfEntriesMax) throw tooLong(entries.length);
  const paper = new Paper(`结算单 Statement ${statementId}`, new Date(issuedAt));
  paper.head(figuresOf(statement));
  await paper.table(columns, rowsOf(entries, totalsOf(statement)));
  return paper.finish();
}

function* rowsOf(
  entries: readonly Entry[],
  totals: readonly (readonly [name: string, amount: string])[],
): Generator<Cell[]> {
  for (const entry of entries) yield columns.map(({ of }) => of(entry));
  for (const [name, amount] of totals) {
    yield [...columns.map((_, index) => (index === 1 ? name : '')).slice(0, -1), amount];
  }
}

function totalsOf(statement: Statement): (readonly [name: string, amount: string])[] {
  const { net, currency } = statement;
  const tax = taxRows(statement);
  if (tax.length === 0) return [[`合计 total ${currency}`, net]];
  return [...tax, ['应付净额 net', net] as const].map(([name, amount]) => [
    `${name} ${currency}`,
    amount,
  ]);
}

function tooLong(count: number): ProblemError {
  const detail =
    `This statement has ${count} entries, and a PDF lists at most ${pdfEntriesMax}; ` +
    'its .csv and its .xlsx have them all.';
  return new ProblemError(problem('statement-too-long', 422, 'Too long for a PDF', detail));
}
