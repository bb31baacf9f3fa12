import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CopyInTurns } from './copy-in-turns.js';
import { scratchDatabase, type ScratchDatabase } from './fixtures/scratch-database.js';

class Spec1763600000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE thing (id int NOT NULL, name text NOT NULL)');
    await runner.query('CREATE TABLE counter (id int NOT NULL, n int NOT NULL)');
  }

  async down(): Promise<void> {}
}

let scratch: ScratchDatabase;
beforeAll(async () => {
  scratch = await scratchDatabase({ migrations: [Spec1763600000001] });
});
afterAll(() => scratch.drop());

describe('tables that are filled side by side over one connection', () => {
  it('R-REC-4 have all lines, each table in the order of its own', async () => {
    const things = { table: 'thing', columns: ['id', 'name'] };
    const counters = { table: 'counter', columns: ['id', 'n'] };
    const count = 100_000; // some megabytes: several COPYs of each
    await scratch.database.transaction(async (tx) => {
      const copy = new CopyInTurns(tx);
      for (let id = 0; id < count; id += 2) {
        await copy.write(things, `${id}\t${'中'.repeat(8)}\n${id + 1}\tb\n`);
        await copy.write(counters, `${id}\t${count - id}\n`);
      }
      await copy.end();
      await copy.close();
    });
    const [row] = await scratch.database.query<object>(
      `SELECT (SELECT count(*) FROM thing) AS things, (SELECT count(*) FROM counter) AS counters,
              (SELECT count(*) FROM (SELECT id > lag(id) OVER (ORDER BY ctid) AS is_next FROM thing) t
                WHERE NOT is_next) AS astray`,
    );
    expect(row).toEqual({ things: BigInt(count), counters: BigInt(count / 2), astray: 0n });
  });

  it.each(['at its end', 'with what is written next'])(
    'R-REC-4 tell what PostgreSQL refuses of one of them %s, and the connection stays good',
    async (when) => {
      const bad = { table: 'counter', columns: ['id', 'nothing'] };
      const lines = '1\tx\n'.repeat(300_000);
      const failing = scratch.database.transaction(async (tx) => {
        const copy = new CopyInTurns(tx);
        try {
          await copy.write(bad, lines);
          if (when !== 'at its end') await copy.write(bad, lines);
          await copy.end();
        } finally {
          await copy.close();
        }
      });
      await expect(failing).rejects.toThrow('column "nothing"');
      expect(await scratch.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
  );
});
