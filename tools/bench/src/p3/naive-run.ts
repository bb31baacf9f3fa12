import path from 'node:path';
import { Child } from '../child.js';
import type { NaiveStyle } from '../naive/keep-rows.js';
import type { NaiveTask } from '../naive/task.js';
import type { Servers } from '../servers.js';
import type { OrderBook } from './expected-books.js';
import { checkBooks, naiveQueries } from './oracles.js';
import { timeOrders } from './timing.js';

const database = 'bench_naive';
const group = 'bench-naive';
const main = path.resolve(import.meta.dirname, '../naive/naive-process.js');

/** What one round of the naive reference works on. */
export interface NaiveRound {
  readonly servers: Servers;
  readonly topic: string;
  readonly until: string;
  readonly expected: ReadonlyMap<string, OrderBook>;
  readonly warmUp: number;
  readonly partitionsAtOnce: number;
  readonly style: NaiveStyle;
}

export async function runNaive(round: NaiveRound): Promise<number> {
  const { servers, topic, until, expected, warmUp, partitionsAtOnce, style } = round;
  await servers.newDatabase(database);
  await servers.forgetGroups([group]);
  const databaseUrl = servers.urlOf(database);
  const broker = servers.brokers;
  const task: NaiveTask = { broker, topic, group, databaseUrl, until, partitionsAtOnce, style };
  const client = await servers.connect(database);
  const child = Child.start(main, [JSON.stringify(task)]);
  try {
    const perSecond = await timeOrders({
      child,
      done: async () => {
        const { rows } = await client.query<{ done: string }>(
          `SELECT CASE WHEN to_regclass('processed_event') IS NULL THEN '0' ELSE
             (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM processed_event',
               false, true, '')))[1]::text END AS done`,
        );
        return Number(rows[0]?.done ?? 0);
      },
      committed: () => servers.committed(group, topic),
      warmUp,
      count: expected.size,
    });
    await checkBooks(client, naiveQueries, expected);
    return perSecond;
  } finally {
    await child.stop();
    await client.end();
    await servers.dropDatabase(database);
  }
}
