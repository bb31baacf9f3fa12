import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import { failuresMax, judgeBrake, type BrakeFacts } from './index.js';

const quiet: BrakeFacts = {
  settings: {
    failures: { percent: 20, of: 50 },
    total: { percent: 150, fromMinor: minor(100_000n) },
    balanceMinMinor: minor(50_000n),
  },
  lately: { sent: 50, failed: 9 },
  dayMinor: minor(150_000n),
  foreseenMinor: minor(100_000n),
  balanceMinor: minor(50_000n),
  passed: new Set(),
};

const ruleOf = (change: Partial<BrakeFacts>): string | null =>
  judgeBrake({ ...quiet, ...change })?.rule ?? null;

describe('the brake', () => {
  it.each<[string, Partial<BrakeFacts>, string | null]>([
    ['lets everything at its limits go on', {}, null],
    ['one failure more', { lately: { sent: 50, failed: 10 } }, 'failures'],
    ['as many failures of few', { lately: { sent: 10, failed: 10 } }, 'failures'],
    ['a fen above the forecast', { dayMinor: minor(150_001n) }, 'above-forecast'],
    [
      'nothing was to be paid and much is',
      { dayMinor: minor(100_001n), foreseenMinor: minor(0n) },
      'above-forecast',
    ],
    ['little, foreseen or not', { dayMinor: minor(100_000n), foreseenMinor: minor(0n) }, null],
    ['nobody looked ahead', { dayMinor: minor(9_000_000n), foreseenMinor: null }, null],
    ['a fen below the least balance', { balanceMinor: minor(49_999n) }, 'balance-low'],
    ['a balance that is not told', { balanceMinor: null }, null],
  ])('R-OPS-2 R-RSK-2 %s', (_, change, rule) => {
    expect(ruleOf(change)).toBe(rule);
  });

  it('R-OPS-2 acts by no rule that is off', () => {
    const settings = { failures: null, total: null, balanceMinMinor: null };
    const worst = { lately: { sent: 9, failed: 9 }, dayMinor: minor(9n ** 20n) };
    expect(ruleOf({ settings, ...worst, balanceMinor: minor(-1n) })).toBeNull();
  });

  it('R-OPS-2 passes over what somebody has let pass, and over nothing else', () => {
    const both = { lately: { sent: 50, failed: 50 }, balanceMinor: minor(0n) };
    expect(ruleOf({ ...both, passed: new Set(['failures'] as const) })).toBe('balance-low');
    expect(ruleOf({ ...both, passed: new Set(['balance-low'] as const) })).toBe('failures');
  });

  it('R-OPS-2 counts failures as a fraction of the last payouts, rounded up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1000 }), (p, of) => {
        const most = failuresMax({ percent: p, of });
        return most >= 1 && most * 100 >= p * of && (most === 1 || (most - 1) * 100 < p * of);
      }),
    );
  });

  it('R-OPS-2 says why, in both languages', () => {
    expect(judgeBrake({ ...quiet, balanceMinor: minor(1_05n) })).toEqual({
      rule: 'balance-low',
      words: 'the Alipay account holds 1.05 CNY, less than 500.00',
      wordsZh: '支付宝账户余额 1.05 元, 低于 500.00 元',
    });
  });
});
