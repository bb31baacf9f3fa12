import type { Database } from '@qingfen/database';
import { statementFields } from './entry-fact.js';
import { entriesPerBlock } from './entry-id.js';
import { factText } from './journal.store.js';
import type { SealedTable } from './leaf-mark.js';

/** A fact as its row tells it today. */
export interface RowFact {
  readonly table: SealedTable;
  readonly key: string;
  /** What is hashed, in the very form in which it was noted. */
  readonly text: string;
  /** Not hashed, and its batch's in every row that has one. */
  readonly bookedAt: Date | null;
}

type Asker = Pick<Database, 'query'>;
type Rows = ReadonlyMap<bigint, readonly RowFact[]>;

interface Batches {
  readonly shopId: string;
  readonly batchIds: readonly bigint[];
}

/** The names of accounts by their numbers; of one that is gone, what no name looks like. */
type NameOf = (accountNo: bigint) => string;

/** The facts of batches, read back from their rows in the order in which they were noted. */
export async function factsOfBatches(database: Asker, batches: Batches): Promise<Rows> {
  const facts = new Map<bigint, RowFact[]>(batches.batchIds.map((batchId) => [batchId, []]));
  for (const read of readers) {
    for (const { batchId, fact } of await read(database, batches)) facts.get(batchId)?.push(fact);
  }
  return facts;
}

interface Read {
  readonly batchId: bigint;
  readonly fact: RowFact;
}

const readers = [
  rebindings,
  accruals,
  singleEntries,
  adjustments,
  settledOutside,
  statements,
  transactions,
] as const;

/** Rows of a batch lie beside each other, and a range of numbers is what finds them. */
async function rowsOf<T>(
  database: Asker,
  { shopId, batchIds }: Batches,
  { table, order }: { readonly table: SealedTable; readonly order: string },
): Promise<T[]> {
  return database.query<T>(
    `SELECT * FROM ${table}
      WHERE shop_id = $1 AND batch_id BETWEEN $2 AND $3 AND batch_id = ANY ($4::bigint[])
      ORDER BY batch_id, ${order}`,
    [shopId, least(batchIds), greatest(batchIds), batchIds],
  );
}

const least = (ids: readonly bigint[]): bigint => ids.reduce((a, b) => (a < b ? a : b));
const greatest = (ids: readonly bigint[]): bigint => ids.reduce((a, b) => (a > b ? a : b));

async function namesOf(
  database: Asker,
  shopId: string,
  accountNos: readonly bigint[],
): Promise<NameOf> {
  const rows = await database.query<{ account_no: bigint; name: string }>(
    'SELECT account_no, name FROM account WHERE shop_id = $1 AND account_no = ANY ($2::bigint[])',
    [shopId, [...new Set(accountNos)]],
  );
  const names = new Map(rows.map((row) => [row.account_no, row.name]));
  return (accountNo) => names.get(accountNo) ?? `gone:${accountNo}`;
}

/** Whose account it is, as an entry names it. */
function partyOf(name: string): { readonly kind: string; readonly payeeId: string | null } {
  const payable = /^payable:([^:]+):(.+)$/s.exec(name);
  if (payable !== null) return { kind: payable[1] ?? '', payeeId: payable[2] ?? '' };
  return { kind: name === 'revenue:platform-fee' ? 'platform-fee' : name, payeeId: null };
}

interface RebindingRow {
  readonly batch_id: bigint;
  readonly order_id: string;
  readonly from_version: number;
  readonly to_version: number | null;
  readonly rebound_at: Date;
}

async function rebindings(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<RebindingRow>(database, batches, {
    table: 'order_rebinding',
    order: 'place',
  });
  return rows.map((row) => ({
    batchId: row.batch_id,
    fact: {
      table: 'order_rebinding',
      key: `${row.order_id} ${row.batch_id}`,
      text: factText(['order-rebound', row.order_id, row.from_version, row.to_version]),
      bookedAt: row.rebound_at,
    },
  }));
}

interface AccrualRow {
  readonly batch_id: bigint;
  readonly block: bigint;
  readonly order_id: string;
  readonly currency: string;
  readonly plan_version: number;
  readonly item_ids: readonly string[];
  readonly item_nos: readonly number[];
  readonly levels: readonly number[];
  readonly account_nos: readonly bigint[];
  readonly amounts: readonly bigint[];
  readonly commission_at: Date;
  readonly supplier_at: Date;
  readonly booked_at: Date;
}

async function accruals(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<AccrualRow>(database, batches, { table: 'accrual', order: 'block' });
  const nos = rows.flatMap((row) => row.account_nos);
  const nameOf = await namesOf(database, batches.shopId, nos);
  return rows.flatMap((row) =>
    row.amounts.map((_, place) => ({
      batchId: row.batch_id,
      fact: {
        table: 'accrual' as const,
        key: row.block.toString(),
        text: accruedText(batches.shopId, row, { place, nameOf }),
        bookedAt: row.booked_at,
      },
    })),
  );
}

function accruedText(
  shopId: string,
  row: AccrualRow,
  { place, nameOf }: { readonly place: number; readonly nameOf: NameOf },
): string {
  const { kind, payeeId } = partyOf(nameOf(row.account_nos[place] ?? 0n));
  const level = row.levels[place] ?? 0;
  return factText([
    'entry',
    shopId,
    row.order_id,
    row.block * entriesPerBlock + BigInt(place),
    row.item_ids[(row.item_nos[place] ?? 0) - 1] ?? null,
    kind,
    level === 0 ? null : level,
    payeeId,
    row.currency,
    row.amounts[place] ?? null,
    kind === 'supplier' ? row.supplier_at : row.commission_at,
    row.plan_version,
    null,
    'order',
    null,
  ]);
}

interface SingleRow {
  readonly batch_id: bigint;
  readonly block: bigint;
  readonly order_id: string;
  readonly item_id: string | null;
  readonly level: number | null;
  readonly account_no: bigint;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly matures_at: Date;
  readonly plan_version: number | null;
  readonly corrects: bigint | null;
  readonly cause: string;
  readonly cause_id: string | null;
  readonly booked_at: Date;
}

async function singleEntries(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<SingleRow>(database, batches, {
    table: 'single_entry',
    order: 'block',
  });
  const nos = rows.map((row) => row.account_no);
  const nameOf = await namesOf(database, batches.shopId, nos);
  return rows.map((row) => {
    const { kind, payeeId } = partyOf(nameOf(row.account_no));
    const text = factText([
      'entry',
      batches.shopId,
      row.order_id,
      row.block * entriesPerBlock,
      row.item_id,
      kind,
      row.level,
      payeeId,
      row.currency,
      row.amount_minor,
      row.matures_at,
      row.plan_version,
      row.corrects,
      row.cause,
      row.cause_id,
    ]);
    const fact = { table: 'single_entry' as const, key: row.block.toString(), text };
    return { batchId: row.batch_id, fact: { ...fact, bookedAt: row.booked_at } };
  });
}

interface AdjustmentRow {
  readonly batch_id: bigint;
  readonly entry_id: bigint;
  readonly adjustment_id: bigint;
  readonly amount_minor: bigint;
  readonly cause: string;
  readonly cause_id: string;
  readonly booked_at: Date;
}

async function adjustments(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<AdjustmentRow>(database, batches, {
    table: 'entry_adjustment',
    order: 'adjustment_id',
  });
  return rows.map((row) => ({
    batchId: row.batch_id,
    fact: {
      table: 'entry_adjustment',
      key: row.adjustment_id.toString(),
      text: factText(['entry-adjustment', row.entry_id, row.amount_minor, row.cause, row.cause_id]),
      bookedAt: row.booked_at,
    },
  }));
}

interface OutsideRow {
  readonly batch_id: bigint;
  readonly entry_id: bigint;
  readonly amount_minor: bigint;
  readonly settled_at: Date;
}

async function settledOutside(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<OutsideRow>(database, batches, {
    table: 'settled_outside',
    order: 'place',
  });
  return rows.map((row) => ({
    batchId: row.batch_id,
    fact: {
      table: 'settled_outside',
      key: row.entry_id.toString(),
      text: factText(['settled-outside', row.entry_id, row.amount_minor]),
      bookedAt: row.settled_at,
    },
  }));
}

interface StatementRow {
  readonly batch_id: bigint;
  readonly statement_id: string;
  readonly payee_id: string;
  readonly period: string;
  readonly net_minor: bigint;
  readonly withheld_minor: bigint;
  readonly withholding: string | null;
  readonly entry_count: number;
  readonly issued_at: Date;
}

async function statements(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<StatementRow>(database, batches, {
    table: 'statement',
    order: 'place',
  });
  return rows.map((row) => {
    const key = row.statement_id;
    const text = factText(
      statementFields({
        statementId: key,
        payeeId: row.payee_id,
        period: row.period,
        netMinor: row.net_minor,
        entryCount: row.entry_count,
        withheldMinor: row.withheld_minor,
        withholding: row.withholding,
      }),
    );
    return {
      batchId: row.batch_id,
      fact: { table: 'statement', key, text, bookedAt: row.issued_at },
    };
  });
}

interface TransactionRow {
  readonly batch_id: bigint;
  readonly transaction_id: bigint;
  readonly booked_at: Date;
  readonly value_at: Date | null;
  readonly currency: string;
  readonly cause: string;
  readonly cause_id: string;
  readonly account_nos: readonly bigint[];
  readonly amounts: readonly bigint[];
}

async function transactions(database: Asker, batches: Batches): Promise<Read[]> {
  const rows = await rowsOf<TransactionRow>(database, batches, {
    table: 'ledger_transaction',
    order: 'transaction_id',
  });
  const nos = rows.flatMap((row) => row.account_nos);
  const nameOf = await namesOf(database, batches.shopId, nos);
  return rows.map((row) => ({
    batchId: row.batch_id,
    fact: {
      table: 'ledger_transaction',
      key: row.transaction_id.toString(),
      text: factText([
        'ledger-transaction',
        row.booked_at,
        row.value_at,
        row.currency,
        row.cause,
        row.cause_id,
        row.account_nos.map(nameOf).join(','),
        row.amounts.join(','),
      ]),
      // A leg's day may be another than the batch's, and is hashed.
      bookedAt: null,
    },
  }));
}
