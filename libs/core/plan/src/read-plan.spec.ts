import { describe, expect, it } from '@jest/globals';
import { readPlan, type PlanReading } from './index.js';
import { LIMITS, said } from './plan-document.fixture.js';

const FULL = {
  currency: 'CNY',
  rounding: 'half-up',
  returnWindowDays: 7,
  platformFee: { rate: '0.10', min: '0.00', max: '999999.00' },
  commission: {
    basis: 'cascade',
    levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }],
    selfPurchase: 'allow',
    cycle: { every: 'day', at: '02:00' },
    minPayout: '0.10',
    payVia: 'transfer',
  },
  supplier: {
    delayDays: 7,
    cycle: { every: 'week', on: 'monday', at: '02:00' },
    minPayout: '0.10',
    payVia: 'transfer',
  },
  teamReward: {
    method: 'whole',
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '10000.00', rate: '0.01' },
      { from: '50000.00', rate: '0.02', fixed: '100.00' },
    ],
    cycle: { every: 'month', on: 'last-day', at: '23:30' },
    minPayout: '0.10',
    payVia: 'transfer',
  },
  conditions: [],
};

function accepted(reading: PlanReading): Extract<PlanReading, { kind: 'ok' }> {
  if (reading.kind === 'ok') return reading;
  throw new Error(JSON.stringify(reading.problems));
}

describe('R-RUL-1 reading a plan', () => {
  it('reads the whole document of the specification and gives it back unchanged', () => {
    const { plan, document } = accepted(readPlan(FULL, LIMITS));
    expect(document).toEqual(FULL);
    expect(plan.platformFee).toEqual({ ratePpm: 100_000n, minMinor: 0n, maxMinor: 99_999_900n });
    expect(plan.commission?.levels.map((share) => share.rate)).toEqual(
      [300_000n, 200_000n, 100_000n].map((ratePpm) => ({ kind: 'plain', ratePpm })),
    );
    expect(plan.teamReward?.tiers[2]).toEqual({
      fromMinor: 5_000_000n,
      ratePpm: 20_000n,
      fixedMinor: 10_000n,
    });
  });

  it('writes every default out', () => {
    const given = {
      commission: { levels: [{ rate: '0.3' }] },
      supplier: {},
      teamReward: { tiers: FULL.teamReward.tiers },
    };
    const { document, plan } = accepted(readPlan(given, LIMITS));
    expect(document).toEqual({
      ...FULL,
      platformFee: { rate: '0' },
      commission: { ...FULL.commission, levels: [{ rate: '0.3' }] },
    });
    expect(plan.platformFee).toEqual({ ratePpm: 0n, minMinor: 0n, maxMinor: null });
    expect(accepted(readPlan(document, LIMITS))).toEqual({ kind: 'ok', plan, document });
  });

  it('reads all cycles', () => {
    for (const cycle of [
      { every: 'day', at: '00:00' },
      { every: 'week', on: 'sunday', at: '23:59' },
      { every: 'month', on: 1, at: '02:00' },
      { every: 'month', on: 28, at: '02:00' },
      { every: 'month', on: 'last-day', at: '02:00' },
    ]) {
      expect(accepted(readPlan({ supplier: { cycle } }, LIMITS)).plan.supplier?.cycle).toEqual(
        cycle,
      );
    }
  });

  it('R-RUL-3 reads cycles of single payees, days off and what a run does on them', () => {
    const calendar = { holidays: ['2026-10-01'], workdays: ['2026-10-10'] };
    const payeeCycles = [{ payees: ['s-1'], cycle: { every: 'month', on: 5, at: '02:00' } }];
    const supplier = { onHoliday: 'next-business-day', payeeCycles };
    const { plan, document } = accepted(readPlan({ supplier, calendar }, LIMITS));
    expect(plan.supplier).toMatchObject({
      onHoliday: 'next-business-day',
      payeeCycles: [{ payeeIds: ['s-1'], cycle: payeeCycles[0]?.cycle }],
    });
    expect(plan.calendar?.holidays).toEqual(new Set(['2026-10-01']));
    expect(document).toMatchObject({ calendar, supplier });
    expect(accepted(readPlan(document, LIMITS)).plan).toEqual(plan);
    expect(accepted(readPlan(FULL, LIMITS)).plan.supplier?.onHoliday).toBe('run');
  });
});

describe('R-RUL-1 refusing a plan', () => {
  const commission = (levels: unknown, more: object = {}): object => ({
    commission: { levels, ...more },
  });
  const tiers = (...steps: object[]): object => ({ teamReward: { tiers: steps } });
  const cycle = (value: unknown): object => ({ supplier: { cycle: value } });

  const payeeCycles = (...groups: unknown[]): object => ({ supplier: { payeeCycles: groups } });
  const daily = { every: 'day', at: '02:00' };
  const calendar = (value: unknown): object => ({ supplier: {}, calendar: value });

  it.each<[string, unknown, string[]]>([
    [
      'cycles of payees no list',
      { supplier: { payeeCycles: {} } },
      ['/supplier/payeeCycles wrong-type'],
    ],
    [
      'cycles of nobody',
      payeeCycles({ cycle: daily }),
      ['/supplier/payeeCycles/0/payees required'],
    ],
    [
      'cycles of no payees',
      payeeCycles({ payees: [], cycle: daily }),
      ['/supplier/payeeCycles/0/payees bad-value'],
    ],
    [
      'payees without a cycle',
      payeeCycles({ payees: ['s-1'] }),
      ['/supplier/payeeCycles/0/cycle required'],
    ],
    [
      'a payee with two cycles, and none',
      payeeCycles({ payees: ['s-1'], cycle: daily }, { payees: ['s-1', 's 2', 3], cycle: daily }),
      ['0', '1', '2'].map((index) => `/supplier/payeeCycles/1/payees/${index} bad-value`),
    ],
    [
      'more groups than a plan has',
      payeeCycles(
        ...Array.from({ length: 21 }, (_, index) => ({ payees: [`s-${index}`], cycle: daily })),
      ),
      ['/supplier/payeeCycles bad-value'],
    ],
    [
      'a team that has no cycle of a payee',
      { teamReward: { tiers: [{ from: '0', rate: '0' }], payeeCycles: [] } },
      ['/teamReward/payeeCycles unknown-key'],
    ],
    [
      'a holiday that does nothing known',
      { supplier: { onHoliday: 'skip' } },
      ['/supplier/onHoliday bad-value'],
    ],
    ['a calendar of nothing', calendar(3), ['/calendar wrong-type']],
    ['days off no list', calendar({ holidays: '2026-10-01' }), ['/calendar/holidays wrong-type']],
    [
      'a day that is not',
      calendar({ holidays: ['2026-02-29'] }),
      ['/calendar/holidays/0 bad-value'],
    ],
    [
      'a day off that is worked on',
      calendar({ holidays: ['2026-10-10'], workdays: ['2026-10-10'] }),
      ['/calendar/workdays bad-value'],
    ],
    [
      'more days off than a calendar has',
      calendar({ workdays: Array.from({ length: 501 }, () => '2026-10-10') }),
      ['/calendar/workdays bad-value'],
    ],
    ['no object', 'plan', [' wrong-type']],
    ['nothing in it', {}, [' no-part']],
    ['only a fee', { platformFee: { rate: '0.1' } }, [' no-part']],
    [
      'unknown keys',
      { supplier: { 'a/b': 1 }, x: 1 },
      ['/x unknown-key', '/supplier/a~1b unknown-key'],
    ],
    ['a JSON number', commission([{ rate: 0.3 }]), ['/commission/levels/0/rate wrong-type']],
    ['a percent sign', commission([{ rate: '30%' }]), ['/commission/levels/0/rate bad-rate']],
    ['a negative rate', commission([{ rate: '-0.3' }]), ['/commission/levels/0/rate bad-rate']],
    ['seven digits', commission([{ rate: '0.1234567' }]), ['/commission/levels/0/rate bad-rate']],
    ['more than 1', commission([{ rate: '1.01' }]), ['/commission/levels/0/rate rate-above-one']],
    ['no rate', commission([{}]), ['/commission/levels/0/rate required']],
    ['no levels', { commission: {} }, ['/commission/levels required']],
    ['empty levels', commission([]), ['/commission/levels bad-value']],
    ['levels no list', commission({}), ['/commission/levels wrong-type']],
    [
      'deep levels',
      commission(Array(4).fill({ rate: '0.1' })),
      ['/commission/levels too-many-levels'],
    ],
    [
      'a bad basis',
      commission([{ rate: '0.1' }], { basis: 'net' }),
      ['/commission/basis bad-value'],
    ],
    ['a bad rounding', { supplier: {}, rounding: 'up' }, ['/rounding bad-value']],
    ['half a day', { supplier: {}, returnWindowDays: 0.5 }, ['/returnWindowDays bad-value']],
    ['negative days', { supplier: { delayDays: -1 } }, ['/supplier/delayDays bad-value']],
    ['a bad amount', { supplier: { minPayout: '0.101' } }, ['/supplier/minPayout bad-decimal']],
    [
      'a low minimum',
      { supplier: { minPayout: '0.09' } },
      ['/supplier/minPayout min-payout-too-low'],
    ],
    [
      'a minimum below what a batch pays',
      { supplier: { payVia: 'batch', minPayout: '0.99' } },
      ['/supplier/minPayout min-payout-too-low'],
    ],
    ['a way that nobody knows', { supplier: { payVia: 'cash' } }, ['/supplier/payVia bad-value']],
    [
      'min above max',
      { supplier: {}, platformFee: { rate: '0.1', min: '2.00', max: '1.00' } },
      ['/platformFee/min min-above-max'],
    ],
    ['a part that is null', { supplier: null }, ['/supplier wrong-type']],
    [
      'tiers from above 0',
      tiers({ from: '1.00', rate: '0.1' }),
      ['/teamReward/tiers/0/from bad-tiers'],
    ],
    [
      'tiers that stand still',
      tiers({ from: '0', rate: '0' }, { from: '5.00', rate: '0.1' }, { from: '5', rate: '0.2' }),
      ['/teamReward/tiers/2/from bad-tiers'],
    ],
    ['a tier without rate', tiers({ from: '0' }), ['/teamReward/tiers/0/rate required']],
    ['no tiers', tiers(), ['/teamReward/tiers bad-tiers']],
    [
      'a cycle of hours',
      cycle({ every: 'hour', at: '02:00' }),
      ['/supplier/cycle/every bad-cycle'],
    ],
    [
      'a week without a day',
      cycle({ every: 'week', at: '02:00' }),
      ['/supplier/cycle/on bad-cycle'],
    ],
    ['day 29', cycle({ every: 'month', on: 29, at: '02:00' }), ['/supplier/cycle/on bad-cycle']],
    [
      'day on monday',
      cycle({ every: 'day', on: 'monday', at: '02:00' }),
      ['/supplier/cycle/on bad-cycle'],
    ],
    ['a bad time', cycle({ every: 'day', at: '24:00' }), ['/supplier/cycle/at bad-cycle']],
    ['an unknown currency', { supplier: {}, currency: 'RMB' }, ['/currency bad-currency']],
  ])('refuses %s', (_, document, expected) => {
    expect(said(document)).toEqual(expected);
  });

  it.each<[string, object]>([
    ['fixed', { fixed: '2.00' }],
    ['rated', { rate: '0.1' }],
    [
      'tiered',
      {
        tiers: [
          { from: '0', rate: '0.1' },
          { from: '100.00', fixed: '5.00' },
        ],
      },
    ],
    ['mixed', { rate: '0.1', fixed: '2.00', min: '1.00', max: '3.00' }],
    ['marginal', { tiers: [{ from: '0.00', rate: '0.1', fixed: '1.00' }], method: 'marginal' }],
  ])('R-RUL-2 reads a share that is %s and gives it back unchanged', (_, share) => {
    const { document } = accepted(readPlan(commission([share]), LIMITS));
    expect(document).toMatchObject({ commission: { levels: [share] } });
    expect(accepted(readPlan(document, LIMITS)).document).toEqual(document);
  });

  it.each([
    ['payee-level', '3', 3_000_000n],
    ['payee-month-volume', '5000.00', 500_000n],
    ['payee-refund-rate', '0.05', 50_000n],
  ])('R-RUL-6 reads a rate that follows %s', (by, from, threshold) => {
    const tiers = [
      { from: '0', rate: '0.1' },
      { from, rate: '0.2' },
    ];
    const { plan, document } = accepted(readPlan(commission([{ rate: { by, tiers } }]), LIMITS));
    expect(document).toMatchObject({ commission: { levels: [{ rate: { by, tiers } }] } });
    expect(plan.commission?.levels[0]?.rate).toEqual({
      kind: 'dynamic',
      by,
      tiers: [
        { from: 0n, ratePpm: 100_000n },
        { from: threshold, ratePpm: 200_000n },
      ],
    });
  });

  it('R-RUL-4 reads conditions', () => {
    const given = {
      supplier: {},
      conditions: [
        { for: 'commission', when: 'order-amount', atLeast: '10.00' },
        { for: 'supplier', when: 'payee-task', task: 'kyc' },
      ],
    };
    const { plan, document } = accepted(readPlan(given, LIMITS));
    expect(plan.conditions).toEqual([
      { for: 'commission', when: 'order-amount', atLeastMinor: 1_000n },
      { for: 'supplier', when: 'payee-task', task: 'kyc' },
    ]);
    expect(document).toMatchObject(given);
  });

  it('R-ALI-2 R-ALI-3 R-RUL-4 pays by each way what it can pay', () => {
    const split = accepted(readPlan({ supplier: { payVia: 'royalty' } }, LIMITS));
    expect(split.plan.supplier).toMatchObject({ payVia: 'royalty', minPayoutMinor: 1n });
    const { plan, document } = accepted(
      readPlan(
        { supplier: { payVia: 'batch' }, commission: { levels: [{ rate: '0.1' }] } },
        LIMITS,
      ),
    );
    expect(plan.supplier).toMatchObject({ payVia: 'batch', minPayoutMinor: 100n });
    expect(plan.commission).toMatchObject({ payVia: 'transfer', minPayoutMinor: 10n });
    expect(accepted(readPlan(document, LIMITS)).plan).toEqual(plan);
  });

  it.each<[string, unknown, string[]]>([
    ['another currency', { supplier: {}, currency: 'USD' }, ['/currency not-yet-supported']],
  ])('says what is not available yet: %s', (_, document, expected) => {
    expect(said(document)).toEqual(expected);
  });

  it('R-RUL-1 lesson 23: two percent are 0.02; a fee of 2 is refused, and not taken for 200 %', () => {
    expect(said({ supplier: {}, platformFee: { rate: '2' } })).toEqual([
      '/platformFee/rate rate-above-one',
    ]);
    expect(said({ supplier: {}, platformFee: { rate: '0.02' } })).toEqual([]);
  });

  it('says everything at once, in both languages', () => {
    const reading = readPlan(
      { commission: { levels: [{ rate: '2' }, { rate: 'x' }], payVia: 'cash' } },
      LIMITS,
    );
    expect(reading.kind === 'refused' && reading.problems).toEqual([
      expect.objectContaining({ pointer: '/commission/levels/0/rate', code: 'rate-above-one' }),
      expect.objectContaining({ pointer: '/commission/levels/1/rate', code: 'bad-rate' }),
      expect.objectContaining({ pointer: '/commission/payVia', code: 'bad-value' }),
    ]);
    for (const problem of reading.kind === 'refused' ? reading.problems : []) {
      expect(problem.message).toMatch(/\.$/);
      expect(problem.messageZh).toMatch(/。$/);
    }
  });

  it('cuts foreign text off', () => {
    const reading = readPlan({ currency: 'x'.repeat(5_000), supplier: {} }, LIMITS);
    expect(reading.kind === 'refused' && reading.problems[0]?.message.length).toBeLessThan(200);
  });
});
