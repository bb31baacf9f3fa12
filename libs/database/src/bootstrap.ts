import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** A service's own corner of the database. */
export interface SchemaOwner {
  readonly schema: string;
  readonly role: string;
  readonly password: string;
}

/** The owner's log-in may not make roles; the SQL of {@link bootstrapSql} has to be run by one. */
export class BootstrapRefused extends Error {
  override readonly name = 'BootstrapRefused';
  constructor(
    message: string,
    /** What to run as a role that may; the passwords are in it. */
    readonly sql: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** One lock, so that two starts at once do not make the same role twice. */
const lock = `SELECT pg_advisory_xact_lock(hashtextextended('qingfen:bootstrap', 0))`;

function ownerSql({ schema, role, password }: SchemaOwner): string[] {
  const roleName = escapeIdentifier(role);
  const schemaName = escapeIdentifier(schema);
  return [
    `DO $qf$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(role)})` +
      ` THEN CREATE ROLE ${roleName} LOGIN; END IF; END $qf$`,
    `ALTER ROLE ${roleName} LOGIN PASSWORD ${escapeLiteral(password)}`,
    // PostgreSQL 16 and later: who made a role is its admin, but owns nothing through it yet.
    `GRANT ${roleName} TO CURRENT_USER`,
    `CREATE SCHEMA IF NOT EXISTS ${schemaName} AUTHORIZATION ${roleName}`,
    `ALTER SCHEMA ${schemaName} OWNER TO ${roleName}`,
    `REVOKE ALL ON SCHEMA ${schemaName} FROM PUBLIC`,
    `ALTER ROLE ${roleName} SET search_path = ${schemaName}`,
  ];
}

function statements(services: readonly SchemaOwner[]): string[] {
  return [
    lock,
    ...services.flatMap(ownerSql),
    'DO $qf$ BEGIN REVOKE CREATE ON SCHEMA public FROM PUBLIC;' +
      ' EXCEPTION WHEN insufficient_privilege OR invalid_schema_name THEN NULL; END $qf$',
  ];
}

/** The SQL that makes roles and schemas, in one transaction; it may be run again and again. */
export function bootstrapSql(services: readonly SchemaOwner[]): string {
  return ['BEGIN', ...statements(services), 'COMMIT'].map((sql) => `${sql};`).join('\n');
}

function stateOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/**
 * Makes a log-in role and a schema of its own for every service; what is there stays, passwords
 * are set anew. Needs CREATEROLE and CREATE on the database, no superuser.
 * @throws BootstrapRefused when the owner may not, with the SQL to run
 */
export async function bootstrap(options: {
  readonly ownerUrl: string;
  readonly services: readonly SchemaOwner[];
}): Promise<void> {
  const client = new Client({
    connectionString: options.ownerUrl,
    application_name: 'qingfen-bootstrap',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    for (const sql of statements(options.services)) await client.query(sql);
    await client.query('COMMIT');
  } catch (error) {
    if (stateOf(error) !== '42501') throw error;
    const who = client.user ?? 'the owner';
    throw new BootstrapRefused(
      `${who} may not create roles and schemas here: grant it CREATEROLE and CREATE on the` +
        ' database, or have an administrator run the SQL that goes with this message',
      bootstrapSql(options.services),
      { cause: error },
    );
  } finally {
    await client.end();
  }
}
