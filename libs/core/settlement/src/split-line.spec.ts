import { describe, expect, it } from '@jest/globals';
import { formatAmount, minor, parseAmount } from '@qingfen/money';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { explainLine, splitLine, type Chain, type Line } from './index.js';
import { referenceSplit } from './reference/split-reference.js';

const RATES = [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }];

function planOf(document: object): Plan {
  const reading = readPlan({ supplier: {}, ...document }, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

function lineOf(units: bigint, kind: Line['kind'] = 'goods'): Line {
  return { baseMinor: minor(units), paidMinor: minor(units), kind };
}

function chainOf(distributors: readonly (string | null)[], orderPaid = 0n): Chain {
  return { distributors, orderPaidMinor: minor(orderPaid) };
}

function shown(
  base: string,
  distributors: readonly (string | null)[],
  plan: Plan,
  buyerPayeeId?: string,
): string[] {
  const paid = parseAmount(base, 'CNY');
  const chain = {
    ...chainOf(distributors, paid),
    ...(buyerPayeeId !== undefined && { buyerPayeeId }),
  };
  const split = splitLine(lineOf(paid), chain, plan);
  const levels = split.levels.map(
    (l) => `L${l.level} ${l.payeeId} ${formatAmount(l.owedMinor, 'CNY')}`,
  );
  return [
    `fee ${formatAmount(split.feeMinor, 'CNY')}`,
    ...levels,
    `supplier ${formatAmount(split.supplierMinor, 'CNY')}`,
  ];
}

describe('R-COM-2 the worked examples of domain.md 3', () => {
  const plan = planOf({ platformFee: { rate: '0.10' }, commission: { levels: RATES } });
  const all = ['a', 'b', 'c'];

  it.each<[string, (string | null)[], string[]]>([
    ['100.00', all, ['fee 10.00', 'L1 a 27.00', 'L2 b 12.60', 'L3 c 5.04', 'supplier 45.36']],
    ['100.00', ['a', null, 'c'], ['fee 10.00', 'L1 a 27.00', 'L3 c 6.30', 'supplier 56.70']],
    ['99.99', all, ['fee 10.00', 'L1 a 27.00', 'L2 b 12.60', 'L3 c 5.04', 'supplier 45.35']],
    ['0.01', all, ['fee 0.00', 'L1 a 0.00', 'L2 b 0.00', 'L3 c 0.00', 'supplier 0.01']],
    ['0.05', all, ['fee 0.01', 'L1 a 0.01', 'L2 b 0.01', 'L3 c 0.00', 'supplier 0.02']],
  ])('R-COM-2 %s with %j', (base, distributors, expected) => {
    expect(shown(base, distributors, plan)).toEqual(expected);
  });

  it('R-COM-2 the reference caps a fixed share and leaves the next level nothing', () => {
    const line = {
      base: '1.00',
      kind: 'goods' as const,
      digits: 2,
      distributors: ['a', 'b'],
    };
    const split = referenceSplit(line, {
      rounding: 'half-up',
      fee: { rate: '0' },
      basis: 'cascade',
      levels: [{ fixed: '2.00' }, { rate: '0.50' }],
      selfPurchase: 'allow',
    });
    expect(split).toEqual({
      fee: '0.00',
      levels: [
        { level: 1, payeeId: 'a', owed: '1.00' },
        { level: 2, payeeId: 'b', owed: '0.00' },
      ],
      supplier: '0.00',
    });
  });
});

describe('R-COM-2 bases, bounds and the buyer', () => {
  const fee = { rate: '0.10' };

  it('R-COM-2 lessons 20, 21: the last one keeps the rest, so that no fen is left over', () => {
    const half = { commission: { basis: 'flat', levels: [{ rate: '0.5' }] } };
    expect(shown('6.45', ['a'], planOf(half))).toEqual(['fee 0.00', 'L1 a 3.23', 'supplier 3.22']);
    const thirds = { basis: 'flat', levels: [{ rate: '0.333333' }, { rate: '0.333333' }] };
    expect(shown('1.00', ['a', 'b'], planOf({ commission: thirds }))).toEqual([
      'fee 0.00',
      'L1 a 0.33',
      'L2 b 0.33',
      'supplier 0.34',
    ]);
  });

  it('flat: every level on what the fee leaves', () => {
    const plan = planOf({ platformFee: fee, commission: { basis: 'flat', levels: RATES } });
    expect(shown('100.00', ['a', 'b', 'c'], plan)).toEqual([
      'fee 10.00',
      'L1 a 27.00',
      'L2 b 18.00',
      'L3 c 9.00',
      'supplier 36.00',
    ]);
  });

  it('gross: every level on the whole base', () => {
    const plan = planOf({ platformFee: fee, commission: { basis: 'gross', levels: RATES } });
    expect(shown('100.00', ['a', 'b', 'c'], plan)).toEqual([
      'fee 10.00',
      'L1 a 30.00',
      'L2 b 20.00',
      'L3 c 10.00',
      'supplier 30.00',
    ]);
  });

  it('R-COM-2 lesson 23: a bound of the fee makes what is left the base of the levels, and no fee is above its line', () => {
    const bounded = { rate: '0.10', min: '1.00', max: '5.00' };
    const plan = planOf({ platformFee: bounded, commission: { levels: [{ rate: '0.5' }] } });
    expect(shown('100.00', ['a'], plan)).toEqual(['fee 5.00', 'L1 a 47.50', 'supplier 47.50']);
    expect(shown('3.00', ['a'], plan)).toEqual(['fee 1.00', 'L1 a 1.00', 'supplier 1.00']);
    expect(shown('0.40', ['a'], plan)).toEqual(['fee 0.40', 'L1 a 0.00', 'supplier 0.00']);
    expect(shown('0.00', ['a'], plan)).toEqual(['fee 0.00', 'L1 a 0.00', 'supplier 0.00']);
  });

  it('rounding up twice is cut to what is left', () => {
    const halves = { basis: 'gross', levels: [{ rate: '0.5' }, { rate: '0.5' }] };
    const plan = planOf({ commission: halves });
    expect(shown('0.01', ['a', 'b'], plan)).toEqual([
      'fee 0.00',
      'L1 a 0.01',
      'L2 b 0.00',
      'supplier 0.00',
    ]);
    expect(splitLine(lineOf(1n), chainOf(['a', 'b']), plan).cappedMinor).toBe(1n);
  });

  it('tells the greatest cut of a share, and a level behind it is computed on nothing', () => {
    const cut = (second: object): bigint => {
      const levels = [{ fixed: '2.00' }, second];
      return splitLine(lineOf(100n), chainOf(['a', 'b']), planOf({ commission: { levels } }))
        .cappedMinor;
    };
    expect(cut({ rate: '0.5' })).toBe(100n);
    expect(cut({ fixed: '0.50' })).toBe(100n);
    expect(cut({ fixed: '3.00', rate: '0.5' })).toBe(300n);
  });

  it('the buyer as distributor gets a commission, or is a missing level', () => {
    const levels = [{ rate: '0.5' }, { rate: '0.5' }];
    const allow = planOf({ commission: { levels } });
    const skip = planOf({ commission: { levels, selfPurchase: 'skip' } });
    expect(shown('1.00', ['a', 'b'], allow, 'a')).toEqual([
      'fee 0.00',
      'L1 a 0.50',
      'L2 b 0.25',
      'supplier 0.25',
    ]);
    expect(shown('1.00', ['a', 'b'], skip, 'a')).toEqual([
      'fee 0.00',
      'L2 b 0.50',
      'supplier 0.50',
    ]);
  });

  it('rounds as the plan says', () => {
    const at = (rounding: string): string | undefined =>
      shown('0.25', ['a'], planOf({ rounding, commission: { levels: [{ rate: '0.1' }] } }))[1];
    expect(at('half-up')).toBe('L1 a 0.03');
    expect(at('half-even')).toBe('L1 a 0.02');
    expect(at('down')).toBe('L1 a 0.02');
  });

  it('a shipping line is its supplier’s alone', () => {
    const plan = planOf({ platformFee: fee, commission: { levels: RATES } });
    const line = lineOf(800n, 'shipping');
    expect(splitLine(line, chainOf(['a', 'b', 'c']), plan)).toEqual({
      feeMinor: 0n,
      levels: [],
      supplierMinor: 800n,
      cappedMinor: 0n,
    });
    expect(explainLine(line, chainOf(['a']), plan).supplier.owed).toBe('8.00');
  });

  it('stops at a negative base', () => {
    expect(() => splitLine(lineOf(-1n), chainOf([]), planOf({}))).toThrow('never negative');
  });
});

describe('R-SUP-2 explaining a line', () => {
  it('shows every step exactly', () => {
    const plan = planOf({ platformFee: { rate: '0.10' }, commission: { levels: RATES } });
    expect(explainLine(lineOf(9999n), chainOf(['a', 'b', null]), plan)).toMatchObject({
      fee: {
        base: '99.99',
        fee: '10.00',
        before: '99.99',
        share: '0.1',
        exact: '9.999',
        owed: '10.00',
        cappedBy: '0.00',
      },
      levels: [
        {
          level: 1,
          payeeId: 'a',
          how: {
            base: '99.99',
            fee: '10.00',
            before: '89.991',
            share: '0.3',
            exact: '26.9973',
            owed: '27.00',
            cappedBy: '0.00',
          },
        },
        {
          level: 2,
          payeeId: 'b',
          how: {
            base: '99.99',
            fee: '10.00',
            before: '62.9937',
            share: '0.2',
            exact: '12.59874',
            owed: '12.60',
            cappedBy: '0.00',
          },
        },
      ],
      supplier: {
        base: '99.99',
        fee: '10.00',
        before: '50.39',
        share: 'rest',
        exact: '50.39',
        owed: '50.39',
        cappedBy: '0.00',
      },
    });
  });
});
