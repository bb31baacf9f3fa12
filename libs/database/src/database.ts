import { Client, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseUnavailable, isConnectionLost } from './errors.js';
import { inTransaction, preparedOnce, queryOnce } from './transaction.js';
import { columnTypes, type MigrationClass, type Tx } from './types.js';

/** What of a logger the database needs. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

/** How a service reaches its schema. */
export interface DatabaseOptions {
  readonly url: string;
  readonly schema: string;
  readonly applicationName: string;
  /** Connections at most (6). */
  readonly poolMax?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  readonly idleInTransactionMs?: number;
  readonly logger: DatabaseLog;
  readonly migrations: readonly MigrationClass[];
}

/** The lock under which every service of an installation migrates, one after the other. */
const migrationLock = 'qingfen:migrations';

/**
 * One service's rows: a TypeORM DataSource for migrations and connections, and its pool for SQL.
 * Made by {@link createDatabase}.
 */
export class Database {
  constructor(
    /** TypeORM's, for migrations and for whoever needs its metadata. */
    readonly dataSource: DataSource,
    private readonly pool: Pool,
    private readonly options: DatabaseOptions,
  ) {}

  /** The schema that all unqualified names mean. */
  get schema(): string {
    return this.options.schema;
  }

  /** Runs the migrations that have not run, under one advisory lock for the installation. */
  async migrate(): Promise<void> {
    const { url, applicationName } = this.options;
    const holder = new Client({
      connectionString: url,
      application_name: `${applicationName}-migrations`,
      keepAlive: true,
    });
    holder.on('error', (err) => this.options.logger.warn({ err }, 'migration lock lost'));
    await holder.connect();
    try {
      await holder.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [migrationLock]);
      await this.dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await holder.end(); // ends the lock with it
    }
  }

  /**
   * Runs `work` in one transaction, repeated as a whole after a deadlock or serialization failure.
   * @throws DatabaseUnavailable when the connection broke before COMMIT
   * @throws CommitUnknown when COMMIT was sent and no answer came
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, work);
  }

  /** Runs one statement by itself. @throws DatabaseUnavailable */
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]> {
    return queryOnce<T>(this.pool, sql, params);
  }

  /** As {@link query}, planned once for each connection: for what is asked many times a second. */
  prepared<T>(name: string, sql: string, params?: readonly unknown[]): Promise<T[]> {
    return preparedOnce<T>(this.pool, { name, sql, params });
  }

  /** A connection of its own outside the pool, for LISTEN; whoever takes it ends it. */
  async listener(): Promise<Client> {
    const client = new Client({
      connectionString: this.options.url,
      application_name: `${this.options.applicationName}-listen`,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => undefined); // `end` follows, which the holder hears
    await client.connect();
    return client;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

function poolOf(dataSource: DataSource): Pool {
  const driver: object = dataSource.driver;
  if ('master' in driver && driver.master instanceof Pool) return driver.master;
  throw new TypeError('TypeORM holds no pool of pg');
}

function dataSourceFor(options: DatabaseOptions): DataSource {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const warn = (err: unknown): void => {
    options.logger.warn({ err }, 'a database connection was lost');
  };
  return new DataSource({
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    applicationName: options.applicationName,
    poolSize: options.poolMax ?? 6,
    connectTimeoutMS: 5000,
    synchronize: false,
    logging: false,
    installExtensions: false,
    migrationsTableName: 'migration',
    migrations: [...options.migrations],
    poolErrorHandler: warn,
    extra: {
      types: columnTypes,
      options: `-c search_path=${options.schema}`,
      statement_timeout: statementTimeoutMs,
      // A server that has silently gone never answers, so the client gives up by itself as well.
      query_timeout: statementTimeoutMs + 5000,
      lock_timeout: options.lockTimeoutMs ?? 10_000,
      idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
  });
}

/**
 * Connects to a service's schema; migrations wait for {@link Database.migrate}.
 * @throws DatabaseUnavailable when there is no connection to be had
 */
export async function createDatabase(options: DatabaseOptions): Promise<Database> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(options.schema)) {
    throw new RangeError(`not the name of a schema: ${options.schema}`);
  }
  const dataSource = dataSourceFor(options);
  try {
    await dataSource.initialize();
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new DatabaseUnavailable(`no connection: ${text}`, { cause: error });
  }
  const pool = poolOf(dataSource);
  // A checked-out connection without a listener takes the process with it when the server goes.
  pool.on('connect', (client) => client.on('error', () => undefined));
  await dropIdle(pool);
  return new Database(dataSource, pool, options);
}

/** The connections that TypeORM opened before the listener above was there. */
async function dropIdle(pool: Pool): Promise<void> {
  const idle = pool.idleCount;
  const clients = await Promise.all(Array.from({ length: idle }, () => pool.connect()));
  for (const client of clients) client.release(true);
}
