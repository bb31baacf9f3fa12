import type { Order } from '@qingfen/contracts';
import { orderDifferences } from '@qingfen/e2e';
import { fenOf, type ReferenceKind, yuanOf } from '@qingfen/testing';
import type { Comparison } from './comparison.js';
import type { Expected } from './expected.js';
import type { ShopBooks } from './shop-books.js';
import { sumsOf } from './tally.js';
import type { World } from './world.js';

const ordersAtOnce = 8;
const kinds: readonly ReferenceKind[] = ['commission', 'supplier'];

/** Each order, to its version and what each party is owed; each shop: what was clawed back. */
export async function compareOrders(
  world: World,
  { books }: Expected,
): Promise<readonly Comparison[]> {
  const orders: { differences: string[]; figures: number } = { differences: [], figures: 0 };
  const clawed: { differences: string[]; figures: number } = { differences: [], figures: 0 };
  for (const each of books) {
    const said = await readOrders(world, each);
    for (const [orderId, expected] of each.reference.state.orders) {
      const order = said.get(orderId);
      const found = order === undefined ? ['no such order'] : orderDifferences(order, expected);
      orders.figures += 1;
      orders.differences.push(...found.map((difference) => `${orderId}: ${difference}`));
    }
    const entries = [...said.values()].flatMap((order) => order.entries);
    for (const kind of kinds) {
      const { firstFen, takenFen, clawedFen } = sumsOf(each, kind);
      const sum = (isCorrection: boolean): bigint =>
        entries
          .filter((entry) => entry.kind === kind && (entry.corrects !== null) === isCorrection)
          .reduce((total, { amount }) => total + fenOf(amount), 0n);
      const pairs = [
        ['owed before statements', sum(false), firstFen + takenFen],
        ['clawed back', sum(true), clawedFen],
      ] as const;
      for (const [what, is, should] of pairs) {
        clawed.figures += 1;
        if (is === should) continue;
        const figure = `${kind} ${what} in ${each.shop.shopId}`;
        clawed.differences.push(`${figure} is ${yuanOf(is)} instead of ${yuanOf(should)}`);
      }
    }
  }
  return [
    { what: 'orders with plan version, each line’s rest and what each party is owed', ...orders },
    { what: 'sums owed and clawed back over all entries', ...clawed },
  ];
}

async function readOrders(
  { gateway }: World,
  { shop, reference }: ShopBooks,
): Promise<ReadonlyMap<string, Order>> {
  const said = new Map<string, Order>();
  const work = reference.state.orders.keys();
  const ask = async (): Promise<void> => {
    for (const orderId of work) said.set(orderId, await gateway.order(shop.shopId, orderId));
  };
  await Promise.all(Array.from({ length: ordersAtOnce }, ask));
  return said;
}
