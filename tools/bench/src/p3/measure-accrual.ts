import { buildEvent, headerNames, type EventData, type Topic } from '@qingfen/contracts';
import {
  canonicalJson,
  makeSecrets,
  MessageSigner,
  sha256Hex,
  type Secrets,
} from '@qingfen/security';
import { later } from '@qingfen/testing';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MeasureContext } from '../context.js';
import { compete, type Contender, type MeasureResult } from '../measure.js';
import type { NaiveStyle } from '../naive/keep-rows.js';
import { makeOrders, orderEvent, plan, shopId, usualLines, type Message } from '../orders.js';
import type { Servers } from '../servers.js';
import { expectedBooks } from './expected-books.js';
import { runNaive } from './naive-run.js';
import { runProduct } from './product-run.js';

// Nine entries an order: a million of them when the last is booked.
const product = { count: 120_000, warmUp: 10_000 };
const naive = { count: 3_000, warmUp: 1_000 };
const naiveTopic = 'bench-naive-orders';
// The best of 1, 2, 3 and 6 (the topic's partitions) in five of six series on two shared cores.
const naivePartitionsAtOnce = 6;
const dayMs = 86_400_000;

/** P3: orders a second from Kafka to the committed books. */
export async function measureAccrual(context: MeasureContext): Promise<MeasureResult> {
  const { servers, seed, until, rounds, say } = context;
  say(`P3: publishing ${product.count} orders`);
  const orders = makeOrders({ seed, until, count: product.count, linesOfHundred: usualLines });
  const fewer = orders.slice(0, naive.count);
  const secrets = makeSecrets();
  const secretsFile = path.join(servers.directory, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  await publishRules(servers, secrets, until);
  await servers.publish('order-completed', orders.map(orderEvent));
  await servers.newTopic(naiveTopic);
  await servers.publish(naiveTopic, fewer.map(orderEvent));
  const expected = expectedBooks(orders);
  const expectedOfFewer = expectedBooks(fewer);
  const lines = orders.reduce((sum, { items }) => sum + items.length, 0) / orders.length;
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
      `${product.count} orders of ${lines.toFixed(2)} lines (naive: the first ${naive.count}), ` +
      `${product.warmUp} (${naive.warmUp}) of them to warm up; O1-O3 held after every round`,
  );
}

/** The shop and its plan, told and signed as rules does. */
async function publishRules(servers: Servers, secrets: Secrets, until: string): Promise<void> {
  const since = later(until, -3 * dayMs);
  const signer = new MessageSigner(secrets.services.rules.signingKey);
  const publish = async <T extends Topic>(topic: T, data: EventData[T]): Promise<void> => {
    const event = buildEvent(topic, data, { id: topic, source: '/qingfen/rules', time: since });
    const value = JSON.stringify(event);
    const headers = {
      [headerNames.signature]: signer.sign({ topic, key: shopId, value }),
      [headerNames.correlationId]: 'bench',
    };
    const message: Message = { key: shopId, value, headers };
    await servers.publish(topic, [message]);
  };
  await publish('shop-upserted', {
    shopId,
    name: 'Bench',
    timezone: 'Asia/Shanghai',
    noticePeriodDays: 0,
    transferMax: '50000.00',
    updatedAt: since,
  });
  await publish('settlement-plan-published', {
    shopId,
    version: 1,
    plan,
    hash: sha256Hex(canonicalJson(plan)),
    publishedAt: since,
    effectiveFrom: since,
  });
}
