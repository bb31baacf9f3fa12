import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import {
  netStatement,
  outBizNoOf,
  outBizNoText,
  payableAccount,
  payoutGivenBackLegs,
  payoutIdOf,
  payoutIdText,
  payoutReturnedLegs,
  payoutSucceededLegs,
  receivableAccount,
  rolloutNumberOf,
  statementIdOf,
  statementIdText,
  statementIssuedLegs,
  teamAccount,
  type LedgerLeg,
} from './index.js';

const HEX = '0123456789abcdef'.repeat(4);

describe('R-SUP-2 derived ids, digit by digit', () => {
  it('are the first digits of the hash', () => {
    expect(statementIdOf(HEX)).toBe('st_0123456789abcdef0123456789');
    expect(payoutIdOf(HEX)).toBe('po_0123456789abcdef0123456789');
    expect(outBizNoOf(HEX)).toBe('QF0123456789abcdef0123456789abcd');
    expect(outBizNoOf(HEX)).toHaveLength(32);
  });

  it.each([HEX.slice(1), `${HEX}0`, `x${HEX}`, `${HEX}\n`, HEX.toUpperCase(), `g${HEX.slice(1)}`])(
    'are of no other hash than SHA-256 in lower case: %j',
    (hash) => {
      const makers = [statementIdOf, payoutIdOf, outBizNoOf, rolloutNumberOf];
      for (const made of makers) expect(() => made(hash)).toThrow('64 hex digits');
    },
  );

  it('have whole parts that are there, without a bar', () => {
    const key = {
      shopId: 'a',
      currency: 'CNY',
      kind: 'supplier' as const,
      period: 'p',
      payeeId: 'b',
    };
    expect(payoutIdText({ ...key, part: 12 })).toBe('a|CNY|supplier|p|b|12');
    expect(() => payoutIdText({ ...key, part: 1.5 })).toThrow('parts count from 1');
    expect(() => payoutIdText({ ...key, part: -1 })).toThrow('parts count from 1');
    expect(() => statementIdText({ ...key, payeeId: '' })).toThrow('a part of an id has a bar');
    expect(() => statementIdText({ ...key, period: '|' })).toThrow('a part of an id has a bar');
    expect(() => outBizNoText({ shopId: 'a', payoutId: '' })).toThrow('a part of an id');
  });
});

describe('R-SUP-1 accounts and legs of a payout', () => {
  const fact = {
    kind: 'commission',
    payeeId: 'd-1',
    amountMinor: minor(5n),
    withheldMinor: minor(0n),
  } as const;
  const shown = (legs: readonly LedgerLeg[]): string =>
    legs.map(({ account, amountMinor }) => `${account} ${amountMinor}`).join(', ');

  it('have their names', () => {
    expect(payableAccount('supplier', 's-1')).toBe('payable:supplier:s-1');
    expect(teamAccount('t-1')).toBe('payable:team-reward:#t-1');
    expect(receivableAccount('s-1')).toBe('receivable:s-1');
  });

  it('debit one and credit the other', () => {
    expect(shown(statementIssuedLegs(fact))).toBe('payable:commission:d-1 5, payout-in-transit -5');
    expect(shown(payoutSucceededLegs(minor(5n)))).toBe('payout-in-transit 5, alipay-cash -5');
    expect(shown(payoutGivenBackLegs(fact))).toBe('payout-in-transit 5, payable:commission:d-1 -5');
    expect(shown(payoutReturnedLegs(fact))).toBe('alipay-cash 5, payable:commission:d-1 -5');
    expect(() => payoutSucceededLegs(minor(-1n))).toThrow('more than nothing');
  });
});

describe('R-RUL-4 the bounds of a payout', () => {
  const parts = (net: bigint, max: bigint, way: bigint): readonly bigint[] => {
    const made = netStatement([minor(net)], {
      minPayoutMinor: minor(1n),
      transferMaxMinor: minor(max),
      wayMinimumMinor: minor(way),
    });
    return made.kind === 'stated' ? made.partsMinor : [];
  };

  it('leave room for the least payout twice, and for something', () => {
    expect(parts(25n, 20n, 10n)).toEqual([15n, 10n]);
    expect(() => parts(25n, 19n, 10n)).toThrow('leaves room');
    expect(parts(2n, 1n, 0n)).toEqual([1n, 1n]);
    expect(() => parts(2n, 0n, 0n)).toThrow('leaves room');
    expect(() => parts(2n, -1n, -1n)).toThrow('leaves room');
  });
});
