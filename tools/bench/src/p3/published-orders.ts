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
import {
  makeOrders,
  orderEvent,
  plan,
  shopId,
  usualLines,
  type Message,
  type Order,
} from '../orders.js';
import type { Servers } from '../servers.js';

const dayMs = 86_400_000;

/** What a calculator is to book: the first orders of the seed, and the secrets that it is told by. */
export interface Published {
  readonly orders: readonly Order[];
  readonly secrets: Secrets;
  readonly secretsFile: string;
}

/**
 * A shop, its plan and its orders on the topics of a run. Every calculator hears them from the first on, so
 * measures share them: the one with the fewest orders comes first, and later ones add to them.
 */
export class PublishedOrders {
  private told: Omit<Published, 'orders'> | null = null;
  private orderCount = 0;

  /**
   * Has just the first so many orders stand on the topic.
   *
   * @throws Error where more stand there already: nobody could hear the first of them alone
   */
  async first({ servers, seed, until }: MeasureContext, count: number): Promise<Published> {
    if (count < this.orderCount) throw new Error(`${this.orderCount} orders are published already`);
    this.told ??= await tellRules(servers, until);
    const orders = makeOrders({ seed, until, count, linesOfHundred: usualLines });
    await servers.publish('order-completed', orders.slice(this.orderCount).map(orderEvent));
    this.orderCount = count;
    return { orders, ...this.told };
  }
}

/** The shop and its plan, told and signed as rules does. */
async function tellRules(servers: Servers, until: string): Promise<Omit<Published, 'orders'>> {
  const secrets = makeSecrets();
  const secretsFile = path.join(servers.directory, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
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
  return { secrets, secretsFile };
}

/** Lines of an order, on average. */
export function linesPerOrder(orders: readonly Order[]): string {
  return (orders.reduce((sum, { items }) => sum + items.length, 0) / orders.length).toFixed(2);
}
