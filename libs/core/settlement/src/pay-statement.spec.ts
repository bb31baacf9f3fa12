import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import { payStatement } from './pay-statement.js';
import type { RoyaltyLeg } from './royalty-legs.js';

const pay = (net: bigint, payVia: 'transfer' | 'batch', max: bigint): string[] =>
  payStatement(minor(net), { payVia, transferMaxMinor: minor(max), split: null }).map(
    (one) => `${one.payVia} ${one.amountMinor}`,
  );

describe('the payouts of a statement', () => {
  it.each<[string, bigint, 'transfer' | 'batch', bigint, string[]]>([
    ['all in one', 1000n, 'batch', 5000n, ['batch 1000']],
    ['a rest below what a batch pays', 5050n, 'batch', 5000n, ['batch 4950', 'batch 100']],
    ['too little for a batch', 99n, 'batch', 5000n, ['transfer 99']],
    ['just enough for a batch', 100n, 'batch', 5000n, ['batch 100']],
    ['a shop of tiny payouts', 300n, 'batch', 199n, ['transfer 199', 'transfer 101']],
    ['a shop of payouts just large enough', 300n, 'batch', 200n, ['batch 200', 'batch 100']],
    [
      'a rest below what a transfer moves',
      5005n,
      'transfer',
      5000n,
      ['transfer 4995', 'transfer 10'],
    ],
  ])('R-ALI-2 R-RUL-4 go by the way that can pay them: %s', (_, net, payVia, max, expected) => {
    expect(pay(net, payVia, max)).toEqual(expected);
  });

  it('R-ALI-3 are the legs, each by itself, and then the rest by transfer', () => {
    const leg = (orderId: string, amount: bigint): RoyaltyLeg => {
      return { orderId, tradeNo: `t-${orderId}`, amountMinor: minor(amount) };
    };
    const legs = [leg('a', 300n), leg('b', 1n)];
    const terms = { payVia: 'royalty', transferMaxMinor: minor(500n) } as const;
    const paid = payStatement(minor(1000n), { ...terms, split: { legs, restMinor: minor(699n) } });
    expect(
      paid.map(({ payVia, amountMinor, leg: of }) => [payVia, amountMinor, of?.orderId]),
    ).toEqual([
      ['royalty', 300n, 'a'],
      ['royalty', 1n, 'b'],
      ['transfer', 500n, undefined],
      ['transfer', 199n, undefined],
    ]);
    const lost = { ...terms, split: { legs, restMinor: minor(698n) } };
    expect(() => payStatement(minor(1000n), lost)).toThrow(/add up/);
    expect(payStatement(minor(400n), { ...terms, split: null })).toHaveLength(1);
  });

  it('R-ALI-3 are the legs alone where these are all of it, and none where royalty is not the way', () => {
    const legs = [{ orderId: 'a', tradeNo: 't-a', amountMinor: minor(300n) }];
    const split = { legs, restMinor: minor(0n) };
    const paid = (payVia: 'royalty' | 'transfer') =>
      payStatement(minor(300n), { payVia, transferMaxMinor: minor(500n), split });
    expect(paid('royalty')).toEqual([{ payVia: 'royalty', amountMinor: 300n, leg: legs[0] }]);
    expect(paid('transfer')).toEqual([{ payVia: 'transfer', amountMinor: 300n, leg: null }]);
  });

  it('R-RUL-4 stop at a net that no way can pay', () => {
    expect(() => pay(9n, 'transfer', 5000n)).toThrow('can be paid by its way');
  });

  it('R-ALI-2 add up to the net, none too large or too small for its way', () => {
    const net = fc.bigInt({ min: 10n, max: 100_000n });
    const max = fc.bigInt({ min: 20n, max: 9_000n });
    fc.assert(
      fc.property(net, max, fc.constantFrom('transfer' as const, 'batch' as const), (n, m, way) => {
        const payouts = payStatement(minor(n), {
          payVia: way,
          transferMaxMinor: minor(m),
          split: null,
        });
        const sum = payouts.reduce((total, { amountMinor }) => total + amountMinor, 0n);
        const least = { transfer: 10n, batch: 100n, royalty: 1n };
        return (
          sum === n && payouts.every(({ payVia, amountMinor: a }) => a <= m && a >= least[payVia])
        );
      }),
    );
  });
});
