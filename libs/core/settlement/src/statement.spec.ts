import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minor } from '@qingfen/money';
import { readPlan, type Plan } from '@qingfen/core-plan';
import {
  netStatement,
  nextRuns,
  outBizNoOf,
  outBizNoText,
  payoutGivenBackLegs,
  payoutIdOf,
  payoutIdText,
  payoutReturnedLegs,
  payoutSucceededLegs,
  runAudience,
  runsDue,
  statementIdOf,
  statementIdText,
  statementIssuedLegs,
} from './index.js';
import { sumsOf } from './ledger.fixture.js';

const terms = (max: bigint, least = 10n) => ({
  minPayoutMinor: minor(least),
  transferMaxMinor: minor(max),
  wayMinimumMinor: minor(10n),
});

describe('R-RUL-4 netting what a payee is owed', () => {
  const parts = (sums: bigint[], max: bigint, least?: bigint): bigint[] | string => {
    const made = netStatement(sums.map(minor), terms(max, least));
    return made.kind === 'carried' ? `carried ${made.netMinor}` : [...made.partsMinor];
  };

  it.each<[bigint[], bigint, bigint[] | string]>([
    [[], 100n, 'carried 0'],
    [[9n], 100n, 'carried 9'],
    [[50n, -50n], 100n, 'carried 0'],
    [[50n, -70n], 100n, 'carried -20'],
    [[10n], 100n, [10n]],
    [[60n, 40n], 100n, [100n]],
    [[150n], 100n, [100n, 50n]],
    [[200n], 100n, [100n, 100n]],
    [[105n], 100n, [95n, 10n]],
    [[201n], 100n, [100n, 91n, 10n]],
    [[210n], 100n, [100n, 100n, 10n]],
  ])('R-REF-3 %j with at most %s a payout', (sums, max, expected) => {
    expect(parts(sums, max)).toEqual(expected);
  });

  it('R-RUL-4 lesson 40: a higher minimum carries', () => {
    expect(parts([99n], 1_000n, 100n)).toBe('carried 99');
    expect(parts([100n], 1_000n, 100n)).toEqual([100n]);
    expect(parts([9n], 1_000n, 1n)).toBe('carried 9'); // the way cannot pay it, whatever the plan
  });

  it('nothing is carried, even where no minimum holds it back', () => {
    const free = { ...terms(100n, 0n), wayMinimumMinor: minor(0n) };
    expect(netStatement([], free)).toEqual({ kind: 'carried', netMinor: 0n });
    expect(netStatement([minor(1n)], free)).toMatchObject({ kind: 'stated', partsMinor: [1n] });
  });

  it('as few parts as possible, all within bounds, adding up', () => {
    const sums = fc.array(fc.bigInt({ min: -5_000n, max: 20_000n }), { maxLength: 8 });
    fc.assert(
      fc.property(sums, fc.bigInt({ min: 20n, max: 9_000n }), (amounts, max) => {
        const net = amounts.reduce((sum, one) => sum + one, 0n);
        const made = netStatement(amounts.map(minor), terms(max));
        if (made.kind === 'carried') return net < 10n && made.netMinor === net;
        const fewest = (net + max - 1n) / max;
        return (
          made.partsMinor.reduce<bigint>((sum, part) => sum + part, 0n) === net &&
          made.partsMinor.every((part) => part >= 10n && part <= max) &&
          BigInt(made.partsMinor.length) === fewest
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('stops at a greatest payout that leaves no room', () => {
    expect(() => netStatement([minor(100n)], terms(15n))).toThrow('room');
  });
});

describe('derived ids', () => {
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  const key = {
    shopId: 'shop-1',
    currency: 'CNY',
    kind: 'commission' as const,
    period: '2026-01-05T02:00:00+08:00',
    payeeId: 'd-1',
  };

  it('are hashes of what they name', () => {
    const statement = statementIdText(key);
    expect(statement).toBe('shop-1|CNY|commission|2026-01-05T02:00:00+08:00|d-1');
    expect(payoutIdText({ ...key, part: 1 })).toBe(`${statement}|1`);
    expect(statementIdOf(sha(statement))).toMatch(/^st_[0-9a-f]{26}$/);
    const payoutId = payoutIdOf(sha(`${statement}|1`));
    expect(payoutId).toMatch(/^po_[0-9a-f]{26}$/);
    expect(outBizNoText({ shopId: 'shop-1', payoutId })).toBe(`shop-1|${payoutId}`);
    expect(outBizNoOf(sha('x'))).toMatch(/^QF[0-9a-f]{30}$/);
  });

  it('cannot be made to collide by a bar', () => {
    expect(() => statementIdText({ ...key, shopId: 'a|b' })).toThrow('bar');
    expect(() => payoutIdText({ ...key, part: 0 })).toThrow('from 1');
    expect(() => payoutIdOf('abc')).toThrow('64');
  });
});

describe('ledger of a payout', () => {
  const fact = {
    kind: 'supplier' as const,
    payeeId: 's-1',
    amountMinor: minor(100n),
    withheldMinor: minor(0n),
  };

  it('R-SUP-1 stated and paid: the debt is gone and so is the cash', () => {
    expect(sumsOf(statementIssuedLegs(fact), payoutSucceededLegs(fact.amountMinor))).toEqual({
      'payable:supplier:s-1': 100n,
      'alipay-cash': -100n,
    });
  });

  it('R-FAI-1 failed, cancelled or returned: it is owed as before', () => {
    const issued = statementIssuedLegs(fact);
    expect(sumsOf(issued, payoutGivenBackLegs(fact))).toEqual({});
    const paid = payoutSucceededLegs(fact.amountMinor);
    expect(sumsOf(issued, paid, payoutReturnedLegs(fact))).toEqual({});
  });

  it('nothing is never moved', () => {
    expect(() => payoutSucceededLegs(minor(0n))).toThrow('more than nothing');
  });
});

describe('R-RUL-3 runs that are due', () => {
  const planOf = (document: object): Plan => {
    const reading = readPlan(document, { levelsMax: 3 });
    if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
    return reading.plan;
  };
  const version = (number: number, from: string, plan: Plan) => ({
    version: number,
    publishedAt: new Date(from),
    effectiveFrom: new Date(from),
    plan,
  });
  const daily = planOf({ supplier: { cycle: { every: 'day', at: '02:00' } } });
  const weekly = planOf({ supplier: {} });
  const none = planOf({ commission: { levels: [{ rate: '0.1' }] } });
  const range = {
    after: new Date('2026-01-01T00:00:00+08:00'),
    until: new Date('2026-01-20T00:00:00+08:00'),
  };
  const due = (versions: ReturnType<typeof version>[]): string[] =>
    runsDue(versions, 'supplier', 'Asia/Shanghai', range).map(
      (run) => `${run.period.slice(0, 10)} v${run.version.version}`,
    );

  it('R-RUL-5 follow the version in force at their cutoff', () => {
    const versions = [
      version(1, '2026-01-01T12:00:00+08:00', daily),
      version(2, '2026-01-04T12:00:00+08:00', weekly),
    ];
    const expected = ['02 v1', '03 v1', '04 v1', '05 v2', '12 v2', '19 v2'];
    expect(due(versions)).toEqual(expected.map((day) => `2026-01-${day}`));
    expect(due(versions.toReversed())).toEqual(due(versions));
  });

  it('R-RUL-5 ask who is in force at the cutoff, not when the run is scheduled', () => {
    const versions = [
      version(1, '2026-01-01T12:00:00+08:00', daily),
      version(2, '2026-01-05T01:00:00+08:00', weekly),
    ];
    const expected = ['02 v1', '03 v1', '04 v1', '05 v1', '12 v2', '19 v2'];
    expect(due(versions)).toEqual(expected.map((day) => `2026-01-${day}`));
  });

  it('go on for a kind that a later version lacks', () => {
    const versions = [
      version(1, '2026-01-01T12:00:00+08:00', weekly),
      version(2, '2026-01-06T12:00:00+08:00', none),
    ];
    expect(due(versions)).toEqual(['2026-01-05 v1', '2026-01-12 v1', '2026-01-19 v1']);
  });

  it('the next one is found behind a version that begins far off', () => {
    const versions = [version(1, '2026-06-01T12:00:00+08:00', weekly)];
    const next = nextRuns(versions, 'supplier', 'Asia/Shanghai', range.after);
    expect(next.map(({ period }) => period)).toEqual(['2026-06-08T02:00:00+08:00']);
    expect(nextRuns(versions, 'team-reward', 'Asia/Shanghai', range.after)).toEqual([]);
  });

  const october = {
    after: new Date('2026-09-30T12:00:00+08:00'),
    until: new Date('2026-10-13T00:00:00+08:00'),
  };
  const calendar = {
    holidays: ['01', '02', '03', '04', '05', '06', '07'].map((day) => `2026-10-${day}`),
    workdays: ['2026-10-10'],
  };
  const dueInOctober = (supplier: object): string[] =>
    runsDue(
      [version(1, '2026-01-01T12:00:00+08:00', planOf({ supplier, calendar }))],
      'supplier',
      'Asia/Shanghai',
      october,
    ).map(
      ({ period, dueAt, cycles }) =>
        `${period.slice(5, 16)} on ${dueAt.toISOString().slice(5, 16)} by ${cycles.join(' ')}`,
    );

  it('of the runs that a holiday moves onto one day the last remains', () => {
    const daily = { cycle: { every: 'day', at: '10:00' }, onHoliday: 'next-business-day' };
    expect(dueInOctober(daily)).toEqual([
      '10-08T10:00 on 10-08T02:00 by 0',
      '10-09T10:00 on 10-09T02:00 by 0',
      '10-10T10:00 on 10-10T02:00 by 0',
      '10-12T10:00 on 10-12T02:00 by 0',
    ]);
    const onMondays = { onHoliday: 'next-business-day' };
    expect(dueInOctober(onMondays)).toEqual([
      '10-05T02:00 on 10-07T18:00 by 0',
      '10-12T02:00 on 10-11T18:00 by 0',
    ]);
    expect(dueInOctober({})).toEqual([
      '10-05T02:00 on 10-04T18:00 by 0',
      '10-12T02:00 on 10-11T18:00 by 0',
    ]);
  });

  it('payees with another cycle have runs of their own, and share those of one instant', () => {
    const group = (payees: string[], cycle: object): object => ({ payees, cycle });
    const supplier = {
      payeeCycles: [
        group(['s-1', 's-2'], { every: 'week', on: 'thursday', at: '02:00' }),
        group(['s-3'], { every: 'day', at: '02:00' }),
      ],
    };
    const runs = dueInOctober(supplier);
    expect(runs).toHaveLength(12);
    expect(runs).toContain('10-01T02:00 on 09-30T18:00 by 1 2');
    expect(runs).toContain('10-05T02:00 on 10-04T18:00 by 0 2');
    expect(runs).toContain('10-06T02:00 on 10-05T18:00 by 2');
    const terms = planOf({ supplier }).supplier;
    if (terms === undefined) throw new Error('the plan has a supplier');
    expect(runAudience(terms, [1, 2])).toEqual({ kind: 'only', payeeIds: ['s-1', 's-2', 's-3'] });
    expect(runAudience(terms, [2])).toEqual({ kind: 'only', payeeIds: ['s-3'] });
    expect(runAudience(terms, [0, 2])).toEqual({ kind: 'except', payeeIds: ['s-1', 's-2'] });
  });
});
