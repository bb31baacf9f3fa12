import type { Kind } from '@qingfen/e2e';
import type { Order } from '@qingfen/contracts';
import { fenOf, yuanOf } from '@qingfen/testing';
import type { Comparison } from './comparison.js';
import type { Expected } from './expected.js';
import type { ShopBooks } from './shop-books.js';
import type { World } from './world.js';

const ordersAtOnce = 8;
const kinds: readonly Kind[] = ['commission', 'supplier'];

/** Each order: its plan version and what is left of its lines; each shop: what was clawed back. */
export async function compareOrders(
  world: World,
  { books }: Expected,
): Promise<readonly Comparison[]> {
  const orders: { differences: string[]; figures: number } = { differences: [], figures: 0 };
  const clawed: { differences: string[]; figures: number } = { differences: [], figures: 0 };
  for (const each of books) {
    const said = await readOrders(world, each);
    for (const { orderId, version, lines } of each.orders.all()) {
      const order = said.get(orderId);
      const bases = lines.map(({ item, baseFen }) => `${item.itemId} ${yuanOf(baseFen)}`);
      const wanted = `version ${version.number}: ${bases.join(', ')}`;
      const is =
        order === undefined
          ? 'no such order'
          : `version ${order.planVersion}: ` +
            order.items.map(({ itemId, base }) => `${itemId} ${base}`).join(', ');
      orders.figures += 1;
      if (is !== wanted) orders.differences.push(`${orderId} is ${is} instead of ${wanted}`);
    }
    const entries = [...said.values()].flatMap((order) => order.entries);
    for (const kind of kinds) {
      const { firstFen, takenFen, clawedFen } = each.orders.tally.ofKind(kind);
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
    { what: 'orders with plan version and what is left of each line', ...orders },
    { what: 'sums owed and clawed back over all entries', ...clawed },
  ];
}

async function readOrders(
  { gateway }: World,
  { shop, orders }: ShopBooks,
): Promise<ReadonlyMap<string, Order>> {
  const said = new Map<string, Order>();
  const work = orders.all().values();
  const ask = async (): Promise<void> => {
    for (const { orderId } of work) said.set(orderId, await gateway.order(shop.shopId, orderId));
  };
  await Promise.all(Array.from({ length: ordersAtOnce }, ask));
  return said;
}
