import { bootstrap } from '@qingfen/database';
import type { Secrets } from '@qingfen/security';
import {
  calculatorDatabase,
  calculatorEnvironment,
  calculatorGroups,
  calculatorMain,
  calculatorUrl,
  ordersGroup,
} from '../calculator.js';
import { Child } from '../child.js';
import type { Servers } from '../servers.js';
import type { OrderBook } from './expected-books.js';
import { checkBooks, productQueries } from './oracles.js';
import { timeOrders } from './timing.js';

const database = 'bench_product';

/** What one round of the product works on. */
export interface ProductRound {
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  readonly expected: ReadonlyMap<string, OrderBook>;
  readonly warmUp: number;
  /** Its settings, where they are not those of production. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What else is looked at, as soon as the clock has stopped and while the service runs. */
  readonly atEnd?: (running: Running) => Promise<void>;
}

/** A calculator that has booked everything, and its database. */
export interface Running {
  readonly client: Client;
  readonly url: string;
}

/** The settlement-calculator as it runs in production, in its own process, over an empty database. */
export async function runProduct(round: ProductRound): Promise<number> {
  const { servers, secrets, secretsFile, expected, warmUp, settings = {} } = round;
  await servers.newDatabase(database);
  await servers.forgetGroups(calculatorGroups);
  await bootstrap({ ownerUrl: servers.urlOf(database), services: [calculatorDatabase(secrets)] });
  const env = await calculatorEnvironment({ servers, secrets, secretsFile, database });
  const client = await servers.connect(database);
  const child = Child.start(calculatorMain, [], { ...env, ...settings });
  try {
    const perSecond = await timeOrders({
      child,
      done: () => doneOrders(client),
      committed: () => servers.committed(ordersGroup, 'order-completed'),
      warmUp,
      count: expected.size,
    });
    await round.atEnd?.({ client, url: calculatorUrl(env) });
    await checkBooks(client, productQueries, expected);
    return perSecond;
  } finally {
    await child.stop();
    await client.end();
    await servers.dropDatabase(database);
  }
}

type Client = Awaited<ReturnType<Servers['connect']>>;

/** The stored offsets commit with the facts, so their sum is the orders that are durable. */
async function doneOrders(client: Client): Promise<number> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('settlement_calculator.consumer_offset') IS NOT NULL AS there`,
  );
  if (tables[0]?.there !== true) return 0;
  const { rows } = await client.query<{ done: string }>(
    `SELECT coalesce(sum(next_offset), 0) AS done FROM settlement_calculator.consumer_offset
      WHERE group_id = $1 AND topic = 'order-completed'`,
    [ordersGroup],
  );
  return Number(rows[0]?.done ?? 0);
}
