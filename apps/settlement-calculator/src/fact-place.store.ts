import type { Database } from '@qingfen/database';
import { entriesPerBlock } from './entry-id.js';
import type { SealedTable } from './leaf-mark.js';

/** Where a fact stands: its batch, and which of the batch's facts it is. */
export interface FactPlace {
  readonly batchId: bigint;
  readonly table: SealedTable;
  readonly key: string;
  /** Of the facts that this row holds, from 0. */
  readonly offset: number;
}

type Asker = Pick<Database, 'query'>;
type Found = { readonly batch_id: bigint; readonly key: string; readonly width?: number };

/** Where the first row of an entry stands. */
export async function placeOfEntry(
  database: Asker,
  shopId: string,
  entryId: bigint,
): Promise<FactPlace | undefined> {
  const block = entryId / entriesPerBlock;
  const offset = Number(entryId % entriesPerBlock);
  const [accrual] = await database.query<Found>(
    `SELECT batch_id, block::text AS key, cardinality(amounts) AS width FROM accrual
      WHERE shop_id = $1 AND block = $2`,
    [shopId, block],
  );
  if (accrual !== undefined) {
    const { batch_id: batchId, key, width = 0 } = accrual;
    return offset < width ? { batchId, table: 'accrual', key, offset } : undefined;
  }
  if (offset > 0) return undefined;
  const rows = await database.query<Found>(
    'SELECT batch_id, block::text AS key FROM single_entry WHERE shop_id = $1 AND block = $2',
    [shopId, block],
  );
  return placeOf('single_entry', rows);
}

export async function placeOfStatement(
  database: Asker,
  shopId: string,
  statementId: string,
): Promise<FactPlace | undefined> {
  const rows = await database.query<Found>(
    `SELECT batch_id, statement_id AS key FROM statement WHERE shop_id = $1 AND statement_id = $2`,
    [shopId, statementId],
  );
  return placeOf('statement', rows);
}

/**
 * A posting by its transaction's number, or by its cause: `statement-issued:st_…`, `order-completed:<order>`
 * and whatever else was booked with a statement or an order; of several the last.
 */
export async function placeOfPosting(
  database: Asker,
  shopId: string,
  name: string,
): Promise<FactPlace | undefined> {
  const [, cause, causeId] = /^([a-z-]+):(.+)$/s.exec(name) ?? [];
  const isNumber = /^[1-9][0-9]{0,17}$/.test(name);
  if (cause === undefined && !isNumber) return undefined;
  const rows = isNumber
    ? await database.query<Found>(byNumberSql, [shopId, name])
    : await database.query<Found>(byCauseSql, [shopId, cause, causeId]);
  return placeOf('ledger_transaction', rows);
}

const byNumberSql = `
SELECT batch_id, transaction_id::text AS key FROM ledger_transaction
 WHERE shop_id = $1 AND transaction_id = $2::bigint`;

// Transactions have no index by cause: the batch in which a statement or an order was booked leads to them.
const byCauseSql = `
SELECT t.batch_id, t.transaction_id::text AS key
  FROM (SELECT batch_id FROM statement WHERE shop_id = $1 AND statement_id = $3
        UNION SELECT batch_id FROM accrual WHERE shop_id = $1 AND order_id = $3
        UNION SELECT batch_id FROM single_entry WHERE shop_id = $1 AND order_id = $3) b
  JOIN ledger_transaction t ON t.batch_id = b.batch_id
 WHERE t.shop_id = $1 AND t.cause = $2 AND t.cause_id = $3
 ORDER BY t.transaction_id DESC LIMIT 1`;

function placeOf(table: SealedTable, [row]: readonly Found[]): FactPlace | undefined {
  return row && { batchId: row.batch_id, table, key: row.key, offset: 0 };
}
