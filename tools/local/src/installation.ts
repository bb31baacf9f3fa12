import { writeFileSync } from 'node:fs';
import { bootstrap, BootstrapRefused, type SchemaOwner } from '@qingfen/database';
import pg from 'pg';
import type { InstallationEnvironment } from './config.js';
import { StartFailure } from './start-failure.js';

/** Makes the database on a server of our own if it is not there. */
export async function createDatabase(options: {
  readonly maintenanceUrl: string;
  readonly database: string;
}): Promise<void> {
  const { maintenanceUrl, database } = options;
  await withClient(maintenanceUrl, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) {
      await client.query(`create database ${client.escapeIdentifier(database)}`);
    }
  });
}

/**
 * Stamps a new database with its environment; a database keeps the one it was stamped with for
 * ever, so that books of play money never meet real money.
 *
 * @throws StartFailure when it was stamped with another one.
 */
export async function stampEnvironment(
  url: string,
  environment: InstallationEnvironment,
): Promise<void> {
  const stamped = await withClient(url, async (client) => {
    // Two first starts at once would both try to make the schema.
    await client.query('select pg_advisory_lock(7165667)');
    await client.query(`
      create schema if not exists qingfen_installation;
      create table if not exists qingfen_installation.environment (
        is_only boolean primary key default true check (is_only),
        environment text not null
          check (environment in ('local-sandbox', 'alipay-sandbox', 'production')),
        stamped_at timestamptz not null default now()
      )`);
    await client.query(
      `insert into qingfen_installation.environment (environment) values ($1)
       on conflict (is_only) do nothing`,
      [environment],
    );
    const { rows } = await client.query<{ environment: string }>(
      'select environment from qingfen_installation.environment',
    );
    return rows[0]?.environment;
  });
  if (stamped === environment) return;
  throw new StartFailure({
    part: 'environment',
    reason: `this database belongs to ${stamped}, and ALIPAY_GATEWAY is ${environment}`,
    fix:
      `Set ALIPAY_GATEWAY to the gateway of ${stamped} (unset it for the local sandbox), or use ` +
      'another QINGFEN_DATA_DIR or DATABASE_URL.',
  });
}

async function withClient<T>(url: string, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // the query that is under way reports it
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

/**
 * Makes the services' roles and schemas. Where the owner may not, the SQL is left in a file of mode
 * 0600 for somebody who may, and a start after that goes on.
 *
 * @throws StartFailure naming that file.
 */
export async function bootstrapServices(options: {
  readonly ownerUrl: string;
  readonly owners: readonly SchemaOwner[];
  readonly sqlFile: string;
}): Promise<void> {
  const { ownerUrl, owners, sqlFile } = options;
  try {
    await bootstrap({ ownerUrl, services: owners });
  } catch (error) {
    if (!(error instanceof BootstrapRefused)) throw error;
    const ready = await Promise.all(owners.map((owner) => isReady(ownerUrl, owner)));
    if (ready.every(Boolean)) return;
    writeFileSync(sqlFile, error.sql, { mode: 0o600 });
    throw new StartFailure({
      part: 'postgres',
      reason: `the owner in DATABASE_URL may not make the services' roles (${error.message})`,
      fix: `Have somebody who may run ${sqlFile} on that database, then start again.`,
    });
  }
}

/** Whether the role logs in with its password and may make tables in its schema. */
async function isReady(ownerUrl: string, owner: SchemaOwner): Promise<boolean> {
  const url = new URL(ownerUrl);
  url.username = owner.role;
  url.password = owner.password;
  const sql = `select has_schema_privilege(current_user, $1, 'create') as may_create`;
  try {
    return await withClient(url.href, async (client) => {
      const { rows } = await client.query<{ may_create: boolean }>(sql, [owner.schema]);
      return rows[0]?.may_create === true;
    });
  } catch {
    return false; // no such role, another password, no such schema
  }
}
