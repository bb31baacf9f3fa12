import { describe, expect, it } from '@jest/globals';
import { fraction, minor, ppm } from '@qingfen/money';
import {
  dynamicRate,
  requiredTasks,
  shareParts,
  tierAmount,
  type Plan,
  type Share,
} from './index.js';

const TIERS = [
  { fromMinor: minor(0n), ratePpm: ppm(10_000n), fixedMinor: minor(1n) },
  { fromMinor: minor(1_000n), ratePpm: ppm(20_000n), fixedMinor: minor(10n) },
  { fromMinor: minor(5_000n), ratePpm: ppm(50_000n), fixedMinor: minor(100n) },
];

describe('R-RUL-2 what tiers give', () => {
  it.each([
    ['whole', -1n, 0n, 0n],
    ['whole', 0n, 0n, 0n],
    ['whole', 1n, 10_000n, 1n],
    ['whole', 999n, 9_990_000n, 1n],
    ['whole', 1_000n, 20_000_000n, 10n],
    ['whole', 6_000n, 300_000_000n, 100n],
    ['marginal', 0n, 0n, 0n],
    ['marginal', 999n, 9_990_000n, 1n],
    ['marginal', 1_000n, 10_000_000n, 11n],
    ['marginal', 3_000n, 50_000_000n, 11n],
    ['marginal', 6_000n, 140_000_000n, 111n],
  ] as const)('%s on %s', (method, amount, ratedPpm, fixedMinor) => {
    expect(tierAmount(TIERS, method, amount)).toEqual({ ratedPpm, fixedMinor });
  });

  it('is nothing without tiers', () => {
    expect(tierAmount([], 'whole', 5n)).toEqual({ ratedPpm: 0n, fixedMinor: 0n });
    expect(tierAmount(TIERS.slice(1), 'whole', 5n)).toEqual({ ratedPpm: 0n, fixedMinor: 0n });
  });
});

describe('R-RUL-2 what a share comes to', () => {
  const share = (more: Partial<Share> = {}): Share => ({
    fixedMinor: minor(200n),
    rate: { kind: 'plain', ratePpm: ppm(0n) },
    tiers: TIERS,
    method: 'whole',
    minMinor: minor(0n),
    maxMinor: null,
    ...more,
  });
  // Half of a line of 40.00 is left, and the levels before left 15.00 of that.
  const on = { levelBase: fraction(1_500n), baseMinor: 2_000n, paidMinor: 4_000n };

  it('adds up what is fixed, rated and of tiers, fixed parts prorated', () => {
    expect(shareParts(share(), on, ppm(100_000n))).toEqual({
      fixed: fraction(100n),
      rated: fraction(150n),
      tiered: fraction(45n),
      amount: fraction(295n),
      bound: null,
    });
  });

  it.each([
    [295n, null, 295n, null],
    [296n, null, 296n, 'min'],
    [0n, 295n, 295n, null],
    [0n, 294n, 294n, 'max'],
    [296n, 400n, 296n, 'min'],
  ])('is held between %s and %s', (min, max, amount, bound) => {
    const bounded = share({ minMinor: minor(min), maxMinor: max === null ? null : minor(max) });
    const parts = shareParts(bounded, on, ppm(100_000n));
    expect(parts).toMatchObject({ amount: fraction(amount), bound });
  });

  it('prorates nothing on a line for which nothing was paid', () => {
    const free = { levelBase: fraction(0n), baseMinor: 0n, paidMinor: 0n };
    expect(shareParts(share(), free, ppm(100_000n)).amount).toEqual(fraction(0n));
  });
});

describe('R-RUL-6 a rate by a fact', () => {
  it('is that of the last tier that the value reaches, and the first below it', () => {
    const tiers = [
      { from: 0n, ratePpm: ppm(1n) },
      { from: 10n, ratePpm: ppm(2n) },
      { from: 20n, ratePpm: ppm(3n) },
    ];
    const rates = [-1n, 0n, 9n, 10n, 19n, 20n, 99n].map((value) => dynamicRate(tiers, value));
    expect(rates).toEqual([1n, 1n, 1n, 2n, 2n, 3n, 3n]);
    expect(() => dynamicRate([], 1n)).toThrow('a dynamic rate has tiers');
  });
});

describe('R-RUL-4 tasks', () => {
  it('are those of the version in force', () => {
    const version = (number: number, conditions: Plan['conditions']): object => ({
      version: number,
      publishedAt: new Date(0),
      effectiveFrom: new Date(number * 1_000),
      plan: { conditions },
    });
    const versions = [
      version(1, [{ when: 'payee-task', for: 'supplier', task: 'kyc' }]),
      version(2, [
        { when: 'order-amount', for: 'commission', atLeastMinor: minor(1n) },
        { when: 'payee-task', for: 'commission', task: 'contract' },
      ]),
    ] as unknown as Parameters<typeof requiredTasks>[0];
    expect(requiredTasks(versions, new Date(0))).toEqual([]);
    expect(requiredTasks(versions, new Date(1_500))).toEqual([{ kind: 'supplier', task: 'kyc' }]);
    expect(requiredTasks(versions, new Date(2_000))).toEqual([
      { kind: 'commission', task: 'contract' },
    ]);
  });
});
