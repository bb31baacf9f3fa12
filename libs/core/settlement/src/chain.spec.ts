import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { minor, ppm } from '@qingfen/money';
import { accrueOrder, type OrderFact, type OrderItem } from './accrue-order.js';
import { chainOf, meetsOrderAmount, presentLevels, rateFactKey, rateOf } from './chain.js';
import type { BoundVersion, OrderStep } from './order-stages.js';
import { splitLine } from './split-line.js';
import { countsForTeam, expectedCounts, performanceAt } from './team-counts.js';

function planOf(document: object): Plan {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

const line = (amount: bigint, subsidy = 0n, more: Partial<OrderItem> = {}): OrderItem => ({
  itemId: '1',
  supplierId: 's-1',
  kind: 'goods',
  amountMinor: minor(amount),
  subsidyMinor: minor(subsidy),
  ...more,
});

const order = (more: Partial<OrderFact> = {}): OrderFact => ({
  shopId: 'shop-1',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: new Date(0),
  completedAt: new Date('2026-01-01T00:00:00Z'),
  items: [line(60n, 40n), line(20n, 0n, { itemId: '2', kind: 'shipping' })],
  distributors: ['a', 'b'],
  ...more,
});

const half = [{ rate: '0.5' }, { rate: '0.5' }, { rate: '0.5' }];
const condition = (kind: string, atLeast: string): object => ({
  for: kind,
  when: 'order-amount',
  atLeast,
});

describe('R-COM-2 the chain of an order', () => {
  const plan = planOf({ commission: { levels: half } });

  it('has what splitting asks for, and no more', () => {
    expect(chainOf(order())).toStrictEqual({ distributors: ['a', 'b'], orderPaidMinor: 120n });
    const rateFacts = new Map<string, bigint>();
    expect(chainOf(order({ buyerPayeeId: 'x', rateFacts }))).toEqual({
      distributors: ['a', 'b'],
      orderPaidMinor: 120n,
      buyerPayeeId: 'x',
      rateFacts,
    });
  });

  it.each<[(string | null)[], number]>([
    [[], 0],
    [['a'], 1],
    [['a', 'b'], 3],
    [[null, 'b'], 2],
    [['a', null, 'c', 'd'], 5],
    [['a', 'b', 'c', 'd'], 7],
  ])('of %j the levels in %s count', (distributors, present) => {
    expect(presentLevels(chainOf(order({ distributors })), plan)).toBe(present);
  });

  it('leaves a buyer out only where the plan says so, and the buyer is known', () => {
    const skip = planOf({ commission: { levels: half, selfPurchase: 'skip' } });
    const self = chainOf(order({ buyerPayeeId: 'a' }));
    expect([presentLevels(self, skip), presentLevels(self, plan)]).toEqual([2, 3]);
    expect(presentLevels(chainOf(order()), skip)).toBe(3);
    expect(presentLevels(self, planOf({ supplier: {} }))).toBe(0);
  });

  it('R-RUL-4 counts from the least amount on, of its own kind alone', () => {
    const asking = planOf({
      commission: { levels: half },
      conditions: [condition('commission', '1.20'), condition('team-reward', '1.21')],
    });
    expect(meetsOrderAmount(asking, 'commission', minor(120n))).toBe(true);
    expect(meetsOrderAmount(asking, 'commission', minor(119n))).toBe(false);
    expect(meetsOrderAmount(asking, 'team-reward', minor(120n))).toBe(false);
    expect(meetsOrderAmount(asking, 'team-reward', minor(121n))).toBe(true);
    expect(presentLevels(chainOf(order()), asking)).toBe(3);
    expect(presentLevels(chainOf(order({ items: [line(119n)] })), asking)).toBe(0);
    const task = planOf({
      commission: { levels: half },
      conditions: [{ for: 'commission', when: 'payee-task', task: 'kyc' }],
    });
    expect(presentLevels(chainOf(order({ items: [line(0n)] })), task)).toBe(3);
  });

  it('R-RUL-6 has the rate of a payee by its fact', () => {
    expect(rateFactKey('payee-level', 'a')).toBe('payee-level a');
    expect(rateOf({ kind: 'plain', ratePpm: ppm(7n) }, 'a', undefined)).toBe(7n);
    const tiers = [{ from: 0n, ratePpm: ppm(1n) }];
    const rate = { kind: 'dynamic', by: 'payee-level', tiers } as const;
    expect(rateOf(rate, 'a', new Map([['payee-level a', 0n]]))).toBe(1n);
    expect(() => rateOf(rate, 'b', new Map([['payee-level a', 0n]]))).toThrow('are read with');
    expect(() => rateOf(rate, 'a', undefined)).toThrow('are read with the order');
  });
});

describe('R-COM-2 what an order books', () => {
  const gross = planOf({
    returnWindowDays: 3,
    platformFee: { rate: '0.1' },
    commission: { basis: 'gross', levels: [{ fixed: '0.50' }, { fixed: '0.45' }] },
    supplier: { delayDays: 5 },
  });

  it('has its dates, and the greatest cut of its lines', () => {
    const items = [10n, 100n, 40n].map((amount, at) => line(amount, 0n, { itemId: `${at}` }));
    const made = accrueOrder(order({ items }), gross, 4);
    expect(made).toMatchObject({
      planVersion: 4,
      windowEndsAt: new Date('2026-01-04T00:00:00Z'),
      commissionAt: new Date('2026-01-04T00:00:00Z'),
      supplierAt: new Date('2026-01-06T00:00:00Z'),
      // Of 0.10 nothing but 0.09 is left for 0.50, and nothing for 0.45; of 0.40 0.36.
      cappedMinor: 45n,
    });
    expect(made.entries.map(({ itemIndex, itemId }) => `${itemIndex} ${itemId}`)).toContain('2 2');
    expect(made.entries[1]).toEqual({
      itemId: '0',
      itemIndex: 0,
      kind: 'commission',
      level: 1,
      payeeId: 'a',
      account: 'payable:commission:a',
      amountMinor: 9n,
      maturesAt: new Date('2026-01-04T00:00:00Z'),
    });
  });

  it('has the greatest cut, wherever its line stands', () => {
    const cut = (...amounts: bigint[]): bigint => {
      const items = amounts.map((amount, at) => line(amount, 0n, { itemId: `${at}` }));
      return accrueOrder(order({ items }), gross, 4).cappedMinor;
    };
    // Of 1.00 0.40 is left for 0.45.
    expect([cut(10n, 100n), cut(100n, 10n), cut(100n)]).toEqual([45n, 45n, 5n]);
  });

  it('stops at what nobody can have paid', () => {
    for (const item of [line(-1n), line(5n, -1n)]) {
      expect(() => accrueOrder(order({ items: [item] }), gross, 1)).toThrow('not negative');
    }
  });

  it.each([
    [{ rate: '0.1', max: '0.10' }, 100n, 10n],
    [{ rate: '0.1', max: '0.09' }, 100n, 9n],
    [{ rate: '0.1', min: '0.10' }, 100n, 10n],
    [{ rate: '0.1', min: '0.11' }, 100n, 11n],
    [{ rate: '0', min: '1.00' }, 100n, 100n],
    [{ rate: '0', min: '1.01' }, 100n, 100n],
  ])('takes the fee %j of %s', (platformFee, base, fee) => {
    const plan = planOf({ platformFee, commission: { levels: half } });
    const split = splitLine(
      { baseMinor: minor(base), paidMinor: minor(base), kind: 'goods' },
      chainOf(order({ distributors: [] })),
      plan,
    );
    expect(split).toMatchObject({ feeMinor: fee, supplierMinor: base - fee, cappedMinor: 0n });
  });
});

describe('R-TEA-1 what an order counts for its team', () => {
  const tiers = [{ from: '0', rate: '0.01' }];
  const rewarding = planOf({
    teamReward: { tiers },
    conditions: [condition('team-reward', '1.20')],
  });
  const first: BoundVersion = { plan: rewarding, version: 1 };
  const ofTeam = order({ teamId: 't-1' });
  const bases = new Map([
    ['1', minor(70n)],
    ['2', minor(20n)],
  ]);
  const stage = { step: null, batchId: 1n, bases };

  it('is what is left of its goods, while a version counts it', () => {
    expect(performanceAt(ofTeam, { ...stage, bound: first })).toBe(70n);
    expect(performanceAt(ofTeam, { ...stage, bound: null })).toBe(0n);
    expect(performanceAt(order(), { ...stage, bound: first })).toBe(0n);
    expect(performanceAt(ofTeam, { ...stage, bound: first, bases: new Map() })).toBe(0n);
    expect(countsForTeam(ofTeam, rewarding)).toBe(true);
    expect(countsForTeam({ ...ofTeam, items: [line(119n)] }, rewarding)).toBe(false);
  });

  it('is counted by each run as the change since the run before', () => {
    const refund = (amount: bigint, batchId: bigint): OrderStep => ({
      cause: 'refund',
      causeId: `r-${batchId}`,
      at: new Date(0),
      items: [{ itemId: '1', amountMinor: minor(amount), subsidyMinor: minor(0n) }],
      batchId,
    });
    const steps = [refund(10n, 4n), refund(20n, 6n)];
    const history = { order: ofTeam, first, batchId: 2n, steps };
    const counts = expectedCounts(history, [1n, 2n, 3n, 5n, 6n, 7n]);
    expect(counts.map(({ batchId, changeMinor }) => `${batchId}: ${changeMinor}`)).toEqual([
      '1: 0',
      '2: 0',
      '3: 100',
      '5: -10',
      '6: 0',
      '7: -20',
    ]);
  });
});
