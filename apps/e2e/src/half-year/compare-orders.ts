import type { Entry, Order } from '@qingfen/contracts';
import { fenOf, type ReferenceOrder, yuanOf } from '@qingfen/testing';

import { isSame, rationalOf } from '../reckoning/rational.js';
import { reckon } from '../reckoning/reckon.js';
import type { RunningSystem } from './running-system.js';
import type { ReferenceWorld } from './world.js';

/** What was compared of orders. */
export interface OrdersSeen {
  readonly differences: readonly string[];
  readonly orders: number;
  /** Entries whose amount was computed again from what is told of how it came about. */
  readonly reckoned: number;
}

const ordersAtOnce = 8;

/**
 * No order is lost: each has its version, what is left of its lines, and entries that come to what its
 * parties are owed; each original entry can be computed again from what is told of it.
 *
 * @param every how many orders there are to one that is looked at; 1 is all of them
 */
export async function compareOrders(
  system: RunningSystem,
  world: ReferenceWorld,
  every: number,
): Promise<OrdersSeen> {
  const differences: string[] = [];
  const wanted = world.shopIds.flatMap((shopId) =>
    [...world.shop(shopId).state.orders.values()].filter((_, index) => index % every === 0),
  );
  let reckoned = 0;
  const work = wanted.values();
  const ask = async (): Promise<void> => {
    for (const expected of work) {
      const { shopId, orderId } = expected.data;
      const order = await system.gateway.order(shopId, orderId).catch(() => undefined);
      const found = order === undefined ? ['no such order'] : orderDifferences(order, expected);
      differences.push(...found.map((each) => `${shopId} ${orderId}: ${each}`));
      reckoned += order?.entries.filter(isOriginal).length ?? 0;
    }
  };
  await Promise.all(Array.from({ length: ordersAtOnce }, ask));
  return { differences, orders: wanted.length, reckoned };
}

/** An order as the system tells of it against the reference's; each difference in words. */
export function orderDifferences(order: Order, expected: ReferenceOrder): readonly string[] {
  const version = expected.version?.version ?? null;
  const seen = order.items.map(({ itemId, base }) => `${itemId} ${base}`).join(', ');
  const due = expected.lines
    .map(({ item, amountFen, subsidyFen }) => `${item.itemId} ${yuanOf(amountFen + subsidyFen)}`)
    .join(', ');
  return [
    ...(order.planVersion === version ? [] : [`version ${order.planVersion}, not ${version}`]),
    ...(seen === due ? [] : [`${seen}, not ${due}`]),
    ...owedDifferences(order, expected),
    ...order.entries.filter(isOriginal).flatMap((entry) => {
      const complaint = reckon(entry) ?? factDifference(entry, expected);
      return complaint === null ? [] : [`${entry.entryId}: ${complaint}`];
    }),
  ];
}

/** What all entries of a party come to, the platform's fee included. */
function owedDifferences(order: Order, expected: ReferenceOrder): readonly string[] {
  const owed = new Map<string, bigint>();
  const add = (party: string, fen: bigint): void => {
    owed.set(party, (owed.get(party) ?? 0n) + fen);
  };
  for (const { itemId, kind, level, payeeId, amount } of order.entries) {
    if (itemId !== null) add(`${itemId} ${kind} ${level ?? 0} ${payeeId ?? ''}`, -fenOf(amount));
  }
  for (const { item, parties } of expected.lines) {
    for (const { who, level, payeeId, owedFen } of parties.values()) {
      if (who !== 'own-goods') add(`${item.itemId} ${who} ${level} ${payeeId}`, owedFen);
    }
  }
  return [...owed].flatMap(([party, fen]) =>
    fen === 0n ? [] : [`${party} is owed ${yuanOf(fen)} more than its entries come to`],
  );
}

/** What an order's line owes in the first place; what another version took the place of is cancelled. */
function isOriginal({ itemId, corrects, state }: Entry): boolean {
  return itemId !== null && corrects === null && state !== 'cancelled';
}

/** The fact that a dynamic rate follows is the one that was known when the order came. */
function factDifference({ how, payeeId }: Entry, { facts }: ReferenceOrder): string | null {
  const rate = how?.terms?.rate;
  if (rate?.by == null || rate.value === null) return null;
  const known = facts.get(`${rate.by} ${payeeId}`) ?? '0';
  if (isSame(rationalOf(known), rationalOf(rate.value))) return null;
  return `${rate.by} was ${known}, not ${rate.value}`;
}
