import { describe, expect, it } from '@jest/globals';

import { dayAfter, isLastOfMonth, isMonday } from './days.js';
import type { ReferenceKind, ReferencePlan, ReferenceVersion } from './plan-in-force.js';
import { isRunFor, type ReferenceRun, runsOfKind } from './schedule.js';
import { shanghai } from './shanghai.js';
import { zoneNamed } from './zone.js';

const levels = [{ rate: '0.30' }];

function versionOf(plan: ReferencePlan, effectiveFrom = '2010-12-01T00:00:00+08:00', version = 1) {
  return { shopId: 's', version, effectiveFrom, plan } satisfies ReferenceVersion;
}

function runsOf(
  versions: ReferenceVersion | readonly ReferenceVersion[],
  kind: ReferenceKind,
  span: { readonly after: string; readonly until: string; readonly zone?: string },
): readonly ReferenceRun[] {
  const { after, until, zone } = span;
  return runsOfKind([versions].flat(), 's', {
    kind,
    afterMs: Date.parse(after),
    untilMs: Date.parse(until),
    zone: zone === undefined ? shanghai : zoneNamed(zone),
  });
}

const textOf = ({ period, cutoffMs, dueMs }: ReferenceRun): string =>
  [period, shanghai.textOf(cutoffMs), shanghai.textOf(dueMs)]
    .map((text) => text.slice(5, 16))
    .join(' ');

describe('days of the reference', () => {
  it('follow each other, some of them Mondays and ends of months', () => {
    expect(dayAfter('2011-02-28')).toBe('2011-03-01');
    expect(['2010-12-06', '2010-12-13', '2011-01-10'].every(isMonday)).toBe(true);
    expect(['2010-12-05', '2010-12-07'].some(isMonday)).toBe(false);
    expect(['2010-12-31', '2011-02-28', '2011-04-30'].every(isLastOfMonth)).toBe(true);
    expect(isLastOfMonth('2011-04-29')).toBe(false);
  });
});

describe('runsOfKind', () => {
  it('R-RUL-3 schedules the usual cycles, the monthly one cut at its own instant', () => {
    const usual = versionOf({ commission: { levels }, supplier: {}, teamReward: { tiers: [] } });
    const span = { after: '2011-01-31T00:00:00+08:00', until: '2011-02-01T02:00:00+08:00' };
    expect(runsOf(usual, 'commission', span).map(textOf)).toEqual([
      '01-31T02:00 01-31T00:00 01-31T02:00',
      '02-01T02:00 02-01T00:00 02-01T02:00',
    ]);
    expect(runsOf(usual, 'supplier', span).map(textOf)).toEqual([
      '01-31T02:00 01-31T00:00 01-31T02:00',
    ]);
    expect(runsOf(usual, 'team-reward', span).map(textOf)).toEqual([
      '01-31T23:30 01-31T23:30 01-31T23:30',
    ]);
  });

  it('R-RUL-3 moves a payment to the next day that is worked on; its name and cutoff stay', () => {
    const plan: ReferencePlan = {
      supplier: {
        cycle: { every: 'week', on: 'thursday', at: '02:00' },
        onHoliday: 'next-business-day',
      },
      // The week of the Spring Festival; Sunday 01-30 and Saturday 02-12 make up for it.
      calendar: {
        holidays: ['2011-02-02', '2011-02-03', '2011-02-04', '2011-02-07', '2011-02-08'],
        workdays: ['2011-01-30', '2011-02-12'],
      },
    };
    const span = { after: '2011-01-27T02:00:00+08:00', until: '2011-02-10T02:00:00+08:00' };
    expect(runsOf(versionOf(plan), 'supplier', span).map(textOf)).toEqual([
      '02-03T02:00 02-03T00:00 02-09T02:00',
      '02-10T02:00 02-10T00:00 02-10T02:00',
    ]);
  });

  it('R-RUL-3 leaves one run of those that a weekend moves onto one instant, and pays on a make-up day', () => {
    const plan: ReferencePlan = {
      commission: { levels, onHoliday: 'next-business-day' },
      calendar: { workdays: ['2011-01-30'] },
    };
    const span = { after: '2011-01-21T12:00:00+08:00', until: '2011-01-31T12:00:00+08:00' };
    const days = runsOf(versionOf(plan), 'commission', span).map(textOf);
    expect(days.slice(0, 2)).toEqual([
      '01-24T02:00 01-24T00:00 01-24T02:00',
      '01-25T02:00 01-25T00:00 01-25T02:00',
    ]);
    expect(days.slice(-2)).toEqual([
      '01-30T02:00 01-30T00:00 01-30T02:00',
      '01-31T02:00 01-31T00:00 01-31T02:00',
    ]);
  });

  it('R-RUL-3 gives payees with a cycle of their own runs that are for them alone, or shared', () => {
    const plan: ReferencePlan = {
      supplier: {
        cycle: { every: 'week', on: 'monday', at: '02:00' },
        payeeCycles: [
          { payees: ['daily'], cycle: { every: 'day', at: '02:00' } },
          { payees: ['monthly'], cycle: { every: 'month', on: 7, at: '02:00' } },
        ],
      },
    };
    const span = { after: '2011-02-05T12:00:00+08:00', until: '2011-02-08T02:00:00+08:00' };
    const runs = runsOf(versionOf(plan), 'supplier', span);
    const payees = ['daily', 'monthly', 'other'];
    const told = runs.map((run) => [textOf(run), payees.filter((each) => isRunFor(run, each))]);
    expect(told).toEqual([
      ['02-06T02:00 02-06T00:00 02-06T02:00', ['daily']],
      ['02-07T02:00 02-07T02:00 02-07T02:00', ['daily', 'monthly', 'other']],
      ['02-08T02:00 02-08T00:00 02-08T02:00', ['daily']],
    ]);
  });

  it('R-RUL-5 follows the version whose terms hold at the cutoff', () => {
    const first = versionOf({ supplier: {} });
    const later = versionOf(
      { supplier: { cycle: { every: 'week', on: 'thursday', at: '02:00' } } },
      '2011-03-02T12:00:00+08:00',
      2,
    );
    const span = { after: '2011-02-27T00:00:00+08:00', until: '2011-03-10T02:00:00+08:00' };
    expect(runsOf([first, later], 'supplier', span).map(textOf)).toEqual([
      '02-28T02:00 02-28T00:00 02-28T02:00',
      '03-03T02:00 03-03T00:00 03-03T02:00',
      '03-10T02:00 03-10T00:00 03-10T02:00',
    ]);
  });

  it('R-RUL-3 begins days where the shop is', () => {
    const plan: ReferencePlan = {
      supplier: { cycle: { every: 'week', on: 'sunday', at: '01:30' } },
    };
    const span = { after: '2011-03-20T02:00:00Z', until: '2011-04-03T02:00:00Z' };
    const runs = runsOf(versionOf(plan), 'supplier', { ...span, zone: 'Europe/London' });
    expect(runs.map(({ period, cutoffMs }) => [period, new Date(cutoffMs).toISOString()])).toEqual([
      ['2011-03-27T02:30:00+01:00', '2011-03-27T00:00:00.000Z'],
      ['2011-04-03T01:30:00+01:00', '2011-04-02T23:00:00.000Z'],
    ]);
  });
});
