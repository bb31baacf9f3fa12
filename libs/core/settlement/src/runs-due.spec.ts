import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { isInAudience, nextRuns, runAudience, runsDue } from './index.js';

const SHANGHAI = 'Asia/Shanghai';

function planOf(document: object): Plan {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

const version = (number: number, from: string, document: object) => ({
  version: number,
  publishedAt: new Date(from),
  effectiveFrom: new Date(from),
  plan: planOf(document),
});
type Version = ReturnType<typeof version>;

const LONG_AGO = '2025-01-01T00:00:00+08:00';
const at = (text: string): Date => new Date(`2026-${text}+08:00`);
const supplier = (every: object, more: object = {}): object => ({
  supplier: { cycle: every, ...more },
});
const daily = (time: string): object => ({ every: 'day', at: time });

const due = (versions: readonly Version[], after: string, until: string): string[] =>
  runsDue(versions, 'supplier', SHANGHAI, { after: at(after), until: at(until) }).map(
    (run) =>
      `${run.period.slice(5, 16)} v${run.version.version} by ${run.cycles.join(' ')} ` +
      `to ${run.cutoff.toISOString().slice(5, 16)}`,
  );

describe('R-RUL-3 two cycles that name one instant', () => {
  it('the later cutoff stands, whichever version is asked first', () => {
    // On the 31st both versions have a run at 23:30: the daily one cuts at midnight, the monthly
    // one at the run itself, when the new version is in force.
    const versions = [
      version(1, LONG_AGO, supplier(daily('23:30'))),
      version(
        2,
        '2026-01-31T12:00:00+08:00',
        supplier({
          every: 'month',
          on: 'last-day',
          at: '23:30',
        }),
      ),
    ];
    const expected = ['01-30T23:30 v1 by 0 to 01-29T16:00', '01-31T23:30 v2 by 0 to 01-31T15:30'];
    expect(due(versions, '01-30T00:00:00', '02-02T00:00:00')).toEqual(expected);
    expect(due(versions.toReversed(), '01-30T00:00:00', '02-02T00:00:00')).toEqual(expected);
  });

  it('of one version are one run of both, with the later cutoff', () => {
    const monthly = { every: 'month', on: 'last-day', at: '23:30' };
    const payeeCycles = [{ payees: ['s-1'], cycle: monthly }];
    const one = [version(1, LONG_AGO, supplier(daily('23:30'), { payeeCycles }))];
    expect(due(one, '01-31T00:00:00', '02-01T00:00:00')).toEqual([
      '01-31T23:30 v1 by 0 1 to 01-31T15:30',
    ]);
    const turned = [{ payees: ['s-1'], cycle: daily('23:30') }];
    const two = [version(1, LONG_AGO, supplier(monthly, { payeeCycles: turned }))];
    expect(due(two, '01-31T00:00:00', '02-01T00:00:00')).toEqual([
      '01-31T23:30 v1 by 0 1 to 01-31T15:30',
    ]);
  });

  it('come in the order in which they take place', () => {
    const payeeCycles = [{ payees: ['s-1'], cycle: daily('01:00') }];
    const one = [version(1, LONG_AGO, supplier(daily('02:00'), { payeeCycles }))];
    const periods = due(one, '01-05T00:00:00', '01-06T12:00:00').map((text) => text.slice(0, 11));
    expect(periods).toEqual(['01-05T01:00', '01-05T02:00', '01-06T01:00', '01-06T02:00']);
  });

  it('come in the order in which they were scheduled where a day off moved them together', () => {
    const monthly = { every: 'month', on: 3, at: '02:00' };
    const payeeCycles = [
      { payees: ['s-1'], cycle: monthly },
      { payees: ['s-2'], cycle: { every: 'month', on: 1, at: '02:00' } },
    ];
    const holidays = ['2026-10-01', '2026-10-02', '2026-10-05'];
    const document = supplier(
      { every: 'week', on: 'sunday', at: '02:00' },
      { payeeCycles, onHoliday: 'next-business-day' },
    );
    const one = [version(1, LONG_AGO, { ...document, calendar: { holidays } })];
    const periods = due(one, '10-05T00:00:00', '10-07T00:00:00').map((text) => text.slice(0, 11));
    expect(periods).toEqual(['10-01T02:00', '10-03T02:00', '10-04T02:00']);
  });

  it('a plan without a calendar has Saturdays and Sundays off, where its runs heed days off', () => {
    const sundays = { every: 'week', on: 'sunday', at: '02:00' };
    const runs = (onHoliday: string): string[] =>
      runsDue([version(1, LONG_AGO, supplier(sundays, { onHoliday }))], 'supplier', SHANGHAI, {
        after: at('01-03T00:00:00'),
        until: at('01-08T00:00:00'),
      }).map(({ dueAt }) => dueAt.toISOString());
    expect(runs('run')).toEqual(['2026-01-03T18:00:00.000Z']);
    expect(runs('next-business-day')).toEqual(['2026-01-04T18:00:00.000Z']);
  });
});

describe('R-RUL-3 whom a run is for', () => {
  it('payees without a cycle of their own have the part’s', () => {
    const only = { kind: 'only', payeeIds: ['s-1'] } as const;
    const except = { kind: 'except', payeeIds: ['s-1'] } as const;
    expect([isInAudience(only, 's-1'), isInAudience(only, 's-2')]).toEqual([true, false]);
    expect([isInAudience(except, 's-1'), isInAudience(except, 's-2')]).toEqual([false, true]);
    const terms = planOf(supplier(daily('02:00'))).supplier;
    if (terms === undefined) throw new Error('the plan has a supplier');
    expect(runAudience(terms, [0])).toEqual({ kind: 'except', payeeIds: [] });
  });
});

describe('R-RUL-3 the runs that come next', () => {
  const next = (versions: readonly Version[], after: Date): string[] =>
    nextRuns(versions, 'supplier', SHANGHAI, after).map(
      ({ period, version: { version: number } }) => `${period.slice(0, 16)} v${number}`,
    );

  it('are all those of one instant, near or far', () => {
    const after = at('01-05T03:00:00');
    expect(next([version(1, LONG_AGO, supplier(daily('02:00')))], after)).toEqual([
      '2026-01-06T02:00 v1',
    ]);
    expect(
      next([version(1, LONG_AGO, supplier({ every: 'week', on: 'monday', at: '02:00' }))], after),
    ).toEqual(['2026-01-12T02:00 v1']);
    const monthly = supplier({ every: 'month', on: 5, at: '02:00' });
    expect(next([version(1, LONG_AGO, monthly)], after)).toEqual(['2026-02-05T02:00 v1']);
    expect(next([], after)).toEqual([]);
  });

  it('are found behind versions that begin later, the earliest first', () => {
    const late = [
      version(2, '2026-09-01T00:00:00+08:00', supplier(daily('03:00'))),
      version(1, '2026-06-01T00:00:00+08:00', supplier(daily('02:00'))),
    ];
    expect(next(late, at('01-05T03:00:00'))).toEqual(['2026-06-01T02:00 v1']);
    expect(next(late, at('06-01T00:00:00'))).toEqual(['2026-06-01T02:00 v1']);
    expect(next(late, at('08-31T12:00:00'))).toEqual(['2026-09-01T03:00 v2']);
  });

  it('leave out what comes after the first instant, and have every run of that one', () => {
    const payeeCycles = [{ payees: ['s-1'], cycle: daily('03:00') }];
    const two = version(1, LONG_AGO, supplier(daily('02:00'), { payeeCycles }));
    expect(next([two], at('01-05T02:00:00'))).toEqual(['2026-01-05T03:00 v1']);
    const together = version(1, LONG_AGO, {
      supplier: {
        cycle: { every: 'week', on: 'sunday', at: '02:00' },
        onHoliday: 'next-business-day',
        payeeCycles: [{ payees: ['s-1'], cycle: { every: 'week', on: 'monday', at: '02:00' } }],
      },
    });
    expect(next([together], at('01-03T12:00:00'))).toEqual([
      '2026-01-04T02:00 v1',
      '2026-01-05T02:00 v1',
    ]);
  });
});
