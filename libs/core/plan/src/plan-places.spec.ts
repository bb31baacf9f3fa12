import { describe, expect, it } from '@jest/globals';
import {
  said,
  planOf,
  normalisedOf,
  levels,
  dynamic,
  daily,
  team,
  cycle,
  conditions,
} from './plan-document.fixture.js';

describe('R-RUL-1 what stands in a plan, place by place', () => {
  it.each<[string, unknown, string[]]>([
    ['a condition that is none', conditions(1), ['/conditions/0 wrong-type']],
    ['conditions no list', { supplier: {}, conditions: {} }, ['/conditions wrong-type']],
    ['a condition without when', conditions({ for: 'supplier' }), ['/conditions/0/when required']],
    [
      'an unknown condition',
      conditions({ when: 'weather', for: 'x', atLeast: 1, task: 2 }),
      ['/conditions/0/when bad-value'],
    ],
    [
      'a condition with more',
      conditions({ when: 'weather', x: 1 }),
      ['/conditions/0/x unknown-key', '/conditions/0/when bad-value'],
    ],
    [
      'an amount without amount and kind',
      conditions({ when: 'order-amount' }),
      ['/conditions/0/atLeast required', '/conditions/0/for required'],
    ],
    [
      'an amount of a supplier, and a task with it',
      conditions({
        when: 'order-amount',
        for: 'supplier',
        atLeast: '1.00',
        task: 'kyc',
      }),
      ['/conditions/0/task unknown-key', '/conditions/0/for bad-value'],
    ],
    [
      'a task without task and kind',
      conditions({ when: 'payee-task' }),
      ['/conditions/0/for required', '/conditions/0/task required'],
    ],
    [
      'a task that is a number, of nobody, with an amount',
      conditions({
        when: 'payee-task',
        for: 'shop',
        task: 7,
        atLeast: '1.00',
      }),
      [
        '/conditions/0/atLeast unknown-key',
        '/conditions/0/task bad-value',
        '/conditions/0/for bad-value',
      ],
    ],
    [
      'a rate by nothing',
      dynamic({ tiers: [{ from: '0', rate: '0.1' }] }),
      ['/commission/levels/0/rate/by required'],
    ],
    [
      'a rate by the weather',
      dynamic({ by: 'weather', tiers: [{ from: '0', rate: '0.1' }] }),
      ['/commission/levels/0/rate/by bad-value'],
    ],
    [
      'a rate with more',
      dynamic({ by: 'payee-level', tiers: [{ from: '0', rate: '0' }], x: 1 }),
      ['/commission/levels/0/rate/x unknown-key'],
    ],
    [
      'a rate without tiers',
      dynamic({ by: 'payee-level' }),
      ['/commission/levels/0/rate/tiers required'],
    ],
    [
      'a step of a rate that gives nothing',
      dynamic({ by: 'payee-level', tiers: [{ from: '0' }] }),
      ['/commission/levels/0/rate/tiers/0/rate required'],
    ],
    [
      'a step of a rate with a fixed amount',
      dynamic({
        by: 'payee-level',
        tiers: [{ from: '0', rate: '0', fixed: '1.00' }],
      }),
      ['/commission/levels/0/rate/tiers/0/fixed unknown-key'],
    ],
    [
      'a step from nowhere',
      dynamic({ by: 'payee-level', tiers: [{ rate: '0.1' }] }),
      ['/commission/levels/0/rate/tiers/0/from required'],
    ],
    [
      'a level that is a number',
      dynamic({ by: 'payee-level', tiers: [{ from: 0, rate: '0' }] }),
      ['/commission/levels/0/rate/tiers/0/from bad-decimal'],
    ],
    [
      'a level of letters',
      dynamic({ by: 'payee-level', tiers: [{ from: 'gold', rate: '0' }] }),
      ['/commission/levels/0/rate/tiers/0/from bad-decimal'],
    ],
    ['tiers no list', team('0'), ['/teamReward/tiers wrong-type']],
    ['tiers left out', { teamReward: {} }, ['/teamReward/tiers required']],
    [
      'a tier that is none',
      team([{ from: '0', rate: '0' }, 5]),
      ['/teamReward/tiers/1 wrong-type'],
    ],
    [
      'a tier with more',
      team([{ from: '0', rate: '0', x: 1 }]),
      ['/teamReward/tiers/0/x unknown-key'],
    ],
    [
      'an unreadable step, told once',
      team([{ from: 'x', rate: '0' }]),
      ['/teamReward/tiers/0/from bad-decimal'],
    ],
    [
      'a step below the one before',
      team([
        { from: '0', rate: '0' },
        { from: '5.00', rate: '0' },
        { from: '4.00', rate: '0' },
      ]),
      ['/teamReward/tiers/2/from bad-tiers'],
    ],
    [
      'a method without tiers',
      levels({ rate: '0.1', method: 'whole' }),
      ['/commission/levels/0/method bad-value'],
    ],
    [
      'an unknown method',
      levels({ tiers: [{ from: '0', rate: '0' }], method: 'half' }),
      ['/commission/levels/0/method bad-value'],
    ],
    [
      'bounds of a share that cross',
      levels({ rate: '0.1', min: '2.01', max: '2.00' }),
      ['/commission/levels/0/min min-above-max'],
    ],
    ['a share with more', levels({ rate: '0.1', x: 1 }), ['/commission/levels/0/x unknown-key']],
    ['a share that is text', levels('0.1'), ['/commission/levels/0 wrong-type']],
    ['a share of bounds only', levels({ min: '0.00' }), ['/commission/levels/0/rate required']],
    ['an amount that is a number', levels({ fixed: 1 }), ['/commission/levels/0/fixed wrong-type']],
    [
      'a fee with more',
      { supplier: {}, platformFee: { rate: '0', x: 1 } },
      ['/platformFee/x unknown-key'],
    ],
    ['a fee that is text', { supplier: {}, platformFee: '0.1' }, ['/platformFee wrong-type']],
    ['a commission that is text', { commission: '0.1' }, ['/commission wrong-type']],
    ['a team that is text', { teamReward: '0.1' }, ['/teamReward wrong-type']],
    [
      'a commission with more',
      { commission: { levels: [{ rate: '0' }], x: 1 } },
      ['/commission/x unknown-key'],
    ],
    [
      'a buyer of another kind',
      { commission: { levels: [{ rate: '0' }], selfPurchase: 'no' } },
      ['/commission/selfPurchase bad-value'],
    ],
    [
      'a team method of another kind',
      {
        teamReward: {
          tiers: [{ from: '0', rate: '0' }],
          method: 'half',
        },
      },
      ['/teamReward/method bad-value'],
    ],
    ['a cycle that is text', cycle('daily'), ['/supplier/cycle wrong-type']],
    ['a cycle with more', cycle({ ...daily, x: 1 }), ['/supplier/cycle/x unknown-key']],
    ['a cycle without a time', cycle({ every: 'day' }), ['/supplier/cycle/at required']],
    [
      'a time that is a number',
      cycle({ every: 'week', on: 'monday', at: 2 }),
      ['/supplier/cycle/at bad-cycle'],
    ],
    ['day 0', cycle({ every: 'month', on: 0, at: '02:00' }), ['/supplier/cycle/on bad-cycle']],
    [
      'half a day of the month',
      cycle({ every: 'month', on: 1.5, at: '02:00' }),
      ['/supplier/cycle/on bad-cycle'],
    ],
    [
      'a day of the month as text',
      cycle({ every: 'month', on: '1', at: '02:00' }),
      ['/supplier/cycle/on bad-cycle'],
    ],
    ['a month without a time', cycle({ every: 'month', on: 1 }), ['/supplier/cycle/at required']],
    ['a payout by cash', { supplier: { payVia: 'cash' } }, ['/supplier/payVia bad-value']],
    ['a currency that is a number', { supplier: {}, currency: 156 }, ['/currency bad-currency']],
  ])('refuses %s', (_, document, expected) => {
    expect(said(document)).toEqual(expected);
  });

  it('reads every word that it knows', () => {
    const given = {
      rounding: 'half-even',
      commission: {
        basis: 'gross',
        selfPurchase: 'skip',
        levels: [{ fixed: '1.00', tiers: [{ from: '0', rate: '0.1' }], method: 'marginal' }],
        onHoliday: 'next-business-day',
        minPayout: '5.00',
      },
      teamReward: { tiers: [{ from: '0', fixed: '1.00' }], method: 'marginal' },
      conditions: [
        { for: 'team-reward', when: 'order-amount', atLeast: '0.01' },
        { for: 'commission', when: 'payee-task', task: 'kyc' },
      ],
    };
    expect(planOf(given)).toMatchObject({
      rounding: 'half-even',
      commission: {
        basis: 'gross',
        selfPurchase: 'skip',
        levels: [
          {
            fixedMinor: 100n,
            rate: { kind: 'plain', ratePpm: 0n },
            tiers: [{ fromMinor: 0n, ratePpm: 100_000n, fixedMinor: 0n }],
            method: 'marginal',
            minMinor: 0n,
            maxMinor: null,
          },
        ],
        onHoliday: 'next-business-day',
        minPayoutMinor: 500n,
        payVia: 'transfer',
        payeeCycles: [],
        cycle: { every: 'day', at: '02:00' },
      },
      teamReward: {
        method: 'marginal',
        tiers: [{ fromMinor: 0n, ratePpm: 0n, fixedMinor: 100n }],
        cycle: { every: 'month', on: 'last-day', at: '23:30' },
      },
      conditions: [
        { for: 'team-reward', when: 'order-amount', atLeastMinor: 1n },
        { for: 'commission', when: 'payee-task', task: 'kyc' },
      ],
    });
    expect(planOf({ supplier: {} })).toMatchObject({
      rounding: 'half-up',
      returnWindowDays: 7,
      supplier: {
        delayDays: 7,
        cycle: { every: 'week', on: 'monday', at: '02:00' },
        minPayoutMinor: 10n,
        onHoliday: 'run',
      },
    });
    expect(planOf({ supplier: {}, rounding: 'down' }).rounding).toBe('down');
    expect(planOf(levels({ rate: '0.1' })).commission).toMatchObject({
      basis: 'cascade',
      selfPurchase: 'allow',
      levels: [{ method: 'whole' }],
    });
  });

  it('has no key for what a plan lacks', () => {
    const optional = ['commission', 'supplier', 'teamReward', 'calendar'];
    const keysOf = (value: object): string[] =>
      Object.keys(value).filter((key) => optional.includes(key));
    const one = { tiers: [{ from: '0', rate: '0' }] };
    for (const [part, document] of [
      ['commission', levels({ rate: '0.1' })],
      ['supplier', { supplier: {} }],
      ['teamReward', { teamReward: one }],
    ] as const) {
      expect(keysOf(planOf(document))).toEqual([part]);
      expect(keysOf(normalisedOf(document))).toEqual([part]);
    }
  });

  it.each([
    ['not available yet', 'USD', 'not-yet-supported'],
    ['none', 'RMB', 'bad-currency'],
  ])('still reads the amounts of a plan whose currency is %s', (_, currency, code) => {
    const document = { currency, supplier: { minPayout: '1.00' }, platformFee: { min: '0.10' } };
    expect(said(document)).toEqual([`/currency ${code}`]);
  });
});
