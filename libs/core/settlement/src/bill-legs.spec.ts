import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import { billLegs, type BilledAmount } from './bill-legs.js';

const of = (account: BilledAmount['account'], fen: bigint): BilledAmount => ({
  account,
  amountMinor: minor(fen),
});
const shown = (before: BilledAmount | null, after: BilledAmount): string =>
  billLegs(before, after)
    .map(({ account, amountMinor }) => `${account} ${amountMinor}`)
    .join(', ');

describe('what a bill adds to the books', () => {
  it.each<[string, BilledAmount | null, BilledAmount, string]>([
    ['buyers have paid', null, of('clearing', 100n), 'alipay-cash 100, clearing -100'],
    [
      'Alipay has taken its fee',
      null,
      of('expense:alipay-fee', -6n),
      'alipay-cash -6, expense:alipay-fee 6',
    ],
    [
      'more than was told before',
      of('clearing', 100n),
      of('clearing', 130n),
      'alipay-cash 30, clearing -30',
    ],
    ['nothing new', of('clearing', 100n), of('clearing', 100n), ''],
    ['a difference is explained', of('suspense', -9n), of('owner', -9n), 'suspense -9, owner 9'],
    ['a difference is gone', of('suspense', -9n), of('suspense', 0n), 'alipay-cash 9, suspense -9'],
    ['gone once it was explained', of('owner', -9n), of('suspense', 0n), 'alipay-cash 9, owner -9'],
  ])('R-REC-4 %s', (_, before, after, expected) => expect(shown(before, after)).toBe(expected));

  it('R-REC-4 O1 any way to an amount books just that amount', () => {
    const amounts = fc.record({
      account: fc.constantFrom('clearing' as const, 'suspense' as const, 'owner' as const),
      fen: fc.bigInt({ min: -99n, max: 99n }),
    });
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 1 }), (steps) => {
        const balance = new Map<string, bigint>();
        let before: BilledAmount | null = null;
        for (const { account, fen } of steps) {
          const after = of(account, fen);
          for (const leg of billLegs(before, after)) {
            balance.set(leg.account, (balance.get(leg.account) ?? 0n) + leg.amountMinor);
          }
          before = after;
        }
        const stands = [...balance].filter(([, fen]) => fen !== 0n).sort();
        const last = steps.at(-1);
        const wanted =
          last === undefined || last.fen === 0n
            ? []
            : [
                ['alipay-cash', last.fen],
                [last.account, -last.fen],
              ];
        expect(stands).toEqual(wanted);
      }),
    );
  });
});
