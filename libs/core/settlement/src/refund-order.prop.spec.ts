import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { invariant, minor } from '@qingfen/money';
import { accrueOrder, type OrderFact } from './accrue-order.js';
import { orderCase, type OrderCase } from './booked-order.fixture.js';
import { refundOrder, type RefundedSoFar, type RefundItem } from './refund-order.js';
import { partyKey } from './replay-order.js';

const runs = { numRuns: 1_000 };
const partsMax = 5;

/** Parts of an order's lines, each at most what those before it have left, and two orders to hear them in. */
interface Parts {
  readonly told: OrderCase;
  readonly refunds: readonly RefundItem[];
  readonly keys: readonly (readonly number[])[];
}

const keys = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });

/** With every fen of the order among them, or not. */
function partsOf(isWhole: boolean): fc.Arbitrary<Parts> {
  const cuts = fc.array(fc.array(fc.nat(100), { maxLength: partsMax - 1 }), { minLength: 4 });
  return fc.tuple(orderCase, cuts, fc.tuple(keys, keys)).map(([told, percents, own]) => {
    const refunds = told.order.items.flatMap(({ itemId, amountMinor, subsidyMinor }, index) => {
      const ends = [...(percents[index] ?? []), ...(isWhole ? [100] : [])].sort((a, b) => a - b);
      return ends.map((end, place): RefundItem => {
        const part = (paid: bigint): bigint =>
          (paid * BigInt(end)) / 100n - (paid * BigInt(ends[place - 1] ?? 0)) / 100n;
        const amount = minor(part(amountMinor));
        return { itemId, amountMinor: amount, subsidyMinor: minor(part(subsidyMinor)) };
      });
    });
    return { told, refunds, keys: own };
  });
}

/** What every party and every account comes to, without those that come to nothing. */
function totals(order: OrderFact, plan: OrderCase['plans'][0], refunds: readonly RefundItem[]) {
  const sums = new Map<string, bigint>();
  const add = (key: string, amount: bigint): void => {
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  };
  const { entries, legs } = accrueOrder(order, plan, 1);
  for (const entry of entries) add(partyKey(entry), entry.amountMinor);
  for (const { account, amountMinor } of legs) add(account, amountMinor);
  let soFar: RefundedSoFar = new Map();
  for (const item of refunds) {
    const judged = refundOrder(order, plan, soFar, [item]);
    invariant(judged.kind === 'applied', 'refunds that fit together are applied');
    soFar = judged.refunded;
    for (const difference of judged.differences) {
      const isOwnGoods = difference.kind === 'supplier' && difference.payeeId === null;
      if (!isOwnGoods) add(partyKey(difference), difference.amountMinor);
    }
    for (const { account, amountMinor } of judged.legs) add(account, amountMinor);
  }
  return [...sums].filter(([, sum]) => sum !== 0n).sort(([one], [other]) => (one < other ? -1 : 1));
}

function inOrder<T>(things: readonly T[], own: readonly number[] = []): readonly T[] {
  return things
    .map((thing, index) => ({ thing, key: own[index] ?? 0 }))
    .sort((one, other) => one.key - other.key)
    .map(({ thing }) => thing);
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  const text = (value: readonly unknown[]): string => value.flat().map(String).join(' ');
  return text(one) === text(other);
}

describe('refunds of an order', () => {
  it('R-REF-2 R-REF-3 M5 end in the same for every party and account, in whatever order they come', () => {
    fc.assert(
      fc.property(partsOf(false), ({ told: { order, plans }, refunds, keys: [one, other] }) =>
        isSame(
          totals(order, plans[0], inOrder(refunds, one)),
          totals(order, plans[0], inOrder(refunds, other)),
        ),
      ),
      runs,
    );
  });

  it('R-REF-2 R-REF-3 M3 return every party and account to nothing, if all of the order goes back', () => {
    fc.assert(
      fc.property(partsOf(true), ({ told: { order, plans }, refunds, keys: [own] }) => {
        return totals(order, plans[0], inOrder(refunds, own)).length === 0;
      }),
      runs,
    );
  });

  it('R-REF-3 are as if they had not been, once they are reversed', () => {
    fc.assert(
      fc.property(partsOf(false), ({ told: { order, plans }, refunds, keys: [one, other] }) => {
        const back = refunds.map(({ itemId, amountMinor, subsidyMinor }): RefundItem => {
          const amount = minor(-amountMinor);
          return { itemId, amountMinor: amount, subsidyMinor: minor(-subsidyMinor) };
        });
        const all = [...inOrder(refunds, one), ...inOrder(back, other)];
        return isSame(totals(order, plans[0], all), totals(order, plans[0], []));
      }),
      runs,
    );
  });
});
