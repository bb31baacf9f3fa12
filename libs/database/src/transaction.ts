import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { failpoint } from '@qingfen/failpoint';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { CommitUnknown, DatabaseUnavailable, isConnectionLost, isTransient } from './errors.js';
import { KeptPlans } from './kept-plans.js';
import type { Tx } from './types.js';

const attemptsMax = 5;
const plans = new KeptPlans();

function txOn(client: PoolClient): Tx {
  return {
    client,
    async query<T>(sql: string, params?: readonly unknown[]): Promise<T[]> {
      if (params === undefined) return (await client.query(sql)).rows as T[];
      const name = plans.nameOf(sql);
      const text = { text: sql, values: [...params] };
      const result: QueryResult = await client.query(name === undefined ? text : { name, ...text });
      // Rows are what the statement's text says they are; this is where they get their type.
      return result.rows as T[];
    },
    async prepared<T>(name: string, sql: string, params?: readonly unknown[]): Promise<T[]> {
      const values = params === undefined ? [] : [...params];
      const result: QueryResult = await client.query({ name, text: sql, values });
      return result.rows as T[];
    },
  };
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Takes a connection of the pool. @throws DatabaseUnavailable */
export async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    throw new DatabaseUnavailable(`no connection: ${causeOf(error)}`, { cause: error });
  }
}

async function commit(client: PoolClient): Promise<void> {
  let result: QueryResult;
  try {
    const answered = client.query('COMMIT');
    failpoint('commit-sent');
    result = await answered;
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    throw new CommitUnknown(`COMMIT got no answer: ${causeOf(error)}`, { cause: error });
  }
  // After a failed statement that somebody caught, COMMIT rolls back and says so only in its tag.
  if (result.command !== 'COMMIT') {
    throw new Error('the transaction had failed before COMMIT; nothing of it was kept');
  }
}

async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false; // a connection that cannot even roll back is thrown away
  }
}

async function attempt<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await connect(pool);
  let usable = true;
  try {
    await client.query('BEGIN');
    const result = await work(txOn(client));
    await commit(client);
    return result;
  } catch (error) {
    const lost = isConnectionLost(error);
    usable = !lost && (await rollBack(client));
    if (!lost || error instanceof CommitUnknown || error instanceof DatabaseUnavailable) {
      throw error;
    }
    throw new DatabaseUnavailable(`connection lost: ${causeOf(error)}`, { cause: error });
  } finally {
    client.release(!usable);
  }
}

/**
 * Runs `work` in one transaction on one connection. A deadlock or serialization failure repeats
 * the whole, at most five times with growing jitter, so `work` must be able to run again.
 *
 * @throws DatabaseUnavailable when there is no connection or it broke before COMMIT
 * @throws CommitUnknown when COMMIT was sent and no answer came
 */
export async function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(pool, work);
    } catch (error) {
      if (!isTransient(error) || tries >= attemptsMax) throw error;
      await wait(randomInt(5, 20 * 2 ** tries));
    }
  }
}

/** Runs one statement outside of any transaction. @throws DatabaseUnavailable */
export function queryOnce<T>(pool: Pool, sql: string, params?: readonly unknown[]): Promise<T[]> {
  return once(pool, (tx) => tx.query<T>(sql, params));
}

/** As {@link queryOnce}, under a name by which the connection keeps its plan. */
export function preparedOnce<T>(
  pool: Pool,
  statement: {
    readonly name: string;
    readonly sql: string;
    readonly params?: readonly unknown[] | undefined;
  },
): Promise<T[]> {
  const { name, sql, params } = statement;
  return once(pool, (tx) => tx.prepared<T>(name, sql, params));
}

async function once<T>(pool: Pool, ask: (tx: Tx) => Promise<T[]>): Promise<T[]> {
  const client = await connect(pool);
  let usable = true;
  try {
    return await ask(txOn(client));
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    usable = false;
    throw new DatabaseUnavailable(`connection lost: ${causeOf(error)}`, { cause: error });
  } finally {
    client.release(!usable);
  }
}
