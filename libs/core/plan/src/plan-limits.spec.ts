import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from './index.js';

const LIMITS = { levelsMax: 3 };

/** Place and code of everything that is wrong with a document. */
function said(document: unknown): string[] {
  const reading = readPlan(document, LIMITS);
  return reading.kind === 'ok' ? [] : reading.problems.map((p) => `${p.pointer} ${p.code}`);
}

function planOf(document: unknown): Plan {
  const reading = readPlan(document, LIMITS);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

/** So many different values of a list. */
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const levels = (...shares: unknown[]): object => ({ commission: { levels: shares } });
const dynamic = (rate: object): object => levels({ rate });
const daily = { every: 'day', at: '02:00' };
const team = (tiers: unknown): object => ({ teamReward: { tiers } });
const groups = (...payeeCycles: unknown[]): object => ({ supplier: { payeeCycles } });
const ids = (count: number): string[] => many(count, (index) => `s-${index}`);
const cycle = (value: unknown): object => ({ supplier: { cycle: value } });
const calendar = (value: unknown): object => ({ supplier: {}, calendar: value });
const conditions = (...given: unknown[]): object => ({ supplier: {}, conditions: given });
const tier = (index: number): object => ({ from: `${index}.00`, rate: '0.01' });
const days = (count: number): string[] =>
  many(count, (index) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10));

describe('R-RUL-1 the greatest and the least that a plan may have', () => {
  it.each<[string, unknown]>([
    ['a hundred tiers', team(many(100, tier))],
    [
      'fifty conditions',
      conditions(
        ...many(50, () => ({
          for: 'commission',
          when: 'order-amount',
          atLeast: '1.00',
        })),
      ),
    ],
    [
      'twenty groups of payees',
      groups(
        ...many(20, (index) => ({
          payees: [`s-${index}`],
          cycle: daily,
        })),
      ),
    ],
    ['a thousand payees of one group', groups({ payees: ids(1_000), cycle: daily })],
    ['five hundred days off', calendar({ holidays: days(500) })],
    ['ten years of days', { supplier: { delayDays: 3650 }, returnWindowDays: 3650 }],
    ['no days at all', { supplier: { delayDays: 0 }, returnWindowDays: 0 }],
    ['the whole as a rate', levels({ rate: '1' })],
    ['bounds that meet', levels({ rate: '0.1', min: '2.00', max: '2.00' })],
    ['the least payout of Alipay', { supplier: { minPayout: '0.10' } }],
    ['a task of one letter', conditions({ for: 'supplier', when: 'payee-task', task: 'k' })],
    [
      'a task of 64 letters',
      conditions({
        for: 'team-reward',
        when: 'payee-task',
        task: 'k'.repeat(64),
      }),
    ],
    ['a payee with the longest id', groups({ payees: ['a'.repeat(64)], cycle: daily })],
    ['a payee with every sign of ids', groups({ payees: ['9._:@-Z'], cycle: daily })],
  ])('takes %s', (_, document) => {
    expect(said(document)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['101 tiers', team(many(101, tier)), '/teamReward/tiers bad-tiers'],
    ['51 conditions', conditions(...many(51, () => 1)), '/conditions bad-value'],
    [
      '1001 payees',
      groups({ payees: ids(1_001), cycle: daily }),
      '/supplier/payeeCycles/0/payees bad-value',
    ],
    ['501 days off', calendar({ holidays: days(501) }), '/calendar/holidays bad-value'],
    [
      'a day more than ten years',
      { supplier: {}, returnWindowDays: 3651 },
      '/returnWindowDays bad-value',
    ],
    ['days as text', { supplier: {}, returnWindowDays: '7' }, '/returnWindowDays bad-value'],
    [
      'a task of nothing',
      conditions({ for: 'supplier', when: 'payee-task', task: '' }),
      '/conditions/0/task bad-value',
    ],
    [
      'a task of 65 letters',
      conditions({
        for: 'supplier',
        when: 'payee-task',
        task: 'k'.repeat(65),
      }),
      '/conditions/0/task bad-value',
    ],
    [
      'a task with a line break',
      conditions({
        for: 'supplier',
        when: 'payee-task',
        task: 'a\nb',
      }),
      '/conditions/0/task bad-value',
    ],
    [
      'a payee with too long an id',
      groups({ payees: ['a'.repeat(65)], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee with an id of signs',
      groups({ payees: ['-a'], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee of nothing',
      groups({ payees: [''], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee with a blank behind it',
      groups({ payees: ['s-1 '], cycle: daily }),
      '/supplier/payeeCycles/0/payees/0 bad-value',
    ],
    [
      'a payee twice in one group',
      groups({ payees: ['s-1', 's-1'], cycle: daily }),
      '/supplier/payeeCycles/0/payees/1 bad-value',
    ],
    [
      'payees no list',
      groups({ payees: 's-1', cycle: daily }),
      '/supplier/payeeCycles/0/payees wrong-type',
    ],
    ['a group that is none', groups('s-1'), '/supplier/payeeCycles/0 wrong-type'],
    [
      'a group that has more',
      groups({ payees: ['s-1'], cycle: daily, x: 1 }),
      '/supplier/payeeCycles/0/x unknown-key',
    ],
    [
      'days off of both kinds and one more',
      calendar({ holidays: [], workdays: [], x: [] }),
      '/calendar/x unknown-key',
    ],
    [
      'a day off that is a number',
      calendar({ holidays: [20261001] }),
      '/calendar/holidays/0 bad-value',
    ],
  ])('refuses %s', (_, document, expected) => {
    expect(said(document)).toEqual([expected]);
  });

  it('says a hundred mistakes and no more, in order', () => {
    const document = { supplier: {}, ...Object.fromEntries(ids(150).map((id) => [id, 1])) };
    const found = said(document);
    expect(found).toHaveLength(100);
    expect([found[0], found[99]]).toEqual(['/s-0 unknown-key', '/s-99 unknown-key']);
  });

  it('takes over nothing that an object has from its kind', () => {
    expect(said({ supplier: Object.create({ delayDays: -1 }) })).toEqual([]);
    expect(said([])).toEqual([' wrong-type']);
    expect(said(null)).toEqual([' wrong-type']);
    expect(said({ supplier: [] })).toEqual(['/supplier wrong-type']);
  });

  it('points at keys as RFC 6901 says', () => {
    expect(said({ supplier: {}, 'a~/b~/': 1 })).toEqual(['/a~0~1b~0~1 unknown-key']);
  });

  it('shows foreign text cut and on one line', () => {
    const shown = (currency: unknown): string => {
      const reading = readPlan({ supplier: {}, currency }, LIMITS);
      return reading.kind === 'refused' ? (reading.problems[0]?.message ?? '') : '';
    };
    expect(shown('x'.repeat(40))).toContain(`“${'x'.repeat(40)}”`);
    expect(shown('y'.repeat(41))).toContain(`“${'y'.repeat(40)}…”`);
    expect(shown('a \n b')).toContain('“a b”');
    expect(shown({ a: 1 })).toContain('“{"a":1}”');
    expect(shown(() => 1)).toContain('“undefined”');
  });
});

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
    expect(planOf({ supplier: {} })).not.toHaveProperty('calendar');
    expect(planOf({ supplier: {}, rounding: 'down' }).rounding).toBe('down');
    expect(planOf(levels({ rate: '0.1' })).commission).toMatchObject({
      basis: 'cascade',
      selfPurchase: 'allow',
      levels: [{ method: 'whole' }],
    });
  });
});
