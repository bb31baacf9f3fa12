import type { Entry, Statement } from '@qingfen/contracts';
import { csvOf, type Cell } from './csv.js';

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
 * A statement as CSV: a line for each entry, so that the sum of `amount` is the net.
 */
export function statementCsv(statement: Statement): string {
  const lines = statement.entries.map((entry) => columns.map(([, of]) => of(statement, entry)));
  return csvOf([columns.map(([name]) => name), ...lines]);
}
