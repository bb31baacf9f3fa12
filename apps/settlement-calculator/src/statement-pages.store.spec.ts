import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { scratchDatabase, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import fc from 'fast-check';
import { scratchBooks } from './books.fixture.js';
import { settlementCalculatorService } from './index.js';
import { AddStatementPages1763769601110 } from './migrations/1763769601110-add-statement-pages.js';
import { entriesPerPage } from './state-payees.store.js';

/** What a statement lists of one account. */
interface List {
  readonly statementNo: bigint;
  readonly entryIds: readonly bigint[];
}

const shopId = 'shop-1';
const amountOf = (entryId: bigint): bigint => entryId * 7n - 1_000n;

function pagesOf(entryIds: readonly bigint[]): bigint[][] {
  const pages: bigint[][] = [];
  for (let from = 0; from < entryIds.length; from += entriesPerPage) {
    pages.push(entryIds.slice(from, from + entriesPerPage));
  }
  return pages;
}

describe('pages of statements', () => {
  let scratch: ScratchDatabase;
  beforeAll(async () => {
    scratch = await scratchBooks();
  });
  afterAll(async () => {
    await scratch.drop();
  });

  let accountNo = 0n;
  beforeEach(() => {
    accountNo += 1n;
  });

  async function place({ statementNo, entryIds }: List): Promise<void> {
    const pages = pagesOf(entryIds);
    const values = pages.map((_, page) => `($1, $2, $3, $${page * 2 + 4}, $${page * 2 + 5})`);
    await scratch.database.query(
      `INSERT INTO statement_page (shop_id, account_no, statement_no, entry_ids, amounts)
       VALUES ${values.join(', ')}`,
      [shopId, accountNo, statementNo, ...pages.flatMap((page) => [page, page.map(amountOf)])],
    );
  }

  async function find(entryId: bigint): Promise<unknown> {
    const rows = await scratch.database.query(
      `SELECT statement_no, amount_minor FROM stated_entry($1, $2, $3)`,
      [shopId, accountNo, entryId],
    );
    return rows;
  }

  it('R-COM-1 every entry is found on its statement, and none that no statement lists', async () => {
    // What each of 600 entries is on: none, or one of three statements, each of which left some out.
    const places = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 500, maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(places, async (drawn) => {
        accountNo += 1n;
        const expected = new Map<bigint, bigint>();
        for (const statement of [1, 2, 3]) {
          const entryIds = drawn.flatMap((at, index) => (at === statement ? [BigInt(index)] : []));
          if (entryIds.length === 0) continue;
          const statementNo = accountNo * 10n + BigInt(statement);
          await place({ statementNo, entryIds });
          for (const entryId of entryIds) expected.set(entryId, statementNo);
        }
        const found = await scratch.database.query<{
          entry_id: bigint;
          statement_no: bigint | null;
        }>(
          `SELECT g AS entry_id, s.statement_no, s.amount_minor
             FROM generate_series(0::bigint, $3) g
             LEFT JOIN LATERAL stated_entry($1, $2, g) s ON true ORDER BY g`,
          [shopId, accountNo, drawn.length - 1],
        );
        expect(found).toEqual(
          drawn.map((_, index) => {
            const entryId = BigInt(index);
            const statementNo = expected.get(entryId) ?? null;
            const amount = statementNo === null ? null : amountOf(entryId);
            return { entry_id: entryId, statement_no: statementNo, amount_minor: amount };
          }),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('R-COM-1 the database refuses an entry that another statement lists', async () => {
    await place({ statementNo: 1_001n, entryIds: [10n, 20n, 30n, 50n] });
    await place({ statementNo: 1_002n, entryIds: [25n, 40n] });
    await expect(place({ statementNo: 1_003n, entryIds: [5n, 40n, 60n] })).rejects.toThrow(
      `account ${accountNo} has an entry on two statements`,
    );
    await expect(place({ statementNo: 1_003n, entryIds: [50n] })).rejects.toThrow('two statements');
    await place({ statementNo: 1_003n, entryIds: [5n, 60n] });
    expect(await find(40n)).toEqual([{ statement_no: 1_002n, amount_minor: amountOf(40n) }]);
    expect(await find(60n)).toEqual([{ statement_no: 1_003n, amount_minor: amountOf(60n) }]);
    expect(await find(41n)).toEqual([]);
  });

  it('R-COM-1 the database refuses a page without an amount for each entry, and one that is too full', async () => {
    const insert = (entryIds: readonly bigint[], amounts: readonly bigint[]): Promise<unknown> =>
      scratch.database.query(
        `INSERT INTO statement_page (shop_id, account_no, statement_no, entry_ids, amounts)
         VALUES ($1, $2, 1, $3, $4)`,
        [shopId, accountNo, entryIds, amounts],
      );
    await expect(insert([1n, 2n], [5n])).rejects.toThrow('check constraint');
    await expect(insert([], [])).rejects.toThrow('violates');
    const many = Array.from({ length: entriesPerPage + 1 }, (_, index) => BigInt(index));
    await expect(insert(many, many)).rejects.toThrow('check constraint');
  });
});

it('R-COM-1 what statements listed row by row, their pages list after the migration', async () => {
  const migrations = migrationsOf(settlementCalculatorService);
  const before = migrations.slice(0, migrations.indexOf(AddStatementPages1763769601110));
  const scratch = await scratchDatabase({ migrations: before, schema: 'settlement_calculator' });
  try {
    await scratch.database.query(
      `INSERT INTO statement_entry (shop_id, account_no, entry_id, statement_no, amount_minor)
       SELECT 'shop-' || g % 2, g % 3, g * 16384 + 5, g % 7 % 2, g - 300
         FROM generate_series(1, 2000) g`,
    );
    const list = `SELECT shop_id, account_no, entry_id, statement_no, amount_minor
                    FROM statement_entry ORDER BY 1, 2, 3`;
    const listed = await scratch.database.query(list);
    await scratch.database.transaction((tx) => new AddStatementPages1763769601110().up(tx));
    expect(await scratch.database.query(list)).toEqual(listed);
    expect(listed).toHaveLength(2_000);
    const [widest] = await scratch.database.query<{ entries: number }>(
      `SELECT max(cardinality(entry_ids)) AS entries FROM statement_page`,
    );
    expect(widest?.entries).toBe(entriesPerPage);
  } finally {
    await scratch.drop();
  }
});
