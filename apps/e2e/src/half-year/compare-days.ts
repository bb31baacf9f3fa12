import { orderClearingSchema, reconciliationSchema } from '@qingfen/contracts';
import { dayAfter, fenOf, instantOf, UnexpectedAnswer, yuanOf } from '@qingfen/testing';

import { appOf } from './owners.js';
import type { RunningSystem } from './running-system.js';
import type { ReferenceWorld } from './world.js';

/** What reconciliation has told of a passage whose buyers paid at Alipay. */
export interface DaysSeen {
  readonly differences: readonly string[];
  /** Days of all shops, each compared with Alipay's bill. */
  readonly days: number;
  /** Orders paid by a trade, each of which leaves nothing on `clearing`. */
  readonly ordersCleared: number;
}

const ordersAtOnce = 8;

/**
 * Every Beijing day of every shop is reconciled: no difference is left, what the ledger has is what the
 * sandbox's own book has at its end, and every order that was paid by a trade leaves nothing on `clearing`.
 */
export async function compareDays(system: RunningSystem, world: ReferenceWorld): Promise<DaysSeen> {
  const differences: string[] = [];
  let days = 0;
  let ordersCleared = 0;
  for (const shopId of world.shopIds) {
    const closings = await closingsOf(system, shopId, world);
    for (const [day, closingFen] of closings) {
      differences.push(...(await dayDifferences(system, { shopId, day, closingFen })));
    }
    days += closings.size;
    const orders = await clearingDifferences(system, world, shopId);
    differences.push(...orders.differences);
    ordersCleared += orders.count;
  }
  return { differences, days, ordersCleared };
}

/** The balance at the end of each day whose bill has been there, by the sandbox's own movements. */
async function closingsOf(
  system: RunningSystem,
  shopId: string,
  world: ReferenceWorld,
): Promise<ReadonlyMap<string, bigint>> {
  const movements = await system.sandbox.movements(appOf(shopId));
  const inOrder = movements
    .map(({ amount, at }) => ({ fen: fenOf(amount), ms: Date.parse(at) }))
    .sort((one, other) => one.ms - other.ms);
  const closings = new Map<string, bigint>();
  let [fen, next] = [0n, 0];
  for (let day = world.firstDay; day <= world.lastBilledDay; day = dayAfter(day)) {
    const endMs = instantOf(dayAfter(day));
    for (; (inOrder[next]?.ms ?? endMs) < endMs; next += 1) fen += inOrder[next]?.fen ?? 0n;
    closings.set(day, fen);
  }
  return closings;
}

async function dayDifferences(
  system: RunningSystem,
  { shopId, day, closingFen }: { shopId: string; day: string; closingFen: bigint },
): Promise<readonly string[]> {
  const path = `/shops/${shopId}/reconciliations/${day}`;
  const answer = await system.gateway.call('GET', path);
  if (answer.status !== 200) return [`${shopId} ${day}: not reconciled (${answer.status})`];
  const { state, balance, clearing, differences } = reconciliationSchema.parse(answer.body);
  const closing = yuanOf(closingFen);
  return [
    ...(state === 'done' ? [] : ['it is not compared']),
    ...(balance.alipay === closing ? [] : [`the bill ends with ${balance.alipay}, not ${closing}`]),
    ...(balance.ledger === closing ? [] : [`the ledger has ${balance.ledger}, not ${closing}`]),
    ...(clearing.open === 0 ? [] : [`${clearing.open} orders leave ${clearing.amount}`]),
    ...differences
      .filter((one) => one.state !== 'cleared')
      .map((one) => `${one.class} ${one.subject.id} ${one.amount} is ${one.state}`),
  ].map((complaint) => `${shopId} ${day}: ${complaint}`);
}

/** Order by order. Of those that nobody has told of yet the payment is all that there is. */
async function clearingDifferences(
  system: RunningSystem,
  world: ReferenceWorld,
  shopId: string,
): Promise<{ readonly differences: readonly string[]; readonly count: number }> {
  const differences: string[] = [];
  const orders = [...world.shop(shopId).state.orders.values()].flatMap(({ data }) =>
    data.alipayTradeNo === undefined ? [] : [data.orderId],
  );
  const work = orders.values();
  const ask = async (): Promise<void> => {
    for (const orderId of work) {
      const path = `/shops/${shopId}/reconciliations/orders/${orderId}`;
      const answer = await system.gateway.call('GET', path);
      if (answer.status !== 200) throw new UnexpectedAnswer(`GET ${path}`, answer, [200]);
      const { state, clearing } = orderClearingSchema.parse(answer.body);
      if (state === 'settled' && clearing === '0.00') continue;
      differences.push(`${shopId} ${orderId}: ${state}, and leaves ${clearing} on clearing`);
    }
  };
  await Promise.all(Array.from({ length: ordersAtOnce }, ask));
  return { differences, count: orders.length };
}
