import { createDatabase, type Database, type MigrationClass } from '@qingfen/database';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** A schema of its own on a real PostgreSQL, for one spec file; gone when the spec closes it. */
export interface ScratchDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** @throws Error when no server is named: a store's spec never passes without one. */
export async function scratchDatabase(
  url: string | undefined,
  migrations: readonly MigrationClass[],
): Promise<ScratchDatabase> {
  if (url === undefined) throw new Error('TEST_DATABASE_URL names no PostgreSQL');
  const schema = `gateway_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const owner = new Client({ connectionString: url });
  await owner.connect();
  await owner.query(`CREATE SCHEMA ${schema}`);
  const logger = { warn: () => undefined };
  const applicationName = 'gateway-spec';
  const database = await createDatabase({ url, schema, applicationName, logger, migrations });
  await database.migrate();
  return {
    database,
    close: async () => {
      await database.close();
      await owner.query(`DROP SCHEMA ${schema} CASCADE`);
      await owner.end();
    },
  };
}
