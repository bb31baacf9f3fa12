import { bootstrap } from '@qingfen/database';
import type { Secrets } from '@qingfen/security';
import path from 'node:path';
import { Child } from '../child.js';
import { freePort } from '../free-port.js';
import type { Servers } from '../servers.js';
import type { OrderBook } from './expected-books.js';
import { checkBooks, productQueries } from './oracles.js';
import { timeOrders } from './timing.js';

const database = 'bench_product';
const orders = 'qf-settlement-calculator-orders';
const groups = [orders, 'qf-settlement-calculator-rest'];
const main = path.resolve(
  import.meta.dirname,
  '../../../../apps/settlement-calculator/dist/main.js',
);

/** What one round of the product works on. */
export interface ProductRound {
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  readonly expected: ReadonlyMap<string, OrderBook>;
  readonly warmUp: number;
}

/** The settlement-calculator as it runs in production, in its own process, over an empty database. */
export async function runProduct(round: ProductRound): Promise<number> {
  const { servers, secrets, secretsFile, expected, warmUp } = round;
  await servers.newDatabase(database);
  await servers.forgetGroups(groups);
  const { databasePassword: password } = secrets.services['settlement-calculator'];
  const [schema, role] = ['settlement_calculator', 'qf_settlement_calculator'];
  await bootstrap({ ownerUrl: servers.urlOf(database), services: [{ schema, role, password }] });
  const url = new URL(servers.urlOf(database));
  url.username = role;
  url.password = encodeURIComponent(password);
  const client = await servers.connect(database);
  const child = Child.start(main, [], {
    TZ: 'Asia/Shanghai',
    LOG_LEVEL: 'warn',
    QINGFEN_ENVIRONMENT: 'local-sandbox',
    QINGFEN_CLOCK: 'system',
    QINGFEN_SECRETS_FILE: secretsFile,
    QINGFEN_SERVICES: JSON.stringify({
      'settlement-calculator': `http://127.0.0.1:${await freePort()}`,
    }),
    KAFKA_BROKERS: servers.brokers,
    DATABASE_URL_SETTLEMENT_CALCULATOR: url.href,
    ALIPAY_GATEWAY: 'http://127.0.0.1:9',
  });
  try {
    const perSecond = await timeOrders({
      child,
      done: () => doneOrders(client),
      committed: () => servers.committed(orders, 'order-completed'),
      warmUp,
      count: expected.size,
    });
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
    [orders],
  );
  return Number(rows[0]?.done ?? 0);
}
