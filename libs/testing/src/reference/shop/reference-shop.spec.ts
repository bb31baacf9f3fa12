import { describe, expect, it } from '@jest/globals';

import type { ReferencePlan } from '../plan-in-force.js';
import { tellWindows } from './evidence.js';
import { ReferenceShop } from './reference-shop.js';
import type { CompletedOrder } from './told.js';

const plan: ReferencePlan = {
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
  supplier: {},
  teamReward: {
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '10000.00', rate: '0.01' },
      { from: '50000.00', rate: '0.02', fixed: '100.00' },
    ],
  },
};

function shopWith(document: ReferencePlan): ReferenceShop {
  const shop = new ReferenceShop('s');
  const effectiveFrom = '2010-12-01T00:00:00+08:00';
  shop.hearVersion({ shopId: 's', version: 1, effectiveFrom, plan: document });
  for (const payeeId of ['d-1', 'd-2', 'd-3', 'sup-1', 'l-1']) tellPayee(shop, payeeId);
  return shop;
}

function tellPayee(shop: ReferenceShop, payeeId: string, tasks: readonly string[] = []): void {
  const name = payeeId;
  const alipay = { identityType: 'ALIPAY_LOGON_ID', identity: payeeId, name } as const;
  const told = { shopId: 's', payeeId, name, alipay, tasks: [...tasks] };
  if (payeeId === 'l-1') shop.hearPayee({ ...told, roles: ['team-leader'], teamId: 'team-1' }, 0);
  else shop.hearPayee({ ...told, roles: ['distributor'] }, 0);
}

function orderOf(orderId: string, amount: string, completedAt: string): CompletedOrder {
  return {
    shopId: 's',
    orderId,
    currency: 'CNY',
    paidAt: completedAt,
    completedAt,
    items: [{ itemId: '1', supplierId: 'sup-1', amount }],
    distributors: ['d-1', 'd-2', 'd-3'],
    teamId: 'team-1',
  };
}

/** Lives through the runs until an instant. @returns `day kind payee fen` of what is stated */
function live(shop: ReferenceShop, until: string): readonly string[] {
  tellWindows(shop.state);
  return shop
    .runsToCome(Date.parse(until))
    .flatMap((run) => shop.execute(run))
    .map(({ kind, period, payeeId, netFen }) => {
      return `${period.slice(5, 10)} ${kind} ${payeeId} ${netFen}`;
    });
}

function openOf(shop: ReferenceShop): readonly string[] {
  const open = [...shop.state.open].filter(({ fen }) => fen !== 0n);
  return open.map(({ kind, owner, fen }) => `${kind} ${owner} ${fen}`).sort();
}

describe('refunds of a ReferenceShop', () => {
  const completedAt = '2010-12-03T10:00:00+08:00';
  const refund = {
    shopId: 's',
    orderId: 'o-1',
    refundId: 'r-1',
    refundedAt: '2010-12-20T10:00:00+08:00',
    items: [{ itemId: '1', amount: '50.00' }],
  };

  it.each(['before', 'after'])(
    'R-REF-2 change what is not stated when they come %s the order',
    (when) => {
      const shop = shopWith(plan);
      if (when === 'before') shop.refund(refund);
      shop.complete([orderOf('o-1', '100.00', completedAt)]);
      if (when === 'after') shop.refund(refund);
      expect(openOf(shop)).toEqual([
        'commission d-1 1350',
        'commission d-2 630',
        'commission d-3 252',
        'supplier sup-1 2268',
      ]);
    },
  );

  it('R-REF-3 of what is stated are corrections of their own that the next run would net', () => {
    const shop = shopWith(plan);
    shop.complete([orderOf('o-1', '100.00', completedAt)]);
    expect(live(shop, '2010-12-11T02:00:00+08:00')).toEqual([
      '12-11 commission d-1 2700',
      '12-11 commission d-2 1260',
      '12-11 commission d-3 504',
    ]);
    shop.refund(refund);
    expect(openOf(shop)).toEqual([
      'commission d-1 -1350',
      'commission d-2 -630',
      'commission d-3 -252',
      'supplier sup-1 2268',
    ]);
    expect(live(shop, '2010-12-21T02:00:00+08:00')).toEqual(['12-13 supplier sup-1 2268']);
  });
});

describe('team rewards of a ReferenceShop', () => {
  it('R-TEA-1 price the whole performance at the tier reached and carry a debt', () => {
    const { teamReward = { tiers: [] } } = plan;
    const shop = shopWith({ teamReward });
    shop.complete([
      orderOf('o-1', '20000.00', '2010-12-03T10:00:00+08:00'),
      orderOf('o-2', '50000.00', '2010-12-30T10:00:00+08:00'),
    ]);
    // 1 % of 20,000.00; 2 % of 50,000.00 and 100.00
    expect(live(shop, '2011-02-01T00:00:00+08:00')).toEqual([
      '12-31 team-reward l-1 20000',
      '01-31 team-reward l-1 110000',
    ]);
    const refundedAt = '2011-02-02T10:00:00+08:00';
    const items = [{ itemId: '1', amount: '15000.00' }];
    shop.refund({ shopId: 's', orderId: 'o-1', refundId: 'r-1', refundedAt, items });
    expect(live(shop, '2011-03-01T00:00:00+08:00')).toEqual([]); // 15,000.00 in debt
    shop.complete([orderOf('o-3', '26000.00', '2011-03-02T10:00:00+08:00')]);
    // 1 % of what is above the debt
    expect(live(shop, '2011-04-01T00:00:00+08:00')).toEqual(['03-31 team-reward l-1 11000']);
  });
});

describe('conditions of a ReferenceShop', () => {
  it('R-RUL-4 keep what is owed to a payee until it has done its task', () => {
    const shop = shopWith({
      ...plan,
      conditions: [{ for: 'commission', when: 'payee-task', task: 'kyc' }],
    });
    tellPayee(shop, 'd-1', ['kyc']);
    shop.complete([orderOf('o-1', '100.00', '2010-12-03T10:00:00+08:00')]);
    expect(live(shop, '2010-12-11T02:00:00+08:00')).toEqual(['12-11 commission d-1 2700']);
    tellPayee(shop, 'd-3', ['kyc']);
    expect(live(shop, '2010-12-12T02:00:00+08:00')).toEqual(['12-12 commission d-3 504']);
  });
});

describe('a ReferenceShop with cycles for some', () => {
  it('R-RUL-3 states to payees in the runs that their cycle names', () => {
    const payeeCycles = [
      { payees: ['d-2'], cycle: { every: 'week', on: 'monday', at: '02:00' } },
    ] as const;
    const { commission = { levels: [] } } = plan;
    const shop = shopWith({ commission: { ...commission, payeeCycles } });
    shop.complete([orderOf('o-1', '100.00', '2010-12-01T10:00:00+08:00')]);
    expect(live(shop, '2010-12-14T00:00:00+08:00')).toEqual([
      '12-09 commission d-1 3000',
      '12-09 commission d-3 560',
      '12-13 commission d-2 1400',
    ]);
  });
});
