import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import {
  splitIntoLegs,
  type OrderShare,
  type RoyaltyTerms,
  type TradeRoom,
} from './royalty-legs.js';

const day = (date: number): Date => new Date(`2026-01-${String(date).padStart(2, '0')}T00:00:00Z`);
const terms: RoyaltyTerms = {
  netMinor: minor(1000n),
  capPercent: 30,
  paidFrom: day(2),
  legsMax: 3,
  legMaxMinor: minor(900n),
  transferMinimumMinor: minor(10n),
};
const share = (
  orderId: string,
  amount: bigint,
  date = 5,
  tradeNo: string | null = `t-${orderId}`,
): OrderShare => ({
  orderId,
  tradeNo,
  paidAt: day(date),
  amountMinor: minor(amount),
});
const room = (paid: bigint, taken = 0n): TradeRoom => ({
  paidMinor: minor(paid),
  takenMinor: minor(taken),
});
const rooms = new Map(
  ['a', 'b', 'c', 'd'].map((orderId) => [`t-${orderId}`, room(2000n)] as const),
);

function split(
  shares: readonly OrderShare[],
  change: Partial<RoyaltyTerms> = {},
  known: ReadonlyMap<string, TradeRoom> = rooms,
): string[] {
  const { legs, restMinor } = splitIntoLegs(shares, known, { ...terms, ...change });
  return [
    ...legs.map(({ orderId, amountMinor }) => `${orderId} ${amountMinor}`),
    `rest ${restMinor}`,
  ];
}

describe('the legs of a statement', () => {
  it.each<[string, string[], string[]]>([
    ['all of it fits', split([share('a', 400n), share('b', 600n)]), ['a 400', 'b 600', 'rest 0']],
    [
      'an order paid at the very instant from which on trades can be split',
      split([share('a', 400n, 1), share('b', 600n, 2)]),
      ['b 600', 'rest 400'],
    ],
    [
      'oldest first, whatever came first',
      split([share('a', 400n, 9), share('b', 600n, 3)]),
      ['b 600', 'a 400', 'rest 0'],
    ],
    [
      'the cap of a trade',
      split([share('a', 1000n)], {}, new Map([['t-a', room(2000n)]])),
      ['a 600', 'rest 400'],
    ],
    [
      'what earlier legs left of it',
      split([share('a', 1000n)], {}, new Map([['t-a', room(2000n, 550n)]])),
      ['a 50', 'rest 950'],
    ],
    [
      'another cap, as Alipay answered',
      split([share('a', 1000n)], { capPercent: 20 }),
      ['a 400', 'rest 600'],
    ],
    [
      'a cap that is no whole fen, rounded down',
      split([share('a', 1000n)], {}, new Map([['t-a', room(333n)]])),
      ['a 99', 'rest 901'],
    ],
    [
      'two orders of one trade',
      split(
        [share('a', 500n, 3, 't'), share('b', 500n, 4, 't')],
        {},
        new Map([['t', room(2000n)]]),
      ),
      ['a 500', 'b 100', 'rest 400'],
    ],
    [
      'what is owed back shortens the last',
      split([share('a', 600n, 3), share('b', 600n, 4)]),
      ['a 600', 'b 400', 'rest 0'],
    ],
    ['an order without a trade', split([share('a', 1000n, 5, null)]), ['rest 1000']],
    ['a trade that is past its period', split([share('a', 1000n, 1)]), ['rest 1000']],
    ['a trade that nobody knows', split([share('x', 1000n)]), ['rest 1000']],
    [
      'the greatest payout of the shop',
      split([share('a', 1000n)], { capPercent: 100 }),
      ['a 900', 'rest 100'],
    ],
    [
      'no more legs than are allowed',
      split(['a', 'b', 'c', 'd'].map((id) => share(id, 250n))),
      ['a 250', 'b 250', 'c 250', 'rest 250'],
    ],
    [
      'a rest that no transfer moves',
      split([share('a', 400n), share('b', 595n)]),
      ['a 400', 'b 590', 'rest 10'],
    ],
    [
      'one that takes the last leg whole',
      split([share('a', 594n, 3), share('b', 4n, 4)], { netMinor: minor(600n) }),
      ['a 590', 'rest 10'],
    ],
    [
      'one that takes just the last leg',
      split([share('a', 590n, 3), share('b', 5n, 4)], { netMinor: minor(600n) }),
      ['a 590', 'rest 10'],
    ],
    [
      'two orders paid at one instant, by their ids',
      split([share('b', 600n), share('a', 600n)]),
      ['a 600', 'b 400', 'rest 0'],
    ],
    [
      'the same the other way round',
      split([share('a', 600n), share('b', 600n)]),
      ['a 600', 'b 400', 'rest 0'],
    ],
  ])('R-ALI-3 are, with %s', (_, made, expected) => {
    expect(made).toEqual(expected);
  });

  it('R-ALI-3 stop at a net below what a transfer moves', () => {
    expect(() => split([share('a', 9n)], { netMinor: minor(9n) })).toThrow('could go by transfer');
  });

  const shares = fc.array(
    fc.record({
      tradeNo: fc.constantFrom(null, 't-1', 't-2', 't-3'),
      paid: fc.integer({ min: 1, max: 9 }),
      amount: fc.bigInt({ min: 1n, max: 3000n }),
    }),
    { maxLength: 12 },
  );
  const known = fc.dictionary(
    fc.constantFrom('t-1', 't-2', 't-3'),
    fc.record({
      paid: fc.bigInt({ min: 0n, max: 9000n }),
      taken: fc.bigInt({ min: 0n, max: 900n }),
    }),
  );

  it('R-ALI-3 O1 and the rest are the net, each within its order and all within their trades', () => {
    fc.assert(
      fc.property(
        shares,
        known,
        fc.bigInt({ min: 10n, max: 20_000n }),
        fc.integer({ min: 0, max: 100 }),
        (given, trades, netMinor, capPercent) => {
          const list = given.map(({ tradeNo, paid, amount }, index) =>
            share(`o-${index}`, amount, paid, tradeNo),
          );
          const room3 = new Map(
            Object.entries(trades).map(([no, { paid, taken }]) => [no, room(paid, taken)]),
          );
          const limits = { ...terms, netMinor: minor(netMinor), capPercent, legsMax: 5 };
          const { legs, restMinor } = splitIntoLegs(list, room3, limits);
          const sum = legs.reduce((total, { amountMinor }) => total + amountMinor, 0n);
          const byOrder = new Map(list.map((one) => [one.orderId, one]));
          const byTrade = new Map<string, bigint>();
          for (const { tradeNo, amountMinor } of legs) {
            byTrade.set(tradeNo, (byTrade.get(tradeNo) ?? 0n) + amountMinor);
          }
          const paidInOrder = legs.map(
            ({ orderId }) => byOrder.get(orderId)?.paidAt.getTime() ?? 0,
          );
          return (
            sum + restMinor === netMinor &&
            (restMinor === 0n || restMinor >= 10n) &&
            legs.length <= 5 &&
            legs.every(({ orderId, tradeNo, amountMinor }) => {
              const of = byOrder.get(orderId);
              const isOld = of === undefined || of.paidAt < terms.paidFrom;
              return (
                amountMinor > 0n &&
                !isOld &&
                of.tradeNo === tradeNo &&
                amountMinor <= of.amountMinor
              );
            }) &&
            paidInOrder.every((at, index) => index === 0 || at >= (paidInOrder[index - 1] ?? 0)) &&
            [...byTrade].every(([no, taken]) => {
              const of = room3.get(no);
              // Compared without division: 100 × taken ≤ cap × paid.
              return (
                of !== undefined &&
                (taken + of.takenMinor) * 100n <= of.paidMinor * BigInt(capPercent)
              );
            })
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});
