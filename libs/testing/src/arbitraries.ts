import type { EventData } from '@qingfen/contracts';
import fc from 'fast-check';

import { later } from './instants.js';
import { yuanOf } from './fen.js';

/** Among whom and when arbitrary orders take place. */
export interface OrderWorld {
  readonly shopId: string;
  readonly orderIdPrefix: string;
  readonly suppliers: readonly string[];
  readonly distributors: readonly string[];
  /** Orders are paid within so many milliseconds after this instant, and completed within as many. */
  readonly from: string;
  readonly withinMs: number;
}

const linesMax = 5;
const levelsMax = 3;
const usualMinorMax = 100_000;

/** An amount in fen: mostly everyday prices, and the small and round ones that rounding minds. */
export const arbitraryMinor: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: usualMinorMax }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(9_999, 10_000, 10_001, 4_999_999) },
);

/** `order-completed` data of a world; every order has an id of its own. */
export function arbitraryOrder(
  world: OrderWorld,
  number: number,
): fc.Arbitrary<EventData['order-completed']> {
  const item = fc.record({
    supplierId: fc.constantFrom(...world.suppliers),
    minor: arbitraryMinor,
    subsidyMinor: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 500 })),
    kind: fc.constantFrom('goods' as const, 'goods' as const, 'shipping' as const),
  });
  return fc
    .record({
      items: fc.array(item, { minLength: 1, maxLength: linesMax }),
      distributors: fc.array(fc.option(fc.constantFrom(...world.distributors)), {
        maxLength: levelsMax,
      }),
      buyer: fc.option(fc.constantFrom(...world.distributors)),
      paidAfterMs: fc.integer({ min: 0, max: world.withinMs }),
      completedAfterMs: fc.integer({ min: 0, max: world.withinMs }),
    })
    .map(({ items, distributors, buyer, paidAfterMs, completedAfterMs }) => ({
      shopId: world.shopId,
      orderId: `${world.orderIdPrefix}${number}`,
      currency: 'CNY',
      paidAt: later(world.from, Math.min(paidAfterMs, completedAfterMs)),
      completedAt: later(world.from, Math.max(paidAfterMs, completedAfterMs)),
      items: items.map(({ supplierId, minor, subsidyMinor, kind }, index) => ({
        itemId: `i-${index + 1}`,
        supplierId,
        amount: yuanOf(BigInt(minor)),
        ...(subsidyMinor === 0 ? {} : { subsidy: yuanOf(BigInt(subsidyMinor)) }),
        ...(kind === 'goods' ? {} : { kind }),
      })),
      distributors,
      ...(buyer === null ? {} : { buyerPayeeId: buyer }),
    }));
}

/** So many orders of a world from a seed: the same seed gives the same orders. */
export function sampleOrders(
  world: OrderWorld,
  options: { readonly count: number; readonly seed: number },
): readonly EventData['order-completed'][] {
  const numbers = Array.from({ length: options.count }, (_, index) => index + 1);
  const all = fc.tuple(...numbers.map((number) => arbitraryOrder(world, number)));
  return fc.sample(all, { numRuns: 1, seed: options.seed })[0] ?? [];
}
