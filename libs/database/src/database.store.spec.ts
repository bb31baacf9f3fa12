import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { advisoryLock } from './advisory-lock.js';
import { bootstrap } from './bootstrap.js';
import { copyRows, insertNew, insertRows } from './bulk-insert.js';
import { copyEscaped, CopyInto } from './copy-into.js';
import { CommitUnknown, DatabaseUnavailable, isInfrastructureError } from './errors.js';
import { CommitCutter } from './fixtures/commit-cutter.js';
import { scratchDatabase, type ScratchDatabase } from './fixtures/scratch-database.js';

class Spec1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE thing (
      id bigint, name text, at timestamptz, flag boolean, small smallint, num integer,
      raw bytea, doc jsonb, plain json, key uuid, tags text[], ids bigint[], places smallint[],
      day date, amount numeric)`);
    await runner.query('CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)');
    await runner.query('INSERT INTO counter VALUES (1, 0), (2, 0)');
  }

  async down(): Promise<void> {}
}

const columns = {
  id: 'bigint',
  name: 'text',
  at: 'timestamptz',
  flag: 'boolean',
  small: 'smallint',
  num: 'integer',
  raw: 'bytea',
  doc: 'jsonb',
  plain: 'json',
  key: 'uuid',
  tags: 'text[]',
  ids: 'bigint[]',
  places: 'smallint[]',
  day: 'date',
  amount: 'numeric',
};

// A day and a numeric have no binary form here; the row's last two places are theirs.
const binaryColumns = Object.fromEntries(Object.entries(columns).slice(0, -2));

const storedText = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\u0000', ''));
const row = fc.tuple(
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.option(storedText),
  fc.option(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })),
  fc.option(fc.boolean()),
  fc.option(fc.integer({ min: -32768, max: 32767 })),
  fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  fc.option(fc.dictionary(fc.constantFrom('a', 'b"', 'c\\'), fc.integer())),
  fc.option(fc.dictionary(fc.constantFrom('a', 'b"', 'c\\'), fc.integer())),
  fc.option(fc.uuid()),
  fc.option(fc.array(fc.option(storedText))),
  fc.option(fc.array(fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })))),
  fc.option(fc.array(fc.option(fc.integer({ min: -32768, max: 32767 })))),
  fc.option(fc.constantFrom('2024-02-29', '2026-11-22')),
  fc.option(fc.constantFrom('0.10', '12345678901234567890.123')),
);

let scratch: ScratchDatabase;

beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: [Spec1763600000000] });
});
afterAll(() => scratch.drop());

async function readBack(): Promise<unknown[][]> {
  const rows = await scratch.database.query<Record<string, unknown>>('SELECT * FROM thing');
  return rows.map((one) => Object.keys(columns).map((name) => one[name]));
}

describe('statements whose plans are kept', () => {
  it('R-EVO-1 run again when their table has changed, on another connection', async () => {
    const { database } = scratch;
    await database.query('CREATE TABLE changing (id int); INSERT INTO changing VALUES (1)');
    const ask = (): Promise<object[]> =>
      database.transaction((tx) => tx.query<object>('SELECT * FROM changing WHERE id = $1', [1]));
    for (let times = 0; times < 10; times += 1) expect(await ask()).toEqual([{ id: 1 }]);
    const sql = `SELECT count(*) AS kept FROM pg_prepared_statements WHERE statement LIKE '%changing%'`;
    expect(await database.query(sql)).toEqual([{ kept: 1n }]);
    await database.query('ALTER TABLE changing ADD COLUMN name text');
    const outdated = await ask().catch((error: unknown) => error);
    expect([outdated instanceof DatabaseUnavailable, isInfrastructureError(outdated)]).toEqual([
      true,
      true,
    ]);
    expect(await ask()).toEqual([{ id: 1, name: null }]);
  });
});

describe('insertRows and copyRows', () => {
  it('bring back every value as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        const plain = rows.map((one) => [...one]);
        await scratch.database.query('TRUNCATE thing');
        await scratch.database.transaction((tx) => {
          return insertRows(tx, { table: 'thing', columns, rows: plain });
        });
        expect(await readBack()).toEqual(plain);
        await scratch.database.query('TRUNCATE thing');
        await scratch.database.transaction((tx) => {
          return copyRows(tx, { table: 'thing', columns: binaryColumns, rows: plain });
        });
        expect(await readBack()).toEqual(plain.map((one) => [...one.slice(0, -2), null, null]));
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, unknown]>([
    ['bigint', 2n ** 63n],
    ['bigint', -(2n ** 63n) - 1n],
    ['integer', 2 ** 31],
    ['integer', 0.5],
    ['smallint', 32_768],
    ['smallint', Number.NaN],
    ['timestamptz', new Date(Number.NaN)],
    ['uuid', 'no uuid'],
  ])('refuse a %s that cannot be one: %s', async (type, value) => {
    const column = Object.keys(columns).find((name) => Object(columns)[name] === type) ?? '';
    const rows = [[value]];
    await scratch.database.query('TRUNCATE thing');
    const one = { table: 'thing', columns: { [column]: type }, rows };
    await expect(scratch.database.transaction((tx) => insertRows(tx, one))).rejects.toThrow();
    await expect(scratch.database.transaction((tx) => copyRows(tx, one))).rejects.toThrow();
    expect(await scratch.database.query('SELECT count(*) AS n FROM thing')).toEqual([{ n: 0n }]);
  });

  it('keep what is not there yet, and name it only where something was', async () => {
    const keep = (ids: readonly number[]): Promise<ReadonlySet<string> | 'all'> =>
      scratch.database.transaction((tx) =>
        insertNew(tx, {
          table: 'counter',
          columns: { id: 'int', n: 'int' },
          rows: ids.map((id) => [id, 0]),
          returning: `'no ' || id`,
        }),
      );
    expect(await keep([])).toBe('all');
    expect(await keep([101, 102])).toBe('all');
    expect(await keep([102, 103, 104])).toEqual(new Set(['no 103', 'no 104']));
    expect(await keep([101, 103])).toEqual(new Set());
    expect(await keep([105, 105])).toEqual(new Set(['no 105']));
    await expect(keep(Array.from({ length: 5_001 }, (_, id) => id))).rejects.toThrow('5000');
    await scratch.database.query('DELETE FROM counter WHERE id > 100');
  });

  it('are joined by COPY that is fed piece by piece, whatever its texts have in them', async () => {
    await scratch.database.query('TRUNCATE thing');
    const names = ['a\tb', 'c\\d', 'e\nf', 'g\r', '中文', ''];
    await scratch.database.transaction(async (tx) => {
      const into = CopyInto.begin(tx, { table: 'thing', columns: ['id', 'name'] });
      for (const [id, name] of names.entries()) await into.write(`${id}\t${copyEscaped(name)}\n`);
      await into.end();
    });
    const back = await scratch.database.query<{ name: string }>(
      'SELECT name FROM thing ORDER BY id',
    );
    expect(back.map(({ name }) => name)).toEqual(names);
  });

  it('a COPY that PostgreSQL refuses is told, and its connection is as good as before', async () => {
    const many = '1\tx\n'.repeat(200_000);
    const failing = scratch.database.transaction(async (tx) => {
      const into = CopyInto.begin(tx, { table: 'thing', columns: ['id', 'name'] });
      for (const lines of ['no number\tx\n', many, many]) await into.write(lines);
      await into.end();
    });
    await expect(failing).rejects.toThrow('invalid input syntax');
    expect(await scratch.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('insert more rows than one statement takes, and return them in order', async () => {
    await scratch.database.query('TRUNCATE thing');
    const rows = Array.from({ length: 12_001 }, (_, index) => [BigInt(index)]);
    const returned = await scratch.database.transaction((tx) => {
      const table = 'thing';
      const returning = 'id';
      return insertRows<{ id: bigint }>(tx, { table, columns: { id: 'bigint' }, rows, returning });
    });
    expect(returned.map(({ id }) => [id])).toEqual(rows);
  });
});

describe('transaction', () => {
  it('rolls back as a whole when the work throws', async () => {
    const failing = scratch.database.transaction(async (tx) => {
      await tx.query('UPDATE counter SET n = n + 100 WHERE id = 1');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await scratch.database.query('SELECT n FROM counter WHERE id = 1')).toEqual([{ n: 0 }]);
  });

  it('repeats after a deadlock until both are through', async () => {
    let runs = 0;
    let arrive: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (arrive = resolve));
    let here = 0;
    const crossing = (first: number, second: number) => {
      return scratch.database.transaction(async (tx) => {
        runs += 1;
        await tx.query('UPDATE counter SET n = n + 1 WHERE id = $1', [first]);
        here += 1;
        if (here === 2) arrive();
        await both;
        await tx.query('UPDATE counter SET n = n + 1 WHERE id = $1', [second]);
      });
    };
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    const rows = await scratch.database.query('SELECT n FROM counter ORDER BY id');
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
    await scratch.database.query('UPDATE counter SET n = 0');
  });

  it('says that nothing was kept when a failed statement was swallowed', async () => {
    const swallowing = scratch.database.transaction(async (tx) => {
      await tx.query('UPDATE counter SET n = 7 WHERE id = 1');
      await tx.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('nothing of it was kept');
    expect(await scratch.database.query('SELECT n FROM counter WHERE id = 1')).toEqual([{ n: 0 }]);
  });

  it.each(['after-commit', 'before-commit'] as const)(
    'calls a COMMIT without an answer unknown (cut %s)',
    async (when) => {
      const cutter = new CommitCutter(new URL(scratch.url));
      const url = await cutter.listen();
      const database = await scratch.open({ url: url.href });
      cutter.arm(when);
      const cut = database.transaction((tx) => tx.query('UPDATE counter SET n = 5 WHERE id = 2'));
      await expect(cut).rejects.toThrow(CommitUnknown);
      expect(cutter.cuts).toBe(1);
      await cutter.close();
    },
  );

  it('turns a killed connection into DatabaseUnavailable and goes on with another', async () => {
    const killed = scratch.database.transaction(async (tx) => {
      const [own] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await scratch.asOwner('SELECT pg_terminate_backend($1, 10000)', [own?.pid]);
      await tx.query('SELECT 1');
    });
    await expect(killed).rejects.toThrow(DatabaseUnavailable);
    expect(await scratch.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('holds an exclusive lock against a shared one', async () => {
    const impatient = await scratch.open({ lockTimeoutMs: 100 });
    await scratch.database.transaction(async (tx) => {
      await advisoryLock(tx, 'shop:s-1', 'exclusive');
      const blocked = impatient.transaction((other) => advisoryLock(other, 'shop:s-1', 'shared'));
      const error: unknown = await blocked.catch((thrown: unknown) => thrown);
      expect(isInfrastructureError(error)).toBe(true);
      await impatient.transaction((other) => advisoryLock(other, 'shop:s-2', 'shared'));
    });
  });
});

describe('a service role', () => {
  it('owns its schema and sees no other', async () => {
    const url = new URL(scratch.url);
    url.username += '_other';
    url.password = 'secret';
    const other = { schema: 'other', role: url.username, password: url.password };
    await bootstrap({ ownerUrl: scratch.ownerUrl, services: [other] });
    const theirs = await scratch.open({ url: url.href, schema: other.schema });
    await theirs.migrate();
    expect(await theirs.query('SELECT n FROM other.counter')).toHaveLength(2);
    const peeking = scratch.database.query('SELECT n FROM other.counter');
    await expect(peeking).rejects.toThrow('permission denied');
  });

  it('migrates once however many start at the same time', async () => {
    const pools = await Promise.all(Array.from({ length: 4 }, () => scratch.open()));
    await Promise.all(pools.map((one) => one.migrate()));
    const rows = await scratch.database.query<{ count: bigint }>('SELECT count(*) FROM migration');
    expect(rows).toEqual([{ count: 1n }]);
  });
});

describe('isInfrastructureError', () => {
  it.each([
    ['SELECT 1/0', false],
    [`SELECT 'x'::int`, false],
    ['INSERT INTO counter VALUES (1, 1)', false],
    ['SELECT pg_sleep(10)', true],
    ['SELECT * FROM not_there', true],
  ])('judges %s', async (sql, expected) => {
    const database = await scratch.open({ statementTimeoutMs: 200 });
    const error: unknown = await database.query(sql).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(isInfrastructureError(error)).toBe(expected);
  });
});
