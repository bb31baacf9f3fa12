import type { Entry, Statement } from '@qingfen/contracts';

type Cell = string | number | null | undefined;

/** One column of the file, and what stands in it. */
type Column = readonly [name: string, of: (statement: Statement, entry: Entry) => Cell];

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
 * A statement as CSV (RFC 4180): a line for each entry, so that the sum of `amount` is the net. An
 * empty cell is what the API answers as null.
 */
export function statementCsv(statement: Statement): string {
  const lines = statement.entries.map((entry) => columns.map(([, of]) => of(statement, entry)));
  return [columns.map(([name]) => name), ...lines].map(csvLine).join('');
}

/** Cells as a line. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(cell: Cell): string {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
