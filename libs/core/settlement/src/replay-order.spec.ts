import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { minor } from '@qingfen/money';
import type { OrderFact } from './accrue-order.js';
import { checkStanding, type Standing } from './check-standing.js';
import { levelPresence, orderConditions } from './level-presence.js';
import type { OrderStep } from './order-stages.js';
import { replayOrder, type Closing } from './replay-order.js';
import { countsForTeam } from './team-counts.js';

const planOf = (document: object): Plan => {
  const reading = readPlan({ returnWindowDays: 7, ...document }, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
};

const plain = planOf({ commission: { levels: [{ rate: '0.30' }] } });

const order = (change: Partial<OrderFact> = {}): OrderFact => ({
  shopId: 'shop-1',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: new Date('2026-01-01T00:00:00Z'),
  completedAt: new Date('2026-01-02T00:00:00Z'),
  items: [
    {
      itemId: '1',
      supplierId: 's-1',
      kind: 'goods',
      amountMinor: minor(10_000n),
      subsidyMinor: minor(0n),
    },
  ],
  distributors: ['d-1'],
  ...change,
});

const refund = (causeId: string, amount: bigint, batchId: bigint): OrderStep => ({
  cause: amount < 0n ? 'refund-reversal' : 'refund',
  causeId,
  at: new Date('2026-02-03T00:00:00Z'),
  items: [{ itemId: '1', amountMinor: minor(amount), subsidyMinor: minor(0n) }],
  batchId,
});

const ofD1 = { itemId: '1', kind: 'commission', level: 1, payeeId: 'd-1' } as const;

function rows(steps: readonly OrderStep[], closings: readonly Closing[], plan = plain): string[] {
  const history = { order: order(), first: { plan, version: 1 }, batchId: 1n, steps };
  return replayOrder(history, closings).map(
    ({ row, kind, amountMinor, maturesAt, cause, baseMinor, targetMinor }) =>
      `${row} ${kind} ${amountMinor} ${maturesAt.toISOString().slice(0, 10)} ` +
      `${cause}: ${targetMinor} of ${baseMinor}`,
  );
}

describe('replayOrder', () => {
  it('R-EXP-1 a refund before the statement changes the entry, one after it corrects it', () => {
    const steps = [
      refund('r-1', 4_000n, 2n),
      refund('r-2', 1_000n, 4n),
      refund('r-2', -1_000n, 5n),
    ];
    expect(rows(steps, [{ ...ofD1, begunBy: 1n, batchId: 3n }])).toEqual([
      'entry commission 3000 2026-01-09 order: 3000 of 10000',
      'adjustment commission -1200 2026-01-09 refund: 1800 of 6000',
      'correction commission -300 2026-02-03 refund: 1500 of 5000',
      'correction commission 300 2026-02-03 refund-reversal: 1800 of 6000',
    ]);
  });

  it('R-EXP-1 what the very batch of a step closes was open to that step', () => {
    expect(rows([refund('r-1', 1_000n, 3n)], [{ ...ofD1, begunBy: 1n, batchId: 3n }])).toEqual([
      'entry commission 3000 2026-01-09 order: 3000 of 10000',
      'adjustment commission -300 2026-01-09 refund: 2700 of 9000',
    ]);
  });

  // Below 50.00 the level gets 10 %, above it nothing.
  const small = [
    { from: '0', rate: '0.10' },
    { from: '50.00', rate: '0' },
  ];
  const sinking = planOf({ commission: { levels: [{ tiers: small }] } });

  it('R-EXP-1 a party that was owed nothing begins an entry, whatever the batch takes besides', () => {
    const two = [refund('r-1', 6_000n, 2n), refund('r-2', 2_000n, 2n)];
    expect(rows(two, [], sinking)).toEqual(['entry commission 200 2026-01-09 order: 200 of 2000']);
    const later = [refund('r-1', 6_000n, 2n), refund('r-2', 2_000n, 3n)];
    expect(rows(later, [], sinking)).toEqual([
      'entry commission 400 2026-01-09 order: 400 of 4000',
      'adjustment commission -200 2026-01-09 refund: 200 of 2000',
    ]);
    const all = [refund('r-1', 6_000n, 2n), refund('r-2', 4_000n, 2n)];
    expect(rows(all, [], sinking)).toEqual([]);
  });
});

describe('replayOrder of an order that is bound anew', () => {
  const richer = planOf({ commission: { levels: [{ rate: '0.20' }] }, returnWindowDays: 2 });
  const at = new Date('2026-02-03T00:00:00Z');
  const bound = (cause: 'rebinding' | 'binding', to: Plan | null, batchId: bigint): OrderStep => {
    return { cause, causeId: 'v', at, to: to === null ? null : { plan: to, version: 2 }, batchId };
  };

  it('R-EXP-1 R-RUL-5 what is not stated is replaced, what is stated is corrected', () => {
    const steps = [bound('rebinding', richer, 3n)];
    expect(rows(steps, [])).toEqual([
      'entry commission 3000 2026-01-09 order: 3000 of 10000',
      'adjustment commission -3000 2026-01-09 rebinding: 2000 of 10000',
      'entry commission 2000 2026-01-04 order: 2000 of 10000',
    ]);
    expect(rows(steps, [{ ...ofD1, begunBy: 1n, batchId: 2n }])).toEqual([
      'entry commission 3000 2026-01-09 order: 3000 of 10000',
      'correction commission -1000 2026-02-03 rebinding: 2000 of 10000',
    ]);
  });

  it('R-EXP-1 R-RUL-5 R-REF-2 what had gone back whole, and comes back, is owed by the new version alone', () => {
    const back = refund('r-1', -10_000n, 4n);
    const steps = [refund('r-1', 10_000n, 2n), bound('rebinding', richer, 3n), back];
    expect(rows(steps, [])).toEqual([
      'entry commission 3000 2026-01-09 order: 3000 of 10000',
      'adjustment commission -3000 2026-01-09 refund: 0 of 0',
      'entry commission 2000 2026-01-04 order: 2000 of 10000',
    ]);
  });

  it('R-EXP-1 R-RUL-5 one that lost its version is bound once more, and the stated entry stands', () => {
    const steps = [
      refund('r-1', 1_000n, 2n),
      bound('rebinding', null, 4n),
      bound('binding', richer, 5n),
      refund('r-1', 1_000n, 6n),
    ];
    expect(rows(steps, [{ ...ofD1, begunBy: 1n, batchId: 3n }])).toEqual([
      'entry commission 3000 2026-01-09 order: 3000 of 10000',
      'adjustment commission -300 2026-01-09 refund: 2700 of 9000',
      'correction commission -2700 2026-02-03 rebinding: 0 of 9000',
      'entry commission 2000 2026-01-04 order: 2000 of 10000',
      'correction commission -200 2026-02-03 refund: 1800 of 9000',
    ]);
  });
});

describe('replayOrder of a history that cannot be', () => {
  it('R-EXP-1 stops where an order that a version binds is bound once more', () => {
    const to = { plan: plain, version: 2 };
    const again: OrderStep = { cause: 'binding', causeId: 'v', at: new Date(0), to, batchId: 2n };
    expect(() => rows([again], [])).toThrow('an order is booked as a whole but once');
  });
});

describe('levelPresence', () => {
  const plan = planOf({
    commission: {
      levels: [{ rate: '0.3' }, { rate: '0.2' }, { rate: '0.1' }],
      selfPurchase: 'skip',
    },
    conditions: [{ for: 'commission', when: 'order-amount', atLeast: '50.00' }],
  });
  const why = (change: Partial<OrderFact>, of = plan): string[] =>
    levelPresence(order(change), of).map(({ level, why: reason }) => `${level} ${reason}`);

  it.each([
    [
      { distributors: ['d-1', null, 'd-3', 'd-4'] },
      ['1 present', '2 no-distributor', '3 present', '4 not-in-plan'],
    ],
    [{ distributors: [] }, ['1 no-distributor', '2 no-distributor', '3 no-distributor']],
    [
      { distributors: ['d-1', 'd-2'], buyerPayeeId: 'd-2' },
      ['1 present', '2 buyer-skipped', '3 no-distributor'],
    ],
  ])('R-EXP-1 %j: %j', (change, wanted) => expect(why(change)).toEqual(wanted));

  it('R-EXP-1 R-RUL-4 an order below the least amount has both numbers', () => {
    const items = order().items.map((one) => ({ ...one, amountMinor: minor(4_999n) }));
    expect(why({ items })).toEqual(['1 order-amount', '2 no-distributor', '3 no-distributor']);
    expect(orderConditions({ items }, plan)).toEqual([
      { for: 'commission', atLeastMinor: 5_000n, orderPaidMinor: 4_999n, isMet: false },
    ]);
    expect(why({}, planOf({ supplier: {} }))).toEqual(['1 not-in-plan']);
  });

  it('R-EXP-1 R-RUL-4 what teams or tasks ask for decides about no level', () => {
    const levels = [{ rate: '0.3' }];
    const conditions = [
      { for: 'team-reward', when: 'order-amount', atLeast: '100.01' },
      { for: 'commission', when: 'payee-task', task: 'kyc' },
    ];
    const asking = planOf({ commission: { levels }, conditions });
    expect(why({}, asking)).toEqual(['1 present']);
    expect(orderConditions(order(), asking)).toEqual([
      { for: 'team-reward', atLeastMinor: 10_001n, orderPaidMinor: 10_000n, isMet: false },
    ]);
  });
});

describe('countsForTeam', () => {
  const tiers = [{ from: '0', rate: '0.01' }];
  const rewarding = planOf({ teamReward: { tiers } });

  it.each([
    [{ teamId: 't-1' }, rewarding, true],
    [{}, rewarding, false],
    [{ teamId: 't-1' }, plain, false],
    [
      { teamId: 't-1' },
      planOf({
        teamReward: { tiers },
        conditions: [{ for: 'team-reward', when: 'order-amount', atLeast: '100.01' }],
      }),
      false,
    ],
  ])('R-EXP-1 R-TEA-1 case %#', (change, plan, counts) => {
    expect(countsForTeam(order(change), plan)).toBe(counts);
  });
});

describe('checkStanding', () => {
  const maturesAt = new Date('2026-01-09T00:00:00Z');
  const standing = (change: Partial<Standing>): Standing => ({
    sumMinor: minor(2_700n),
    maturesAt,
    payeeId: 'd-1',
    closedMinor: null,
    open: { amountMinor: minor(2_700n), maturesAt },
    ...change,
  });
  const gone = { open: null };

  it.each([
    ['waiting', {}, null],
    ['stated', { ...gone, closedMinor: minor(2_700n) }, null],
    ['cancelled', { ...gone, sumMinor: minor(0n) }, null],
    ['a fee', { ...gone, payeeId: null }, null],
    [
      'waiting with another amount',
      { open: { amountMinor: minor(2_600n), maturesAt } },
      'waiting with 26.00 until 2026-01-09T00:00:00.000Z',
    ],
    ['lost', gone, 'nowhere'],
    ['stated with another amount', { ...gone, closedMinor: minor(1n) }, 'closed with 0.01'],
    [
      'in two places',
      { closedMinor: minor(2_700n) },
      'closed with 27.00, waiting with 27.00 until 2026-01-09T00:00:00.000Z',
    ],
    [
      'mature at another time',
      { open: { amountMinor: minor(2_700n), maturesAt: new Date(0) } },
      'waiting with 27.00 until 1970-01-01T00:00:00.000Z',
    ],
  ])('R-EXP-1 %s', (_, change, booked) => {
    expect(checkStanding(standing(change), 'CNY')?.booked ?? null).toBe(booked);
  });

  it.each([
    [
      { open: { amountMinor: minor(1n), maturesAt } },
      'waiting with 27.00 until 2026-01-09T00:00:00.000Z',
    ],
    [{ closedMinor: minor(1n), ...gone }, 'closed with 27.00'],
    [{ closedMinor: minor(1n), ...gone, sumMinor: minor(0n) }, 'closed with 0.00'],
    [{ sumMinor: minor(0n) }, 'nowhere'],
    [{ payeeId: null }, 'nowhere'],
    [{ ...gone, closedMinor: minor(0n), sumMinor: minor(0n) }, null],
  ])('R-EXP-1 says where it should stand: %j', (change, expected) => {
    expect(checkStanding(standing(change), 'CNY')?.expected ?? null).toBe(expected);
  });
});
