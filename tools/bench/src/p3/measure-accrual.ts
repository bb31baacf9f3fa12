import type { MeasureContext } from '../context.js';
import { compete, type Contender, type MeasureResult } from '../measure.js';
import type { NaiveStyle } from '../naive/keep-rows.js';
import { orderEvent } from '../orders.js';
import { expectedBooks } from './expected-books.js';
import { runNaive } from './naive-run.js';
import { runProduct } from './product-run.js';
import { linesPerOrder, type PublishedOrders } from './published-orders.js';

// Nine entries an order: a million of them when the last is booked.
const product = { count: 120_000, warmUp: 10_000 };
const naive = { count: 3_000, warmUp: 1_000 };
const naiveTopic = 'bench-naive-orders';
// The best of 1, 2, 3 and 6 (the topic's partitions) in five of six series on two shared cores.
const naivePartitionsAtOnce = 6;

/** P3: orders a second from Kafka to the committed books. */
export async function measureAccrual(
  context: MeasureContext,
  published: PublishedOrders,
): Promise<MeasureResult> {
  const { servers, until, rounds, say } = context;
  say(`P3: publishing ${product.count} orders`);
  const { orders, secrets, secretsFile } = await published.first(context, product.count);
  const fewer = orders.slice(0, naive.count);
  await servers.newTopic(naiveTopic);
  await servers.publish(naiveTopic, fewer.map(orderEvent));
  const expected = expectedBooks(orders);
  const expectedOfFewer = expectedBooks(fewer);
  const naively = (name: string, style: NaiveStyle): Contender => ({
    name,
    run: () =>
      runNaive({
        servers,
        topic: naiveTopic,
        until,
        expected: expectedOfFewer,
        warmUp: naive.warmUp,
        partitionsAtOnce: naivePartitionsAtOnce,
        style,
      }),
  });
  return compete(
    {
      id: 'P3',
      title: 'orders from Kafka to committed books: 3 levels, fee, supplier',
      unit: 'orders/s',
      better: 'greater',
      rounds,
      product: {
        name: 'product',
        run: () => runProduct({ servers, secrets, secretsFile, expected, warmUp: product.warmUp }),
      },
      baselines: [
        { ...naively('naive reference', 'save'), goal: { must: 20, aim: 40 } },
        { ...naively('the same with insert for save', 'insert'), goal: null },
      ],
      say,
    },
    () =>
      `${product.count} orders of ${linesPerOrder(orders)} lines (naive: the first ${naive.count}), ` +
      `${product.warmUp} (${naive.warmUp}) of them to warm up; O1-O3 held after every round`,
  );
}
